package core_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// market is a store whose answers are fixed when a read begins and arrive after a while.
type market struct {
	mu    sync.Mutex
	wait  time.Duration
	state answer
}

func (m *market) set(wait time.Duration, state answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wait, m.state = wait, state
}

func (m *market) lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	m.mu.Lock()
	wait, state := m.wait, m.state
	m.mu.Unlock()
	purchase, err := state(ctx, p, token)
	time.Sleep(wait) // whatever ctx says
	return purchase, err
}

// No check that begins after an invalidation returned is served from before it: not from memory, not by
// joining a read that was under way, not when that read's answer arrives, and not while the store is down.
func TestNothingFromBeforeAnInvalidationIsServedAfterIt(t *testing.T) {
	canceled := sells(func(token string) *core.Purchase {
		p := skin(token)
		p.State = core.StateCanceled
		return p
	})
	pending := sells(func(token string) *core.Purchase {
		p := skin(token)
		p.State = core.StatePending
		return p
	})
	for _, c := range []struct {
		name string
		// What the store said when the fact in memory was read, how old that is, and what it said when the
		// read that is under way was begun.
		known    answer // nil: nothing is known
		age      time.Duration
		underWay answer // nil: none is
		after    answer // what it says since
		outcome  core.Outcome
		reason   core.Reason
	}{
		{"a grant in memory", sells(skin), 0, nil, canceled, core.Denied, core.ReasonPurchaseCanceled},
		{"a grant in memory, and the store is down", sells(skin), 0, nil, fails(errDown), core.Undetermined, core.ReasonUpstreamUnavailable},
		{"a grant past freshness, and the store is down", sells(skin), time.Hour, nil, fails(errDown), core.Undetermined, core.ReasonUpstreamUnavailable},
		{"a no in memory", pending, 0, nil, sells(skin), core.Granted, core.ReasonOwned},
		{"an absence in memory", fails(errNotFound), 0, nil, sells(skin), core.Granted, core.ReasonOwned},
		{"a refusal in memory", fails(&core.StoreError{Fault: core.FaultTokenRefused}), 0, nil, sells(skin), core.Granted, core.ReasonOwned},
		{"a grant on its way", nil, 0, sells(skin), canceled, core.Denied, core.ReasonPurchaseCanceled},
		{"a grant on its way, and the store is down", nil, 0, sells(skin), fails(errDown), core.Undetermined, core.ReasonUpstreamUnavailable},
		{"a no on its way", nil, 0, pending, sells(skin), core.Granted, core.ReasonOwned},
		{"an absence on its way", nil, 0, fails(errNotFound), sells(skin), core.Granted, core.ReasonOwned},
		{"a grant that is being refreshed behind", sells(skin), 5*time.Minute + time.Second, sells(skin), canceled, core.Denied, core.ReasonPurchaseCanceled},
		{"a grant past freshness, on its way again", sells(skin), time.Hour, sells(skin), canceled, core.Denied, core.ReasonPurchaseCanceled},
		{"a grant past freshness, an absence on its way", sells(skin), time.Hour, fails(errNotFound), sells(skin), core.Granted, core.ReasonOwned},
	} {
		for name, forget := range map[string]func(context.Context, *core.Gate) error{
			"Invalidate":      func(ctx context.Context, g *core.Gate) error { return g.Invalidate(ctx, inApp("skin"), "skin-1") },
			"InvalidateToken": func(ctx context.Context, g *core.Gate) error { return g.InvalidateToken(ctx, "shop", "skin-1") },
		} {
			bubble(name+" of "+c.name, t, func(t *testing.T) {
				var m market
				gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, newStore(m.lookup))
				check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
				if c.known != nil {
					m.set(0, c.known)
					check()
					time.Sleep(c.age)
				}
				var before sync.WaitGroup
				if c.underWay != nil {
					m.set(2*time.Second, c.underWay)
					before.Go(func() { check() })
					synctest.Wait()
				}
				if err := forget(t.Context(), gate); err != nil {
					t.Fatal(err)
				}
				m.set(10*time.Millisecond, c.after)
				var joiners sync.WaitGroup
				for range 3 {
					joiners.Go(func() { want(t, check(), c.outcome, c.reason) })
				}
				joiners.Wait()
				before.Wait()
				time.Sleep(3 * time.Second) // what was under way has landed
				want(t, check(), c.outcome, c.reason)
				time.Sleep(10 * time.Second) // and any no read since has lapsed
				want(t, check(), c.outcome, c.reason)
			})
		}
	}
}

// A check that began before an invalidation may see either, but it does not bring the past back for others,
// and it does not use it in place of an answer.
func TestACheckUnderWayDoesNotFallBackOnWhatWasInvalidated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m market
		gate := open(t, core.Config{}, newStore(m.lookup))
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		m.set(0, sells(skin))
		check()
		time.Sleep(time.Hour)
		m.set(time.Second, fails(errDown))
		var all sync.WaitGroup
		all.Go(func() { want(t, check(), core.Undetermined, core.ReasonUpstreamUnavailable) })
		synctest.Wait()
		if err := gate.InvalidateToken(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
		all.Wait()
	})
}

// An absence that was read earlier and arrives later is of the past, even once the fact has lapsed.
func TestALateAbsenceDoesNotOutliveANewerFact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m market
		gate := open(t, core.Config{Timeout: time.Second, Lifetimes: core.Lifetimes{Absent: time.Hour}}, newStore(m.lookup))
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		m.set(2*time.Second, fails(errNotFound))
		want(t, check(), core.Undetermined, core.ReasonDeadline)
		m.set(0, sells(func(token string) *core.Purchase {
			p := skin(token)
			p.State = core.StatePending
			return p
		}))
		want(t, check(), core.Denied, core.ReasonPending)
		time.Sleep(10 * time.Second)
		m.set(0, sells(skin))
		want(t, check(), core.Granted, core.ReasonOwned)
	})
}

// Readers and invalidations at once, in real time: the version that a check is served with was read after
// the last invalidation that had returned when the check began.
func TestInvalidationsRaceWithReaders(t *testing.T) {
	const rounds, readers = 2000, 4
	var version, invalidated atomic.Int64
	store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
		p := skin(token)
		p.ID = strconv.FormatInt(version.Load(), 10)
		runtime.Gosched() // the answer is on its way
		return p, nil
	})
	gate := open(t, core.Config{}, store)
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range readers {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				least := invalidated.Load()
				d := gate.Check(context.Background(), inApp("skin"), by("alice", "skin-1"))
				if !d.Granted() {
					t.Errorf("%v (%s, %v)", d.Outcome, d.Reason, d.Err)
					return
				}
				if v, _ := strconv.ParseInt(d.Purchase.ID, 10, 64); v < least {
					t.Errorf("served version %d after the invalidation of %d had returned", v, least)
					return
				}
			}
		})
	}
	for range rounds {
		v := version.Add(1)
		if err := gate.InvalidateToken(context.Background(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
		invalidated.Store(v)
		runtime.Gosched()
	}
	close(stop)
	all.Wait()
}

// slowOwners answers as things stood when it was asked.
type slowOwners struct {
	core.Owners
	wait atomic.Int64
}

func (s *slowOwners) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	o, ok, err := s.Owners.Owner(ctx, store, token)
	time.Sleep(time.Duration(s.wait.Load()))
	return o, ok, err
}

func TestNothingFromBeforeAnUnbindIsServedAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		owners := &slowOwners{Owners: core.NewMemoryOwners()}
		gate := open(t, core.Config{Owners: owners}, newStore(sells(skin)))
		check := func(account string) core.Decision {
			return gate.Check(t.Context(), inApp("skin"), by(account, "skin-1"))
		}
		want(t, check("alice"), core.Granted, core.ReasonOwned)
		want(t, check("bob"), core.Denied, core.ReasonAccountMismatch) // and now the fact remembers alice no more
		owners.wait.Store(int64(time.Second))
		var before sync.WaitGroup
		before.Go(func() { check("bob") })
		if err := gate.Bind(t.Context(), "alice", inApp("skin"), "skin-1"); err != nil { // what is remembered counts no more
			t.Fatal(err)
		}
		before.Go(func() { want(t, check("alice"), core.Granted, core.ReasonOwned) })
		synctest.Wait()
		if err := gate.Unbind(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
		if err := gate.Bind(t.Context(), "bob", inApp("skin"), "skin-1"); err != nil {
			t.Fatal(err)
		}
		before.Wait() // alice's check, which asked before, has learned that she is the owner
		want(t, check("alice"), core.Denied, core.ReasonAccountMismatch)
		want(t, check("bob"), core.Granted, core.ReasonOwned)
	})
}

func TestWhatCannotBeInvalidated(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	for name, err := range map[string]error{
		"a store that the gate does not have": gate.InvalidateToken(t.Context(), "nowhere", "skin-1"),
		"no token":                            gate.InvalidateToken(t.Context(), "shop", ""),
		"what is longer than any token":       gate.InvalidateToken(t.Context(), "shop", fmt.Sprintf("%02000d", 1)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if marks := shop(t, gate).Invalidated; marks != 0 {
		t.Errorf("%d marks are kept", marks)
	}
}
