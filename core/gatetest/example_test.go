package gatetest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/nethttpmw"
)

// A route of a game, tested without a market: who owns the product gets in, who does not is told so, and
// an outage is nobody's fault.
func ExampleStore() {
	vip := core.Product{Store: "onestore", Kind: core.KindSubscription, ID: "vip_monthly"}
	store := gatetest.NewStore("onestore")
	store.Put(vip, gatetest.Owned(vip, "token-of-mina", "mina"))
	store.Put(vip, gatetest.Lapsed(vip, "token-of-juno", "juno"))
	store.Fail(vip, "token-of-kim", &core.StoreError{Err: errors.New("maintenance")})
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	defer gate.Close(context.Background())

	player := func(r *http.Request) string { return r.Header.Get("X-Player") }
	route := nethttpmw.Require(gate, vip, nethttpmw.TokenHeader("X-Purchase-Token", player))(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the raid begins") }))

	for _, c := range []struct{ player, token string }{
		{"mina", "token-of-mina"}, {"mallory", "token-of-mina"}, {"juno", "token-of-juno"}, {"kim", "token-of-kim"}, {"lee", "made-up"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/raids", nil)
		r.Header.Set("X-Player", c.player)
		r.Header.Set("X-Purchase-Token", c.token)
		w := httptest.NewRecorder()
		route.ServeHTTP(w, r)
		fmt.Println(c.player, w.Code)
	}
	fmt.Println("look-ups:", store.Calls())
	// Output:
	// mina 200
	// mallory 403
	// juno 403
	// kim 503
	// lee 403
	// look-ups: 4
}
