package examples_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/nethttpmw"
)

// database stands for the game's own, which knows the tokens of its players.
type database map[string][]core.Token

func (d database) Tokens(_ context.Context, account string) ([]core.Token, error) {
	return append([]core.Token{}, d[account]...), nil
}

// One entitlement is sold by two stores, and the game knows its players' tokens.
func Example_twoStores() {
	fakeOne, one := openShop()
	fakePlay := googleplaytest.New(googleplaytest.Config{})
	google, err := googleplay.New(googleplay.Config{
		PackageName: fakePlay.PackageName(), ServiceAccountKey: fakePlay.ServiceAccountKey(),
		HTTPClient: &http.Client{Transport: fakePlay.RoundTripper()},
	})
	if err != nil {
		log.Fatal(err)
	}
	player := func(r *http.Request) string { return r.Header.Get("X-Player") }
	raid := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, _ := nethttpmw.From(r)
		fmt.Fprintln(w, "opened by", d.Product)
	})
	db, mux := database{}, http.NewServeMux()

	gate, err := core.New(core.Config{Stores: []core.Store{one, google}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip",
		onestore.Subscription("vip_monthly"),
		googleplay.Subscription("vip_monthly"))
	who := nethttpmw.TokenLookup(player, func(ctx context.Context, account string) ([]core.Token, error) {
		return db.Tokens(ctx, account) // each with Value, and Store: "onestore" or "googleplay"
	})
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, who)(raid))

	db["mina"] = []core.Token{{Value: fakeOne.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label("mina")), Store: "onestore"}}
	db["juno"] = []core.Token{{Value: fakePlay.Buy(googleplaytest.Subscription("vip_monthly"), googleplaytest.Label("juno")), Store: "googleplay"}}
	for _, player := range []string{"mina", "juno", "mallory"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, request(player, ""))
		if w.Code == http.StatusOK {
			fmt.Print(player, " ", w.Body)
		} else {
			fmt.Println(player, w.Code)
		}
	}
	// Output:
	// mina opened by onestore/subscription/vip_monthly
	// juno opened by googleplay/subscription/vip_monthly
	// mallory 403
}
