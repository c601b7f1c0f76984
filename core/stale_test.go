package core_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// bubble runs a test in which time is made up.
func bubble(name string, t *testing.T, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestTheAgesOfAGrant(t *testing.T) {
	const m, h = time.Minute, time.Hour
	for _, c := range []struct {
		name                   string
		config                 core.Lifetimes
		sandbox, consumable    bool
		fresh, refresh, usable time.Duration
	}{
		{name: "by default", fresh: 5 * m, refresh: 6 * m, usable: 6 * h},
		{name: "of a sandbox", sandbox: true, fresh: 5 * time.Second, refresh: 6 * time.Second, usable: 6 * h},
		{name: "of a consumable, which has no outage grace", consumable: true, fresh: 5 * m, refresh: 6 * m, usable: 6 * m},
		{name: "as configured", config: core.Lifetimes{Fresh: m, Refresh: 3 * m, Usable: h}, fresh: m, refresh: 3 * m, usable: h},
		{name: "without a window for refreshing", config: core.Lifetimes{Refresh: -1}, fresh: 5 * m, refresh: 5 * m, usable: 6 * h},
		{name: "without outage grace", config: core.Lifetimes{Usable: -1}, fresh: 5 * m, refresh: 6 * m, usable: 6 * m},
		{name: "with a long freshness alone", config: core.Lifetimes{Fresh: 10 * h}, fresh: 10 * h, refresh: 12 * h, usable: 12 * h},
	} {
		bubble(c.name, t, func(t *testing.T) {
			store := newStore(sells(skin))
			store.sandbox = c.sandbox
			gate := open(t, core.Config{Lifetimes: c.config, Guard: core.Guard{TripAfter: 1000}}, store)
			product := inApp("skin")
			if c.consumable {
				product = product.Consumable()
			}
			began := time.Now()
			if d := gate.Check(t.Context(), product, by("alice", "skin-1")); !d.Granted() {
				t.Fatal(d.Reason)
			}
			store.script(fails(errDown))
			at := func(age time.Duration) core.Decision {
				time.Sleep(age - time.Since(began))
				d := gate.Check(t.Context(), product, by("alice", "skin-1"))
				synctest.Wait()
				return d
			}
			const tick = time.Nanosecond
			outcome := func(age time.Duration, s core.Source) {
				t.Helper()
				d := at(age)
				if d.Outcome == core.Granted && d.Source == s && d.VerifiedAt.Equal(began) || s == "" && d.Outcome == core.Undetermined {
					return
				}
				t.Errorf("at the age of %v: got %v (%s) from %q, want it from %q", age, d.Outcome, d.Reason, d.Source, s)
			}
			outcome(c.fresh-tick, core.SourceMemory)
			calls(t, store, 1)
			if c.refresh > c.fresh {
				outcome(c.fresh, core.SourceStale)
				outcome(c.refresh-tick, core.SourceStale)
			}
			if c.usable > c.refresh {
				outcome(c.refresh, core.SourceOutage)
				outcome((c.refresh+c.usable)/2, core.SourceOutage)
				outcome(c.usable-tick, core.SourceOutage)
			}
			outcome(c.usable, "")
			outcome(2*c.usable, "")
		})
	}
}

func TestTheFirstAnswerAfterAnOutageStartsTheClockAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		check()
		store.script(fails(errDown))
		time.Sleep(5 * time.Hour)
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceOutage)
		store.script(sells(skin))
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceStore)
		store.script(fails(errDown))
		time.Sleep(5 * time.Hour)
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceOutage)
	})
}

func TestANoAfterAnOutageEndsTheGrace(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer answer
		reason core.Reason
	}{
		{"the purchase is gone", fails(errNotFound), core.ReasonNotFound},
		{"the purchase is cancelled", says(core.Purchase{State: core.StateCanceled}), core.ReasonPurchaseCanceled},
	} {
		bubble(c.name, t, func(t *testing.T) {
			store := newStore(sells(skin))
			gate := open(t, core.Config{}, store)
			check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
			check()
			time.Sleep(time.Hour)
			store.script(c.answer)
			want(t, check(), core.Denied, c.reason)
			store.script(fails(errDown))
			time.Sleep(time.Minute)
			if d := check(); d.Granted() {
				t.Errorf("an hour-old yes came back: %v (%s) from %s", d.Outcome, d.Reason, d.Source)
			}
		})
	}
}

// An answer that cannot be read is as good as none.
func TestGraceAlsoCoversAnswersThatSayNothing(t *testing.T) {
	for name, a := range map[string]answer{
		"an empty purchase": says(core.Purchase{}),
		"nothing at all":    func(context.Context, core.Product, string) (*core.Purchase, error) { return nil, nil },
		"our credentials":   fails(&core.StoreError{Fault: core.FaultMisconfigured}),
		"a panic":           func(context.Context, core.Product, string) (*core.Purchase, error) { panic("oops") },
	} {
		bubble(name, t, func(t *testing.T) {
			store := newStore(sells(skin))
			gate := open(t, core.Config{}, store)
			gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
			time.Sleep(time.Hour)
			store.script(a)
			for range 3 {
				from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceOutage)
			}
		})
	}
}

func TestGraceWaitsForAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		time.Sleep(time.Hour)
		store.script(hangs)
		began := time.Now()
		from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceOutage)
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("waited %v", waited)
		}
		// Whoever leaves at once has not learned that the store cannot answer.
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		want(t, gate.Check(gone, inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonCallerGone)
	})
}

func TestARefreshRunsBehindAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		check()
		time.Sleep(5*time.Minute + time.Second)
		store.script(after(2*time.Second, sells(skin)))
		began := time.Now()
		for range 50 {
			from(t, check(), core.Granted, core.ReasonOwned, core.SourceStale)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a request waited %v for the refresh", waited)
		}
		synctest.Wait()
		calls(t, store, 2)
		time.Sleep(3 * time.Second)
		d := check()
		from(t, d, core.Granted, core.ReasonOwned, core.SourceMemory)
		if !d.VerifiedAt.Equal(began) {
			t.Errorf("verified at %v after the refresh began", d.VerifiedAt.Sub(began))
		}
		calls(t, store, 2)
	})
}

// Hits on a fact that is due start nothing while the breaker is open, and one look-up once it may probe.
func TestNoRefreshIsTriedBehindAnOpenBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1, OpenFor: 10 * time.Second}}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		check()
		time.Sleep(5*time.Minute + time.Second)
		store.script(fails(errDown))
		for range 100 {
			from(t, check(), core.Granted, core.ReasonOwned, core.SourceStale)
			synctest.Wait()
		}
		calls(t, store, 2)
		if s := shop(t, gate); s.Rejected != 0 {
			t.Errorf("%d refreshes were begun for nothing", s.Rejected)
		}
		store.script(sells(skin))
		time.Sleep(11 * time.Second)
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceStale)
		synctest.Wait()
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceMemory)
		calls(t, store, 3)
	})
}

func TestARefreshThatFindsANoEndsTheGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		check()
		time.Sleep(5*time.Minute + time.Second)
		store.script(fails(errNotFound))
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceStale)
		synctest.Wait()
		want(t, check(), core.Denied, core.ReasonNotFound)
	})
}

// An answer begun earlier never replaces one begun later, however late it lands.
func TestASlowOldAnswerDoesNotReplaceANewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		store := newStore(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			if asked.Add(1) == 1 { // begun first, ignores its deadline, lands last
				time.Sleep(10 * time.Second)
				return skin(token), nil
			}
			canceled := skin(token)
			canceled.State = core.StateCanceled
			return canceled, nil
		})
		gate := open(t, core.Config{}, store)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "t")), core.Undetermined, core.ReasonDeadline)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "t")), core.Denied, core.ReasonPurchaseCanceled)
		time.Sleep(time.Minute)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "t")), core.Denied, core.ReasonPurchaseCanceled)
	})
}

func TestAnExpiryTakesEffectAtItsMillisecond(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    time.Duration // from the read
		renews bool
		after  core.Reason // once the store is asked again
	}{
		{"while fresh", time.Minute, false, core.ReasonExpired},
		{"while fresh, of one that would renew", time.Minute, true, core.ReasonRenewalPending},
		{"while it is refreshed behind", 5*time.Minute + 30*time.Second, false, core.ReasonExpired},
		{"in the grace of an outage", time.Hour, false, core.ReasonExpired},
	} {
		bubble(c.name, t, func(t *testing.T) {
			ends := time.Now().Add(c.end)
			p := vip("", 0)
			p.ExpiresAt, p.AutoRenewing = ends, c.renews
			store := newStore(says(*p))
			gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, store)
			check := func() core.Decision {
				d := gate.Check(t.Context(), subscription("vip"), by("alice", "t"))
				synctest.Wait()
				return d
			}
			granted := func() {
				t.Helper()
				if d := check(); !d.Granted() || !d.ExpiresAt.Equal(ends) {
					t.Errorf("%v before the end: %v (%s)", time.Until(ends), d.Outcome, d.Reason)
				}
			}
			granted()
			store.script(fails(errDown))
			time.Sleep(time.Until(ends) - time.Millisecond)
			granted()
			time.Sleep(time.Millisecond) // the very instant
			granted()
			time.Sleep(time.Millisecond - time.Nanosecond) // the last of the last millisecond
			granted()
			time.Sleep(time.Nanosecond)
			if d := check(); d.Outcome != core.Undetermined {
				t.Errorf("one nanosecond later: %v (%s) from %q", d.Outcome, d.Reason, d.Source)
			}
			store.script(says(*p))
			want(t, check(), core.Denied, c.after)
		})
	}
}

func TestATermEndsByTheGatesOwnReckoning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(func(token string) *core.Purchase {
			p := skin(token)
			p.PurchasedAt = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
			return p
		}))
		gate := open(t, core.Config{}, store)
		pass := inApp("pass").For(time.Minute)
		check := func() core.Decision { return gate.Check(t.Context(), pass, by("alice", "pass-1")) }
		from(t, check(), core.Granted, core.ReasonTermActive, core.SourceStore)
		time.Sleep(time.Minute)
		from(t, check(), core.Granted, core.ReasonTermActive, core.SourceMemory)
		time.Sleep(time.Millisecond)
		want(t, check(), core.Denied, core.ReasonTermExpired)
	})
}

func TestARenewalIsSeenOnTheFirstRequestAfterTheOldEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(func(token string) *core.Purchase { return vip(token, time.Minute) }))
		gate := open(t, core.Config{}, store)
		check := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")) }
		check()
		time.Sleep(time.Minute + time.Millisecond)
		from(t, check(), core.Granted, core.ReasonActive, core.SourceStore)
		calls(t, store, 2)
	})
}

func TestRenewalGrace(t *testing.T) {
	const grace = 10 * time.Minute
	for _, c := range []struct {
		name          string
		grace, usable time.Duration
		renews        bool
		lasts         time.Duration // past the expiry
	}{
		{"none by default", 0, 0, true, 0},
		{"as configured, while the store is down", grace, 0, true, grace},
		{"none for what does not renew", grace, 0, false, 0},
		{"ends with the outage grace", grace, 3 * time.Minute, true, 2 * time.Minute},
	} {
		bubble(c.name, t, func(t *testing.T) {
			ends := time.Now().Add(time.Minute)
			p := vip("", 0)
			p.ExpiresAt, p.AutoRenewing = ends, c.renews
			store := newStore(says(*p))
			gate := open(t, core.Config{
				Lifetimes: core.Lifetimes{Fresh: time.Minute, Refresh: -1, RenewalGrace: c.grace, Usable: c.usable},
				Guard:     core.Guard{TripAfter: 1000},
			}, store)
			check := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("alice", "t")) }
			check()
			store.script(fails(errDown))
			if c.lasts > 0 {
				time.Sleep(time.Until(ends) + time.Millisecond)
				d := check()
				if d.Outcome != core.Granted || d.Source != core.SourceOutage || !d.ExpiresAt.Equal(ends) {
					t.Errorf("just past the end: %v (%s) from %q until %v", d.Outcome, d.Reason, d.Source, d.ExpiresAt)
				}
				time.Sleep(time.Until(ends.Add(c.lasts)) - time.Nanosecond)
				if d := check(); !d.Granted() {
					t.Errorf("at the end of the grace: %v (%s)", d.Outcome, d.Reason)
				}
			}
			time.Sleep(time.Until(ends.Add(c.lasts)) + time.Millisecond)
			if d := check(); d.Outcome != core.Undetermined {
				t.Errorf("past the grace: %v (%s) from %q", d.Outcome, d.Reason, d.Source)
			}
		})
	}
	bubble("a store that answers is believed instead", t, func(t *testing.T) {
		p := vip("", 0)
		p.ExpiresAt = time.Now().Add(time.Minute)
		store := newStore(says(*p))
		gate := open(t, core.Config{Lifetimes: core.Lifetimes{RenewalGrace: grace}}, store)
		check := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("alice", "t")) }
		check()
		time.Sleep(time.Minute + time.Millisecond)
		want(t, check(), core.Denied, core.ReasonRenewalPending)
	})
}

// Past the deadline the store cancels what nobody acknowledged: what was read before does not hold.
func TestAFactDoesNotOutliveTheAcknowledgementDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bought := time.Now().Add(-core.AcknowledgeWithin + time.Minute)
		p := skin("")
		p.PurchasedAt, p.Acknowledgement = bought, core.Unacknowledged
		store := newStore(says(*p))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "t")) }
		d := check()
		want(t, d, core.Granted, core.ReasonActiveUnacknowledged)
		if !d.AcknowledgeBy.Equal(bought.Add(core.AcknowledgeWithin)) || !d.ExpiresAt.IsZero() {
			t.Errorf("got %+v", d)
		}
		store.script(fails(errDown))
		time.Sleep(time.Minute)
		want(t, check(), core.Granted, core.ReasonActiveUnacknowledged)
		time.Sleep(time.Millisecond)
		if d := check(); d.Outcome != core.Undetermined {
			t.Errorf("past the deadline, store down: %v (%s) from %q", d.Outcome, d.Reason, d.Source)
		}
		// A fact that was read after the deadline says that the store has not cancelled, and lives as usual.
		store.script(says(*p))
		from(t, check(), core.Granted, core.ReasonAckOverdue, core.SourceStore)
		store.script(fails(errDown))
		time.Sleep(time.Hour)
		from(t, check(), core.Granted, core.ReasonAckOverdue, core.SourceOutage)
	})
}

func TestExpiriesAreMeasuredByTheStoresClock(t *testing.T) {
	for _, c := range []struct {
		name    string
		ahead   time.Duration // the store's clock before ours
		granted time.Duration // how long a purchase with a minute left by the store's clock is granted
	}{
		{"a store ten minutes ahead", 10 * time.Minute, time.Minute},
		{"a store ten minutes behind", -10 * time.Minute, time.Minute},
		{"a store that shows no time", 0, time.Minute},
	} {
		bubble(c.name, t, func(t *testing.T) {
			began := time.Now()
			p := vip("", 0)
			p.ExpiresAt = began.Add(c.ahead + time.Minute)
			if c.ahead != 0 {
				p.StoreTime = began.Add(c.ahead)
			}
			store := newStore(says(*p))
			gate := open(t, core.Config{}, store)
			check := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("alice", "t")) }
			want(t, check(), core.Granted, core.ReasonActive)
			store.script(fails(errDown))
			time.Sleep(c.granted - time.Second) // a Date counts whole seconds
			want(t, check(), core.Granted, core.ReasonActive)
			time.Sleep(2*time.Second + time.Millisecond)
			if d := check(); d.Granted() {
				t.Errorf("granted %v past its end by the store's clock", time.Since(began)-c.granted)
			}
		})
	}
}
