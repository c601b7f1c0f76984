package core_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// plans sells vip under two tokens, of which the second replaced the first; its payment is as told.
func plans(payment core.Payment) answer {
	return func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
		p := vip(token, time.Hour)
		if token == "vip-2" {
			p.LinkedToken, p.Payment = "vip-1", payment
		}
		return p, nil
	}
}

func TestAReplacedPlanGrantsNothingFromMemory(t *testing.T) {
	store := newStore(plans(core.PaymentReceived))
	gate := open(t, core.Config{}, store)
	want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")), core.Granted, core.ReasonActive)
	want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-2")), core.Granted, core.ReasonActive)
	from(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")), core.Denied, core.ReasonSuperseded, core.SourceMemory)
	calls(t, store, 2)
}

func TestAPlanThatGrantsNothingYetReplacesNothing(t *testing.T) {
	gate := open(t, core.Config{}, newStore(plans(core.PaymentNone)))
	want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")), core.Granted, core.ReasonActive)
	want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-2")), core.Denied, core.ReasonStateConflict)
	want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")), core.Granted, core.ReasonActive)
}

func TestAnAgeCountsFromTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(after(2*time.Second, sells(skin)))
		gate := open(t, core.Config{Lifetimes: core.Lifetimes{Fresh: 10 * time.Second, Refresh: -1, Usable: -1}}, store)
		check := func() {
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		}
		check()
		time.Sleep(8*time.Second - time.Nanosecond)
		check()
		calls(t, store, 1)
		time.Sleep(time.Nanosecond)
		check()
		calls(t, store, 2)
	})
}
