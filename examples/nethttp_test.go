package examples_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/nethttpmw"
)

func Example_nethttp() {
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip",
		onestore.Subscription("vip_monthly"),
		onestore.InApp("vip_forever"))

	player := func(r *http.Request) string { return r.Header.Get("X-Player") } // your own authentication
	who := nethttpmw.TokenHeader("X-Purchase-Token", player)

	mux := http.NewServeMux()
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, who)(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			d, _ := nethttpmw.From(r) // d.ExpiresAt, d.Product, d.Purchase, d.Source, d.Reason
			w.Write([]byte("opened by " + d.Product.ID + "\n"))
		})))
	if err := gate.Validate(); err != nil {
		log.Fatal(err)
	}

	token := fake.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label(gate.Label("mina")))
	for _, player := range []string{"mina", "mallory"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, request(player, token))
		fmt.Println(player, w.Code, w.Body)
	}
	// Output:
	// mina 200 opened by vip_forever
	//
	// mallory 403 {"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip_monthly","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}
}
