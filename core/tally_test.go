package core_test

import (
	"fmt"
	"testing"

	"github.com/skugate/skugate/core"
)

func TestDecisionsAreCountedByTheProductThatDecided(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	either := core.AnyOf(inApp("skin"), inApp("hat"))
	gate.Check(t.Context(), either, by("alice", "skin-1"))
	gate.Check(t.Context(), inApp("hat"), by("alice", "none-1"))
	gate.Check(t.Context(), either, core.Credentials{Account: "alice"})
	gate.Check(t.Context(), core.Product{Store: "nowhere", Kind: core.KindInApp, ID: "skin"}, by("alice", "skin-1"))
	for _, c := range []struct {
		store   core.StoreID
		product string
		outcome core.Outcome
		want    uint64
	}{
		{"shop", "skin", core.Granted, 1}, {"shop", "hat", core.Granted, 0}, {"shop", "hat", core.Denied, 1},
		{"shop", "skin", core.Denied, 1}, {"nowhere", "skin", core.Undetermined, 1},
	} {
		got := counted(gate, func(d core.DecisionCount) bool {
			return d.Store == c.store && d.Product == c.product && d.Outcome == c.outcome
		})
		if got != c.want {
			t.Errorf("%d decisions on %s of %s are %v, want %d", got, c.product, c.store, c.outcome, c.want)
		}
	}
}

func TestNoRequestMakesACounter(t *testing.T) {
	gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}}, newStore(sells(skin)))
	check := func(i int) {
		token := core.Token{Value: fmt.Sprint("none-", i), Product: fmt.Sprint("product-", i)}
		gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: fmt.Sprint("account-", i), Tokens: []core.Token{token}})
		gate.Check(t.Context(), inApp("skin"), by(fmt.Sprint("account-", i), fmt.Sprint("none-", i%100)))
		gate.Check(t.Context(), inApp("skin"), by(fmt.Sprint("account-", i), fmt.Sprint("skin-", i%100)))
	}
	for i := range 400 {
		check(i / 2) // each twice
	}
	before := len(gate.Stats().Decisions)
	for i := range 10_000 {
		check(i)
	}
	if after := len(gate.Stats().Decisions); after != before {
		t.Errorf("there were %d counters, and then %d: %v", before, after, gate.Stats().Decisions)
	}
}

// Requirements that are built by requests are a mistake that must not become an outage of the metrics.
func TestInventedProductsAreBounded(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	const checks, products = 3000, 1024
	for i := range checks {
		gate.Check(t.Context(), inApp(fmt.Sprint("product-", i)), core.Credentials{Account: "alice"})
	}
	if n := len(gate.Stats().Decisions); n != products {
		t.Errorf("there are %d counters, want %d", n, products)
	}
	if got := counted(gate, func(d core.DecisionCount) bool { return d.Product == "other" && d.Reason == core.ReasonTokenMissing }); got != checks-products+1 {
		t.Errorf("%d were counted as another product's, want %d", got, checks-products+1)
	}
	if got := counted(gate, all); got != checks {
		t.Errorf("%d were counted, want %d", got, checks)
	}
}

// Both together are bounded, too, and nothing is lost.
func TestInventedReasonsOfInventedProductsAreBounded(t *testing.T) {
	var reason core.Reason
	gate := open(t, core.Config{Rule: func(core.RuleInput) core.Verdict {
		return core.Verdict{Outcome: core.Denied, Reason: reason}
	}}, newStore(says(*skin(""))))
	const checks, most = 40_000, 16_384
	for i := range checks {
		reason = core.Reason(fmt.Sprint("reason-", i%500))
		gate.Check(t.Context(), inApp(fmt.Sprint("product-", i/500)), by("alice", fmt.Sprint("skin-", i/500)))
	}
	if n := len(gate.Stats().Decisions); n != most {
		t.Errorf("there are %d counters, want %d", n, most)
	}
	if got := counted(gate, all); got != checks {
		t.Errorf("%d were counted, want %d", got, checks)
	}
	if got := counted(gate, func(d core.DecisionCount) bool { return d.Reason == "other" }); got != checks-most+1 {
		t.Errorf("%d were counted as other, want %d", got, checks-most+1)
	}
}
