package examples_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/nethttpmw"
)

// The game's database fails once. The player asks again, and again, and gets the gems once.
func Example_redeem() {
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	ledger := redeem.NewMemoryLedger() // for a test only
	who := nethttpmw.TokenHeader("X-Purchase-Token", func(r *http.Request) string { return r.Header.Get("X-Player") })
	mux := http.NewServeMux()
	balance, seen, tries := 0, map[string]bool{}, 0
	add := func(id, _ string, amount int) error {
		if tries++; tries == 1 {
			return errors.New("the database is away")
		}
		if !seen[id] {
			seen[id] = true
			balance += amount
		}
		return nil
	}

	gems := onestore.InApp("gems_100").Consumable()
	redeemer, err := redeem.New(redeem.Config{Gate: gate, Ledger: ledger}) // state.Ledger(), or your own database
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("POST /gems", nethttpmw.Redeem(redeemer, gems, who)(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			redemption, _ := redeem.FromContext(r.Context())
			// in one transaction: insert the redemption's ID, which is unique, and add the gems
			if err := add(redemption.ID, redemption.Account, 100*redemption.Quantity); err != nil {
				http.Error(w, "not now", http.StatusServiceUnavailable) // the next request takes up here
			}
		})))

	token := fake.Buy(onestoretest.InApp("gems_100"), onestoretest.Label(gate.Label("mina")))
	for _, player := range []string{"mina", "mallory", "mina", "mina"} {
		r := httptest.NewRequest("POST", "/gems", nil)
		r.Header.Set("X-Player", player)
		r.Header.Set("X-Purchase-Token", token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(player, w.Code, "gems:", balance)
	}
	// Output:
	// mina 503 gems: 0
	// mallory 403 gems: 0
	// mina 200 gems: 100
	// mina 200 gems: 100
}
