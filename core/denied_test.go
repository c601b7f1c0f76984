package core_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestHowLongANoIsRemembered(t *testing.T) {
	made := func(make func() *core.Purchase, change func(*core.Purchase)) func() answer {
		return func() answer {
			p := make()
			change(p)
			return says(*p)
		}
	}
	lapsed := func(change func(*core.Purchase)) func() answer {
		return made(func() *core.Purchase { return vip("", -time.Minute) }, change)
	}
	managed := func(change func(*core.Purchase)) func() answer {
		return made(func() *core.Purchase { return skin("") }, change)
	}
	const seconds, grace = 5 * time.Second, 6 * time.Hour
	for _, c := range []struct {
		name    string
		product core.Product
		answer  func() answer // made by the bubble's clock
		reason  core.Reason
		lasts   time.Duration
	}{
		{"no such purchase, for seconds", inApp("x"), func() answer { return fails(errNotFound) }, core.ReasonNotFound, seconds},
		{"pending, for seconds", inApp("x"), managed(func(p *core.Purchase) { p.State = core.StatePending }), core.ReasonPending, seconds},
		{"cancelled, for as long as facts live", inApp("x"), managed(func(p *core.Purchase) { p.State = core.StateCanceled }), core.ReasonPurchaseCanceled, grace},
		{"consumed, for as long as facts live", inApp("x").Consumable(), managed(func(p *core.Purchase) { p.Consumption = core.Consumed }), core.ReasonConsumed, grace},
		{"a term over, for seconds", inApp("x").For(time.Hour), managed(func(*core.Purchase) {}), core.ReasonTermExpired, seconds},
		{"a state that no document defines, for seconds", inApp("x"), managed(func(p *core.Purchase) { p.State = core.StateUnrecognized }), core.ReasonUnknownState, seconds},
		{"expired, for seconds", subscription("x"), lapsed(func(p *core.Purchase) { p.AutoRenewing = false }), core.ReasonExpired, seconds},
		{"a renewal on its way, for seconds", subscription("x"), lapsed(func(*core.Purchase) {}), core.ReasonRenewalPending, seconds},
		{"on hold, for seconds", subscription("x"), lapsed(func(p *core.Purchase) { p.Payment = core.PaymentPending }), core.ReasonOnHold, seconds},
		{"a contradiction, not at all", subscription("x"), lapsed(func(p *core.Purchase) {
			p.ExpiresAt, p.Payment = time.Now().Add(24*time.Hour), core.PaymentNone
		}), core.ReasonStateConflict, 0},
	} {
		bubble(c.name, t, func(t *testing.T) {
			store := newStore(c.answer())
			gate := open(t, core.Config{}, store)
			check := func() core.Decision { return gate.Check(t.Context(), c.product, by("alice", "t")) }
			from(t, check(), core.Denied, c.reason, core.SourceStore)
			if c.lasts == 0 {
				from(t, check(), core.Denied, c.reason, core.SourceStore)
				calls(t, store, 2)
				return
			}
			time.Sleep(c.lasts - time.Nanosecond)
			from(t, check(), core.Denied, c.reason, core.SourceMemory)
			calls(t, store, 1)
			time.Sleep(time.Nanosecond)
			from(t, check(), core.Denied, c.reason, core.SourceStore)
			calls(t, store, 2)
			// There is no grace for a no: what cannot be found out any more is undetermined.
			store.script(fails(errDown))
			time.Sleep(c.lasts)
			want(t, check(), core.Undetermined, core.ReasonUpstreamUnavailable)
		})
	}
}

func TestABuyerWhoPollsIsLetInWithinSeconds(t *testing.T) {
	for _, alone := range []bool{true, false} {
		bubble(fmt.Sprintf("alone %v", alone), t, func(t *testing.T) {
			store := newStore(fails(errNotFound))
			gate := open(t, core.Config{}, store)
			poll := func(account string) core.Decision {
				return gate.Check(t.Context(), inApp("skin"), by(account, "skin-1"))
			}
			for range 250 { // five seconds and more, in which a stranger cannot stretch the no
				want(t, poll("alice"), core.Denied, core.ReasonNotFound)
				if !alone {
					want(t, poll("mallory"), core.Denied, core.ReasonNotFound)
				}
				time.Sleep(20 * time.Millisecond)
			}
			store.script(sells(skin))
			landed := time.Now()
			for !poll("alice").Granted() {
				if !alone {
					poll("mallory")
				}
				if time.Since(landed) > 5*time.Second {
					t.Fatal("still refused 5 s after the purchase landed")
				}
				time.Sleep(20 * time.Millisecond)
			}
			if n := store.count(); n > 3 {
				t.Errorf("polling asked the store %d times", n)
			}
		})
	}
}

func TestABuyerIsLetInAtOnceAfterAnInvalidation(t *testing.T) {
	store := newStore(fails(errNotFound))
	gate := open(t, core.Config{}, store)
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonNotFound)
	store.script(sells(skin))
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonNotFound)
	if err := gate.Invalidate(t.Context(), inApp("skin"), "skin-1"); err != nil {
		t.Fatal(err)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
}

// A no about one product is no news about another that the token was found to be.
func TestANoAboutOneProductLeavesAnothersFact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			if p.ID == "b" { // begun last, lands last
				return after(2*time.Second, fails(errNotFound))(ctx, p, token)
			}
			return after(time.Second, sells(skin))(ctx, p, token)
		})
		gate := open(t, core.Config{}, store)
		done := make(chan core.Decision)
		go func() { done <- gate.Check(t.Context(), inApp("a"), by("alice", "a-1")) }()
		synctest.Wait()
		want(t, gate.Check(t.Context(), inApp("b"), by("alice", "a-1")), core.Denied, core.ReasonNotFound)
		want(t, <-done, core.Granted, core.ReasonOwned)
		from(t, gate.Check(t.Context(), inApp("a"), by("alice", "a-1")), core.Granted, core.ReasonOwned, core.SourceMemory)
	})
}

func TestJunkNeverEvictsWhoPaid(t *testing.T) {
	pending := func(token string) *core.Purchase {
		p := skin(token)
		p.State = core.StatePending
		return p
	}
	const payers, junk = 300, 20_000
	store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
		switch token[0] {
		case 'p':
			return skin(token), nil
		case 'd':
			return pending(token), nil
		default:
			return nil, errNotFound
		}
	})
	gate := open(t, core.Config{
		Memory:        core.Memory{Purchases: 2 * payers, Refusals: 64},
		UnknownTokens: core.UnknownTokens{Burst: -1},
	}, store)
	check := func(token string) core.Decision {
		return gate.Check(t.Context(), inApp("skin"), by("account-"+token, token))
	}
	for i := range payers {
		want(t, check(fmt.Sprintf("p%d", i)), core.Granted, core.ReasonOwned)
	}
	for i := range junk {
		check(fmt.Sprintf("%c%d", "jd"[i%2], i))
	}
	before := store.count()
	for i := range payers {
		from(t, check(fmt.Sprintf("p%d", i)), core.Granted, core.ReasonOwned, core.SourceMemory)
	}
	calls(t, store, before)
}
