package redeem_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/redeem"
)

// The game's own write fails once; the player asks again and gets the gems, once.
func ExampleRedeemer_Redeem() {
	gems := core.Product{Store: "shop", Kind: core.KindInApp, ID: "gems_100"}.Consumable()
	shop := gatetest.NewStore("shop") // onestore.New in a game
	shop.Put(gems, gatetest.Owned(gems, "token", "mina"))
	gate, err := core.New(core.Config{Stores: []core.Store{shop}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gate.Close(context.Background())
	redeemer, err := redeem.New(redeem.Config{Gate: gate, Ledger: redeem.NewMemoryLedger()}) // statefile, or the game's database
	if err != nil {
		fmt.Println(err)
		return
	}

	balance, granted := 0, map[string]bool{}
	deliver := func(_ context.Context, r redeem.Redemption) error {
		if !r.Resumed() {
			return errors.New("the database is away")
		}
		if !granted[r.ID] { // a unique index, in the same transaction
			granted[r.ID] = true
			balance += 100 * r.Quantity
		}
		return nil
	}
	for _, account := range []string{"mina", "mallory", "mina", "mina"} {
		_, err := redeemer.Redeem(context.Background(), gems, core.Credentials{Account: account, Token: "token"}, deliver)
		fmt.Println(account, balance, err)
	}
	// Output:
	// mina 0 redeem: not delivered: the database is away
	// mallory 0 redeem: denied: account_mismatch
	// mina 100 <nil>
	// mina 100 <nil>
}

// A handler that delivers, tested without a gate: NewContext puts the redemption where an adapter would.
func ExampleNewContext() {
	balance := 0
	addGems := func(w http.ResponseWriter, r *http.Request) {
		redemption, ok := redeem.FromContext(r.Context())
		if !ok {
			http.Error(w, "not behind Redeem", http.StatusInternalServerError)
			return
		}
		balance += 100 * redemption.Quantity
	}

	r := httptest.NewRequest("POST", "/gems", nil)
	w := httptest.NewRecorder()
	addGems(w, r)
	fmt.Println(w.Code, balance)
	w = httptest.NewRecorder()
	addGems(w, r.WithContext(redeem.NewContext(r.Context(), redeem.Redemption{ID: "r1", Quantity: 3})))
	fmt.Println(w.Code, balance)
	// Output:
	// 500 0
	// 200 300
}
