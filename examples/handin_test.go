package examples_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/handin"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/nethttpmw"
)

// A purchase is handed in once, and from then on its player needs no token.
func Example_handin() {
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"))
	player := func(r *http.Request) string { return r.Header.Get("X-Player") } // your own authentication
	raid := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the raid begins") })
	mux := http.NewServeMux()

	purchases, err := handin.New(handin.Config{
		Gate: gate, Account: player, Requirements: []core.Requirement{vip},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("/iap/", http.StripPrefix("/iap", purchases)) // POST /iap/purchases, GET /iap/entitlements
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, nethttpmw.Owned(player))(raid))

	token := fake.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label(gate.Label("mina")))
	send := func(player, method, path, body string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("X-Player", player)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(player, method, path, w.Code)
	}
	send("mina", "GET", "/raids/7", "")
	send("mallory", "POST", "/iap/purchases", `{"product":"vip_monthly","token":"`+token+`"}`)
	send("mina", "POST", "/iap/purchases", `{"product":"vip_monthly","token":"`+token+`"}`)
	send("mina", "GET", "/raids/7", "")
	send("mallory", "GET", "/raids/7", "")
	// Output:
	// mina GET /raids/7 403
	// mallory POST /iap/purchases 403
	// mina POST /iap/purchases 200
	// mina GET /raids/7 200
	// mallory GET /raids/7 403
}
