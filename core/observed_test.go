package core_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestTheLatencyOfAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Timeout: 40 * time.Second}, store)
		took := []time.Duration{0, 5 * time.Millisecond, 5*time.Millisecond + 1, 300 * time.Millisecond, 35 * time.Second}
		for i, d := range took {
			store.script(after(d, sells(skin)))
			gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i)))
			gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i))) // from memory
		}
		store.script(after(2*time.Second, fails(errDown)))
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-9"))

		l := shop(t, gate).Latency
		want := map[time.Duration]uint64{5 * time.Millisecond: 2, 10 * time.Millisecond: 1, 500 * time.Millisecond: 1, 2500 * time.Millisecond: 1}
		for i, bound := range l.Bounds {
			if l.Counts[i] != want[bound] {
				t.Errorf("%d calls took up to %v, want %d", l.Counts[i], bound, want[bound])
			}
		}
		if last := l.Counts[len(l.Bounds)]; last != 1 || len(l.Counts) != len(l.Bounds)+1 {
			t.Errorf("%d of %d calls took longer than all bounds, want 1", last, len(l.Counts))
		}
		sum := 35*time.Second + 310*time.Millisecond + 1 + 2*time.Second
		if l.Count() != 6 || l.Sum != sum || l.Mean() != sum/6 {
			t.Errorf("%d calls took %v, %v each; want 6 and %v", l.Count(), l.Sum, l.Mean(), sum)
		}
	})
}

func TestTheBreakersLastChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(fails(errDown))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1, OpenFor: time.Minute}}, store)
		check := func(token string) { gate.Check(t.Context(), inApp("skin"), by("alice", token)) }
		began := time.Now()
		check("skin-1")
		time.Sleep(time.Minute + 1)
		store.script(sells(skin))
		check("skin-1")
		want := []core.BreakerChange{{At: began, To: "open"}, {At: began.Add(time.Minute + 1), To: "half-open"}, {At: began.Add(time.Minute + 1), To: "closed"}}
		s := shop(t, gate)
		if !slices.EqualFunc(s.BreakerChanges, want, func(a, b core.BreakerChange) bool { return a.At.Equal(b.At) && a.To == b.To }) {
			t.Errorf("the changes are %v, want %v", s.BreakerChanges, want)
		}
		if !s.BreakerSince.Equal(want[2].At) || s.BreakerOpened != 1 {
			t.Errorf("since %v, opened %d times", s.BreakerSince, s.BreakerOpened)
		}

		store.script(fails(errDown))
		for i := range 100 {
			check(fmt.Sprint("skin-", 10+i))
			time.Sleep(time.Minute + 1)
		}
		s = shop(t, gate)
		if n := len(s.BreakerChanges); n != 32 || s.BreakerChanges[n-1].To != "half-open" || s.BreakerOpened != 101 {
			t.Errorf("after an outage of 100 minutes there are %d changes, and it opened %d times: %v", n, s.BreakerOpened, s.BreakerChanges)
		}
	})
}

func TestTokensThatNoBudgetIsLeftForAreCounted(t *testing.T) {
	gate, _ := withBudget(t, 2, sells(skin))
	for i := range 5 {
		gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("none-", i)))
	}
	if s := shop(t, gate); s.OverBudget != 3 || s.NotFound != 2 {
		t.Errorf("%d were over the budget, want 3", s.OverBudget)
	}
}

func TestWhatMemoryHadNoRoomForIsCounted(t *testing.T) {
	gate := open(t, core.Config{Memory: core.Memory{Purchases: 1, Refusals: 1}, UnknownTokens: core.UnknownTokens{Burst: -1}}, newStore(sells(func(token string) *core.Purchase {
		p := skin(token)
		if token > "skin-5" {
			p.State = core.StateCanceled
		}
		return p
	})))
	for i := range 10 {
		gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i)))
		gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("none-", i)))
	}
	s := shop(t, gate)
	if s.PurchasesEvicted != uint64(6-s.Purchases) || s.RefusalsEvicted != uint64(4+10-s.Refusals) {
		t.Errorf("6 purchases and 14 refusals came, and there are %d and %d: %d and %d were dropped", s.Purchases, s.Refusals, s.PurchasesEvicted, s.RefusalsEvicted)
	}
}

func TestVoidsThatAreNewsAreCounted(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	for _, token := range []string{"skin-1", "skin-2", "skin-1"} {
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: token}); err != nil {
			t.Fatal(err)
		}
	}
	if s := shop(t, gate); s.Voided != 2 || s.Voids != 2 {
		t.Errorf("%d were news and %d stand, want 2", s.Voided, s.Voids)
	}
}

// acknowledges is a store that can be told of deliveries.
type acknowledges struct {
	*scripted
	err error
}

func (a *acknowledges) Acknowledge(context.Context, core.Product, string) error { return a.err }

func TestAcknowledgementsAreCountedAndLateOnesApart(t *testing.T) {
	store := &acknowledges{scripted: newStore(sells(skin))}
	gate := open(t, core.Config{}, store)
	acknowledge := func(left time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_ = gate.Acknowledge(ctx, core.Debt{Store: "shop", Token: "skin-1", Product: "skin", Kind: core.KindInApp, By: time.Now().Add(left)})
	}
	for _, left := range []time.Duration{72 * time.Hour, 25 * time.Hour, 23 * time.Hour, time.Minute, -time.Hour} {
		acknowledge(left)
	}
	store.err = errDown
	acknowledge(time.Hour)
	if s := shop(t, gate); s.Acknowledged != 5 || s.AcknowledgedLate != 3 || s.Worked != 6 || s.WorkFailed != 1 {
		t.Errorf("%d were acknowledged, %d of them late; want 5 and 3", s.Acknowledged, s.AcknowledgedLate)
	}
}
