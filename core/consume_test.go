package core_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

// till is a store whose Consume does what the test says.
type till struct {
	*gatetest.Store
	consume func(context.Context) error
}

func (s till) Consume(ctx context.Context, p core.Product, token string) error {
	if s.consume == nil {
		return s.Store.Consume(ctx, p, token)
	}
	return s.consume(ctx)
}

// noTill is a store that cannot consume.
type noTill struct{ core.Store }

// inBubble runs a subtest on a clock of its own.
func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestConsume(t *testing.T) {
	coins := core.Product{Store: "shop", Kind: core.KindInApp, ID: "coins"}.Consumable()
	refused := func(r core.Reason) func(context.Context) error {
		return func(context.Context) error { return &core.StoreError{Fault: core.FaultTokenRefused, Reason: r} }
	}
	for _, test := range []struct {
		name    string
		product core.Product
		consume func(context.Context) error
		outcome core.Outcome
		reason  core.Reason
	}{
		{"a purchase that stands", coins, nil, core.Granted, core.ReasonUnconsumed},
		{"one that was consumed", coins, refused(core.ReasonConsumed), core.Denied, core.ReasonConsumed},
		{"one that was refunded", coins, refused(core.ReasonPurchaseCanceled), core.Denied, core.ReasonPurchaseCanceled},
		{"a store that fails", coins, func(context.Context) error { return errors.New("down") }, core.Undetermined, core.ReasonUpstreamUnavailable},
		{"a store that refuses us", coins, func(context.Context) error { return &core.StoreError{Fault: core.FaultMisconfigured} }, core.Undetermined, core.ReasonUpstreamMisconfigured},
		{"a store that panics", coins, func(context.Context) error { panic("boom") }, core.Undetermined, core.ReasonPanicked},
		{"a store that takes too long", coins, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, core.Undetermined, core.ReasonDeadline},
		{"a product that is not consumable", core.Product{Store: "shop", Kind: core.KindInApp, ID: "coins"}, nil, core.Undetermined, core.ReasonMisconfigured},
		{"a store that the gate does not have", coins.On("elsewhere"), nil, core.Undetermined, core.ReasonMisconfigured},
		{"a store that cannot", coins.On("plain"), nil, core.Undetermined, core.ReasonMisconfigured},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			shop := gatetest.NewStore("shop")
			shop.Put(coins, gatetest.Owned(coins, "t1", "mina"))
			g, err := core.New(core.Config{Stores: []core.Store{till{shop, test.consume}, noTill{gatetest.NewStore("plain")}}})
			if err != nil {
				t.Fatal(err)
			}
			who := core.Credentials{Account: "mina", Token: "t1"}
			if d := g.CheckToConsume(t.Context(), coins, who); !d.Granted() {
				t.Fatalf("before: %s, %v", d.Reason, d.Err)
			}
			if d := g.Consume(t.Context(), test.product, "t1"); d.Outcome != test.outcome || d.Reason != test.reason {
				t.Errorf("got %s, %s, %v", d.Outcome, d.Reason, d.Err)
			}
			asked := shop.Calls()
			want := core.ReasonUnconsumed
			if test.outcome == core.Granted {
				want = core.ReasonConsumed
			}
			if d := g.Check(t.Context(), coins, who); d.Reason != want {
				t.Errorf("afterwards: %s", d.Reason)
			}
			if again := shop.Calls() > asked; again != (test.reason != core.ReasonMisconfigured) {
				t.Errorf("the store was asked again: %v", again)
			}
			if err := g.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			if d := g.Consume(t.Context(), coins, "t1"); d.Reason != core.ReasonClosed {
				t.Errorf("closed: %s", d.Reason)
			}
		})
	}
}

func TestConsumeOfAGateThatWasNotMade(t *testing.T) {
	var g *core.Gate
	p := core.Product{Store: "shop", Kind: core.KindInApp, ID: "coins"}.Consumable()
	if d := g.Consume(t.Context(), p, "t1"); d.Outcome != core.Undetermined || d.Reason != core.ReasonMisconfigured {
		t.Errorf("got %s, %s", d.Outcome, d.Reason)
	}
	if d := g.CheckToConsume(t.Context(), p, core.Credentials{Account: "mina", Token: "t1"}); d.Outcome != core.Undetermined {
		t.Errorf("got %s", d.Outcome)
	}
	if g.CheckConsumable(p) == nil {
		t.Error("no error")
	}
}

func TestFailedConsumptionsOpenTheBreakerAndRefusedOnesDoNot(t *testing.T) {
	coins := core.Product{Store: "shop", Kind: core.KindInApp, ID: "coins"}.Consumable()
	shop := till{gatetest.NewStore("shop"), nil}
	shop.consume = func(context.Context) error {
		return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonConsumed}
	}
	for _, opens := range []bool{false, true} {
		g, err := core.New(core.Config{Stores: []core.Store{shop}, Guard: core.Guard{TripAfter: 3}})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			g.Consume(t.Context(), coins, "t1")
		}
		d := g.Consume(t.Context(), coins, "t1")
		if got := d.Reason == core.ReasonBreakerOpen; got != opens {
			t.Errorf("opened %v, want %v: %s", got, opens, d.Reason)
		}
		if opens && d.RetryAfter <= 0 {
			t.Error("it does not say when to come back")
		}
		shop.consume = func(context.Context) error { return errors.New("down") }
	}
}

func TestWhatIsCheckedToBeConsumedOwesNoAcknowledgement(t *testing.T) {
	coins := core.Product{Store: "shop", Kind: core.KindInApp, ID: "coins"}.Consumable()
	for _, consume := range []bool{true, false} {
		shop := gatetest.NewStore("shop")
		p := gatetest.Owned(coins, "t1", "mina")
		p.Acknowledgement = core.Unacknowledged
		shop.Put(coins, p)
		outbox := core.NewMemoryOutbox()
		g, err := core.New(core.Config{Stores: []core.Store{shop}, Outbox: outbox})
		if err != nil {
			t.Fatal(err)
		}
		check := g.CheckToConsume
		if !consume {
			check = func(ctx context.Context, p core.Product, c core.Credentials) core.Decision { return g.Check(ctx, p, c) }
		}
		for range 2 { // from the store, and from memory
			if d := check(t.Context(), coins, core.Credentials{Account: "mina", Token: "t1"}); !d.Granted() || d.AcknowledgeBy.IsZero() {
				t.Fatalf("got %s", d.Reason)
			}
		}
		for e := range outbox.Unsettled(t.Context()) {
			t.Errorf("to consume %v: %v", consume, e)
		}
	}
}

func TestACallerWhoLeavesAConsumptionSaysNothingOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		coins := core.Product{Store: "shop", Kind: core.KindInApp, ID: "coins"}.Consumable()
		shop := till{gatetest.NewStore("shop"), nil}
		shop.Put(coins, gatetest.Owned(coins, "t1", "mina"))
		leave := func() {}
		shop.consume = func(ctx context.Context) error { leave(); <-ctx.Done(); return ctx.Err() }
		g, err := core.New(core.Config{Stores: []core.Store{shop}, Guard: core.Guard{TripAfter: 2}})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			leave = cancel
			if d := g.Consume(ctx, coins, "t1"); d.Outcome != core.Undetermined {
				t.Errorf("got %s, %s", d.Outcome, d.Reason)
			}
		}
		if s := g.Stats().Stores[0]; s.BreakerOpened != 0 {
			t.Errorf("the breaker opened %d times", s.BreakerOpened)
		}
	})
}
