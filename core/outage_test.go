package core_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// outageCase is one purchase whose store goes down for good right after it was read.
type outageCase struct {
	product  core.Product
	purchase *core.Purchase
	lives    core.Lifetimes
	down     answer
}

// randomOutage makes one, and the instant at which access ends, worked out from nothing but the
// documentation of Lifetimes.
func randomOutage(r *rand.Rand) (outageCase, time.Time) {
	now := time.Now()
	span := func(from, to time.Duration) time.Duration { return from + time.Duration(r.Int64N(int64(to-from))) }
	one := func(ds ...time.Duration) time.Duration { return ds[r.IntN(len(ds))] }
	c := outageCase{
		lives: core.Lifetimes{Fresh: one(0, time.Minute), Refresh: one(0, -1, 10*time.Minute), Usable: one(0, -1, time.Hour), RenewalGrace: one(0, 0, 7*time.Minute)},
		down:  []answer{fails(errDown), fails(&core.StoreError{Fault: core.FaultMisconfigured}), says(core.Purchase{})}[r.IntN(3)],
	}
	fresh, refresh, usable := c.lives.Fresh, c.lives.Refresh, c.lives.Usable
	if fresh == 0 {
		fresh = 5 * time.Minute
	}
	if refresh == 0 {
		refresh = fresh + fresh/5
	}
	refresh = max(refresh, fresh)
	if usable == 0 {
		usable = 6 * time.Hour
	}
	usable = max(usable, refresh)

	ends := now.Add(usable)
	until := func(t time.Time, more time.Duration) {
		if last := t.Truncate(time.Millisecond).Add(time.Millisecond + more); last.Before(ends) {
			ends = last
		}
	}
	left := span(3*time.Second, 2*usable)
	switch r.IntN(5) {
	case 0:
		c.product, c.purchase = inApp("skin"), skin("")
	case 1:
		c.product, c.purchase = inApp("gems").Consumable(), skin("")
		ends = now.Add(refresh)
	case 2:
		c.product, c.purchase = inApp("pass").For(24*time.Hour+left), skin("")
		until(c.purchase.PurchasedAt.Add(24*time.Hour+left), 0)
	case 3:
		c.product, c.purchase = core.Product{Store: "shop", Kind: core.KindRecurring, ID: "vip"}, vip("", left)
	default:
		c.product, c.purchase = subscription("vip"), vip("", left)
	}
	if c.purchase.AutoRenewing && r.IntN(2) == 0 {
		c.purchase.AutoRenewing = false
	}
	if !c.purchase.ExpiresAt.IsZero() {
		grace := time.Duration(0)
		if c.purchase.AutoRenewing {
			grace = c.lives.RenewalGrace
		}
		until(c.purchase.ExpiresAt, grace)
	}
	if c.product.Term() == 0 && r.IntN(3) == 0 {
		c.purchase.Acknowledgement = core.Unacknowledged
		c.purchase.PurchasedAt = now.Add(span(3*time.Second, 2*usable) - core.AcknowledgeWithin)
		until(c.purchase.PurchasedAt.Add(core.AcknowledgeWithin), 0)
	}
	return c, ends
}

// With its store down for ever, access ends at one instant that can be worked out beforehand, however often
// and whenever somebody asks.
func TestAccessEndsAtOneInstantThatHitsDoNotMove(t *testing.T) {
	for seed := range uint64(300) {
		bubble(fmt.Sprint("seed ", seed), t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			c, ends := randomOutage(r)
			store := newStore(after(2*time.Second, says(*c.purchase))) // ages count from when it is asked
			gate := open(t, core.Config{Lifetimes: c.lives, Memory: core.Memory{Purchases: 16, Refusals: 16}}, store)
			began := time.Now()
			check := func() core.Decision { return gate.Check(t.Context(), c.product, by("alice", "t-1")) }
			if d := check(); !d.Granted() {
				t.Fatalf("%+v: %v (%s)", c, d.Outcome, d.Reason)
			}
			store.script(c.down)

			// From never to often, all over the time left and past it, and the last moments.
			var at []time.Time
			for range r.IntN(40) {
				at = append(at, time.Now().Add(time.Duration(r.Int64N(int64(2*ends.Sub(began))))))
			}
			at = append(at, ends.Add(-1), ends, ends.Add(time.Hour), ends.Add(1000*time.Hour))
			slices.SortFunc(at, time.Time.Compare)
			stale := map[core.Source]uint64{}
			for _, when := range at {
				time.Sleep(time.Until(when))
				asked := time.Now()
				d := check()
				synctest.Wait()
				switch {
				case d.Granted() != asked.Before(ends):
					t.Fatalf("%v after the read, %v before the end: %v (%s) from %q; %+v", asked.Sub(began), ends.Sub(asked), d.Outcome, d.Reason, d.Source, c)
				case !d.Granted() && d.Outcome != core.Undetermined:
					t.Fatalf("an outage became a no: %s", d.Reason)
				case d.Granted() && !d.VerifiedAt.Equal(began):
					t.Fatalf("the fact became younger: %v", d.VerifiedAt.Sub(began))
				}
				stale[d.Source]++
			}
			for _, s := range []core.Source{core.SourceStale, core.SourceOutage} {
				if got := counted(gate, func(d core.DecisionCount) bool { return d.Source == s }); got != stale[s] {
					t.Errorf("%d were counted as %q, want %d", got, s, stale[s])
				}
			}
		})
	}
}

func TestTheCapOfGrantsPastFreshness(t *testing.T) {
	const most = 5
	lives := core.Lifetimes{StaleGrants: most}
	for _, c := range []struct {
		name  string
		age   time.Duration
		from  core.Source
		after core.Reason
		down  answer
	}{
		{"while it is refreshed behind", 5*time.Minute + time.Second, core.SourceStale, core.ReasonUpstreamUnavailable, fails(errDown)},
		{"in an outage", time.Hour, core.SourceOutage, core.ReasonUpstreamUnavailable, fails(errDown)},
		{"in an outage of a store that hangs", time.Hour, core.SourceOutage, core.ReasonDeadline, hangs},
	} {
		bubble(c.name, t, func(t *testing.T) {
			store := newStore(sells(skin))
			gate := open(t, core.Config{Lifetimes: lives, Guard: core.Guard{TripAfter: 1000}}, store)
			check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
			check()
			for range 100 { // what is fresh is not counted
				from(t, check(), core.Granted, core.ReasonOwned, core.SourceMemory)
			}
			time.Sleep(c.age)
			store.script(c.down)
			for range most {
				from(t, check(), core.Granted, core.ReasonOwned, c.from)
				synctest.Wait()
			}
			for range 3 {
				want(t, check(), core.Undetermined, c.after)
			}
			store.script(sells(skin)) // the store is heard again
			time.Sleep(5 * time.Second)
			from(t, check(), core.Granted, core.ReasonOwned, core.SourceStore)
			time.Sleep(time.Hour)
			store.script(c.down)
			for range most {
				from(t, check(), core.Granted, core.ReasonOwned, core.SourceOutage)
			}
			want(t, check(), core.Undetermined, c.after)
		})
	}
	bubble("of many at once no more get in", t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Lifetimes: lives}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		check()
		time.Sleep(time.Hour)
		store.script(after(time.Second, fails(errDown)))
		var granted gauge
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				if check().Granted() {
					granted.add(1)
				}
			})
		}
		all.Wait()
		if granted.load() != most {
			t.Errorf("%d were let in, want %d", granted.load(), most)
		}
	})
	bubble("while the store answers, those past the cap wait for it", t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Lifetimes: lives}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		check()
		time.Sleep(5*time.Minute + time.Second)
		store.script(after(time.Second, sells(skin)))
		for range most {
			from(t, check(), core.Granted, core.ReasonOwned, core.SourceStale)
		}
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceStore)
		calls(t, store, 2)
	})
}
