package core_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// paid is a subscription of a month whose last payment has the id.
func paid(token, id string) *core.Purchase {
	p := vip(token, 30*24*time.Hour)
	p.ID = id
	return p
}

func TestAVoidTakesBackWheneverTheFactsAreRead(t *testing.T) {
	void := core.Void{Store: "shop", Token: "vip-1"}
	for _, c := range []struct {
		name   string
		id     string // of the void
		last   string // payment that the store reports
		reason core.Reason
	}{
		{"the token", "", "order-2", core.ReasonVoided},
		{"its last payment", "order-2", "order-2", core.ReasonVoided},
		{"an older payment, which leaves the present one standing (row 25)", "order-1", "order-2", core.ReasonActive},
	} {
		outcome := core.Denied
		if c.reason == core.ReasonActive {
			outcome = core.Granted
		}
		bubble(c.name, t, func(t *testing.T) {
			void := void
			void.PurchaseID = c.id
			var m market
			m.set(0, sells(func(token string) *core.Purchase { return paid(token, c.last) }))
			gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, newStore(m.lookup))
			check := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")) }
			want(t, check(), core.Granted, core.ReasonActive)

			m.set(time.Second, sells(func(token string) *core.Purchase { return paid(token, c.last) }))
			time.Sleep(5*time.Minute + time.Second) // a refresh is under way
			want(t, check(), core.Granted, core.ReasonActive)
			if err := gate.Void(t.Context(), void); err != nil {
				t.Fatal(err)
			}
			want(t, check(), outcome, c.reason) // the fact from before
			time.Sleep(2 * time.Second)
			want(t, check(), outcome, c.reason) // the answer that arrived since
			for range 3 {                       // and each later one, for weeks
				time.Sleep(7 * 24 * time.Hour)
				want(t, check(), outcome, c.reason)
			}
			m.set(0, fails(errDown))
			time.Sleep(time.Hour)
			want(t, check(), outcome, c.reason) // and in an outage
		})
		bubble(c.name+", before anything was read", t, func(t *testing.T) {
			void := void
			void.PurchaseID = c.id
			gate := open(t, core.Config{}, newStore(sells(func(token string) *core.Purchase { return paid(token, c.last) })))
			for range 2 { // stores list a void for weeks
				if err := gate.Void(t.Context(), void); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")), outcome, c.reason)
			}
			want(t, gate.Check(t.Context(), subscription("vip"), by("bob", "vip-2")), core.Granted, core.ReasonActive)
		})
	}
}

// A refund of one month does not take the next one, which was paid for.
func TestARenewalAfterAVoidedPaymentGrants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(says(*paid("", "order-1")))
		gate := open(t, core.Config{}, store)
		check := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")) }
		want(t, check(), core.Granted, core.ReasonActive)
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "vip-1", PurchaseID: "order-1"}); err != nil {
			t.Fatal(err)
		}
		want(t, check(), core.Denied, core.ReasonVoided)
		store.script(says(*paid("", "order-2")))
		time.Sleep(5 * time.Minute)
		want(t, check(), core.Granted, core.ReasonActive)
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "vip-1", PurchaseID: "order-2"}); err != nil {
			t.Fatal(err)
		}
		want(t, check(), core.Denied, core.ReasonVoided)
	})
}

// Row 44: the list confirms what the shape of the answer suggests.
func TestARevokedSubscriptionIsCalledSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paid("", "order-1")
		p.ExpiresAt, p.Payment, p.AutoRenewing = time.Now().Add(-time.Minute), core.PaymentNone, false
		gate := open(t, core.Config{}, newStore(says(*p)))
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "vip-1", PurchaseID: "order-1"}); err != nil {
			t.Fatal(err)
		}
		want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")), core.Denied, core.ReasonRevoked)
	})
}

func TestAFaultyVoidAppliesNone(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	good := core.Void{Store: "shop", Token: "skin-1"}
	for name, bad := range map[string]core.Void{
		"no token":                            {Store: "shop"},
		"a token longer than any":             {Store: "shop", Token: strings.Repeat("1", 2000)},
		"a store that the gate does not have": {Store: "nowhere", Token: "skin-2"},
	} {
		err := gate.Void(t.Context(), good, bad)
		if err == nil || !strings.Contains(err.Error(), "void 1") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	if err := gate.Void(t.Context()); err != nil {
		t.Errorf("no voids at all: %v", err)
	}
}

// Voids are forgotten at last, but never while a fact from before them could still be used.
func TestWhenAVoidIsForgotten(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name   string
		usable time.Duration
		after  time.Duration
		reason core.Reason
	}{
		{"not after five weeks", 0, 35 * day, core.ReasonVoided},
		{"a day or two after", 0, 37 * day, core.ReasonOwned},
		{"not while facts live longer", 90 * day, 124 * day, core.ReasonVoided},
	} {
		bubble(c.name, t, func(t *testing.T) {
			gate := open(t, core.Config{Lifetimes: core.Lifetimes{Usable: c.usable}}, newStore(sells(skin)))
			void := func(token string) {
				t.Helper()
				if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: token}); err != nil {
					t.Fatal(err)
				}
			}
			void("skin-1")
			time.Sleep(c.after)
			void("skin-2") // which is when what is too old goes
			d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
			if d.Reason != c.reason {
				t.Errorf("got %v (%s), want %s", d.Outcome, d.Reason, c.reason)
			}
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-2")), core.Denied, core.ReasonVoided)
		})
	}
}

// Rows 41 to 43: a change of plan replaces the purchase before it once, and only when, the new one grants.
func TestAChangedPlanReplacesTheOneBefore(t *testing.T) {
	r := core.Entitlement("vip", subscription("basic"), subscription("plus"))
	successor := func(change func(*core.Purchase)) answer {
		return sells(func(token string) *core.Purchase {
			p := vip(token, 30*24*time.Hour)
			if strings.HasPrefix(token, "plus") {
				p.LinkedToken = "basic-1"
				change(p)
			}
			return p
		})
	}
	for _, c := range []struct {
		name     string
		change   func(*core.Purchase)
		new, old core.Reason
	}{
		{"the new one grants", func(*core.Purchase) {}, core.ReasonActive, core.ReasonSuperseded},
		{"the new one is a trial", func(p *core.Purchase) { p.Payment = core.PaymentFree }, core.ReasonTrial, core.ReasonSuperseded},
		{"the new one was never paid", func(p *core.Purchase) { p.Payment, p.ID = core.PaymentPending, "" }, core.ReasonPaymentPending, core.ReasonActive},
		{"the new one lapsed", func(p *core.Purchase) { p.ExpiresAt, p.AutoRenewing = time.Now().Add(-time.Hour), false }, core.ReasonExpired, core.ReasonActive},
		{"the new one names itself", func(p *core.Purchase) { p.LinkedToken = p.Token }, core.ReasonActive, core.ReasonActive},
	} {
		for _, oldFirst := range []bool{true, false} {
			bubble(fmt.Sprintf("%s, the old one in memory %v", c.name, oldFirst), t, func(t *testing.T) {
				store := newStore(successor(c.change))
				gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, store)
				check := func(token string) core.Decision { return gate.Check(t.Context(), r, by("alice", token)) }
				if oldFirst {
					want(t, check("basic-1"), core.Granted, core.ReasonActive)
				}
				is := func(when string) {
					t.Helper()
					if d := check("plus-1"); d.Reason != c.new {
						t.Errorf("%s the new one: %v (%s), want %s", when, d.Outcome, d.Reason, c.new)
					}
					if d := check("basic-1"); d.Reason != c.old {
						t.Errorf("%s the old one: %v (%s), want %s", when, d.Outcome, d.Reason, c.old)
					}
				}
				is("at first")
				time.Sleep(time.Hour)
				is("asked again")
			})
		}
	}
}

// A void that returned while reads were under way holds for whoever begins after.
func TestVoidsRaceWithReaders(t *testing.T) {
	gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}}, newStore(sells(skin)))
	var all sync.WaitGroup
	for i := range 200 {
		token := fmt.Sprint("skin-", i)
		for range 4 {
			all.Go(func() { gate.Check(t.Context(), inApp("skin"), by("alice", token)) })
		}
		all.Go(func() {
			if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: token}); err != nil {
				t.Error(err)
			}
			if d := gate.Check(t.Context(), inApp("skin"), by("alice", token)); d.Reason != core.ReasonVoided {
				t.Errorf("%v (%s) after the void", d.Outcome, d.Reason)
			}
		})
	}
	all.Wait()
}
