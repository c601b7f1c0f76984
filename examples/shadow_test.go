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

// A gate is switched on with evidence: in shadow it counts whom it would refuse, and refuses nobody.
func Example_shadow() {
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"))
	player := func(r *http.Request) string { return r.Header.Get("X-Player") }
	raids := nethttpmw.Require(gate, vip, nethttpmw.TokenHeader("X-Purchase-Token", player))(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the raid begins") }))

	token := fake.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label(gate.Label("mina")))
	serve := func() {
		for _, player := range []string{"mina", "mallory"} {
			w := httptest.NewRecorder()
			raids.ServeHTTP(w, request(player, token))
			fmt.Println(player, w.Code)
		}
	}

	if err := gate.SetMode(vip, core.Shadow()); err != nil {
		log.Fatal(err)
	}
	serve()
	for _, n := range gate.Stats().Decisions {
		if n.Mode == "shadow" && n.Outcome != core.Granted {
			fmt.Println("would not have been let in:", n.Count, n.Outcome, n.Reason)
		}
	}
	if err := gate.SetMode(vip, core.Normal()); err != nil {
		log.Fatal(err)
	}

	serve()
	// Output:
	// mina 200
	// mallory 200
	// would not have been let in: 1 denied account_mismatch
	// mina 200
	// mallory 403
}
