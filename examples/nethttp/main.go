// Command nethttp gates one route of a net/http server, in front of a fake ONE store in the same process.
package main

import (
	"fmt"
	"log"
	"net/http"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/nethttpmw"
)

func main() {
	fake := onestoretest.New(onestoretest.Config{})
	url, err := fake.Listen("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	store, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: url,
	})
	if err != nil {
		log.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"))

	player := func(r *http.Request) string { return r.Header.Get("X-Player") } // your own authentication
	who := nethttpmw.TokenHeader("X-Purchase-Token", player)

	mux := http.NewServeMux()
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, who)(http.HandlerFunc(raid)))
	if err := gate.Validate(vip); err != nil {
		log.Fatal(err)
	}

	token := fake.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label(gate.Label("mina")))
	fmt.Printf("curl -i -H 'X-Player: mina' -H 'X-Purchase-Token: %s' http://127.0.0.1:8080/raids/7\n", token)
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", mux))
}

func raid(w http.ResponseWriter, r *http.Request) {
	d, _ := nethttpmw.From(r)
	fmt.Fprintf(w, "raid %s, opened by %s\n", r.PathValue("id"), d.Product.ID)
}
