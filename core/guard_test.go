package core_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

var errOutage = errors.New("connection refused")

func TestSlowAndSparseFailuresOpenTheBreaker(t *testing.T) {
	for name, pause := range map[string]time.Duration{"in a row": 0, "nineteen seconds apart": 19 * time.Second, "an hour apart": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newStore(after(2*time.Second, fails(errOutage)))
				gate := open(t, core.Config{Guard: core.Guard{TripAfter: 5, OpenFor: time.Minute}}, store)
				for i := range 5 {
					want(t, gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i))), core.Undetermined, core.ReasonUpstreamUnavailable)
					time.Sleep(pause)
				}
				if pause < time.Minute {
					d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-9"))
					want(t, d, core.Undetermined, core.ReasonBreakerOpen)
					if d.RetryAfter <= 0 || d.RetryAfter > time.Minute {
						t.Errorf("retry after %v", d.RetryAfter)
					}
					calls(t, store, 5)
				}
				time.Sleep(time.Minute + time.Millisecond)
				store.script(sells(skin))
				want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-10")), core.Granted, core.ReasonOwned)
			})
		})
	}
}

// Whatever becomes of the one call that probes a store, the next one may probe again in time.
func TestNoProbeWedgesTheBreaker(t *testing.T) {
	const timeout, openFor = time.Second, 5 * time.Second
	for _, c := range []struct {
		name    string
		probe   answer
		reason  core.Reason
		at      string // the breaker's state after it
		leaving bool   // the caller leaves while the probe is under way
	}{
		{name: "it fails", probe: fails(errDown), reason: core.ReasonUpstreamUnavailable, at: "open"},
		{name: "it hangs until its context ends", probe: hangs, reason: core.ReasonDeadline, at: "open"},
		{name: "it hangs for ever", probe: nil, reason: core.ReasonDeadline, at: "open"},
		{name: "it panics", probe: func(context.Context, core.Product, string) (*core.Purchase, error) { panic("oops") }, reason: core.ReasonPanicked, at: "open"},
		{name: "it ends its goroutine", probe: func(context.Context, core.Product, string) (*core.Purchase, error) {
			runtime.Goexit()
			return nil, nil
		}, reason: core.ReasonPanicked, at: "open"},
		{name: "its error panics when it is looked at", probe: fails(panickingError{}), reason: core.ReasonPanicked, at: "open"},
		{name: "it returns nothing", probe: func(context.Context, core.Product, string) (*core.Purchase, error) { return nil, nil }, reason: core.ReasonMalformedUpstream, at: "open"},
		{name: "the store asks for a pause, which is no news", probe: fails(&core.StoreError{Reason: core.ReasonStorePaused}), reason: core.ReasonStorePaused, at: "half-open"},
		{name: "its caller leaves, who is not the one that asks", probe: after(10*time.Millisecond, fails(errDown)), reason: core.ReasonCallerGone, at: "open", leaving: true},
		{name: "it finds no purchase, which is a healthy answer", probe: fails(errNotFound), reason: core.ReasonNotFound, at: "closed"},
	} {
		bubble(c.name, t, func(t *testing.T) {
			release := make(chan struct{})
			if c.probe == nil {
				c.probe = stuck(release)
			}
			store := newStore(fails(errDown))
			gate := open(t, core.Config{Timeout: timeout, Guard: core.Guard{TripAfter: 1, OpenFor: openFor}}, store)
			t.Cleanup(func() { close(release) })
			gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
			time.Sleep(openFor + time.Millisecond)

			store.script(c.probe)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.leaving {
				time.AfterFunc(time.Millisecond, cancel)
			}
			if d := gate.Check(ctx, inApp("skin"), by("alice", "skin-2")); d.Reason != c.reason {
				t.Errorf("the probe came to %v (%s), want %s", d.Outcome, d.Reason, c.reason)
			}
			time.Sleep(20 * time.Millisecond)
			if at := shop(t, gate).Breaker; at != c.at {
				t.Errorf("the breaker is %s, want %s", at, c.at)
			}
			store.script(sells(skin))
			if c.at == "open" {
				time.Sleep(openFor)
			}
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-3")), core.Granted, core.ReasonOwned)
			if at := shop(t, gate).Breaker; at != "closed" {
				t.Errorf("after a good answer the breaker is %s", at)
			}
		})
	}
}

// panickingError is an error of a store client that panics when it is asked what it is.
type panickingError struct{}

func (panickingError) Error() string { return "oops" }
func (panickingError) Is(error) bool { panic("oops") }

// While one call probes, others are turned away as while the breaker is open.
func TestOneCallProbesAndTheOthersAreTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(fails(errDown))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1, OpenFor: 5 * time.Second}}, store)
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-0"))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-0")), core.Undetermined, core.ReasonBreakerOpen)
		time.Sleep(6 * time.Second)
		store.script(after(time.Second, sells(skin)))
		var all sync.WaitGroup
		var granted, refused gauge
		for i := range 100 {
			all.Go(func() {
				began := time.Now()
				d := gate.Check(t.Context(), inApp("skin"), by(fmt.Sprint("player-", i), fmt.Sprint("skin-", i)))
				switch {
				case d.Granted():
					granted.add(1)
				case d.Reason == core.ReasonBreakerOpen && time.Since(began) == 0 && d.RetryAfter > 0:
					refused.add(1)
				default:
					t.Errorf("%v (%s) after %v, again in %v", d.Outcome, d.Reason, time.Since(began), d.RetryAfter)
				}
			})
		}
		all.Wait()
		if granted.load() != 1 || refused.load() != 99 {
			t.Errorf("%d granted and %d refused, want 1 and 99", granted.load(), refused.load())
		}
		calls(t, store, 2)
	})
}

// Calls that hang past their deadline keep their places. Nobody waits behind them once the breaker knows.
func TestNobodyWaitsForPlacesThatHungCallsHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		store := newStore(stuck(release))
		gate := open(t, core.Config{Timeout: time.Second, Guard: core.Guard{TripAfter: 2, MaxInFlight: 2, OpenFor: 5 * time.Second}}, store)
		for i := range 2 {
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i))), core.Undetermined, core.ReasonDeadline)
		}
		for range 3 {
			time.Sleep(6 * time.Second)
			began := time.Now()
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-9")), core.Undetermined, core.ReasonBreakerOpen)
			if took := time.Since(began); took != 0 {
				t.Errorf("waited %v", took)
			}
		}
		calls(t, store, 2)
		close(release)
		synctest.Wait()
		store.script(sells(skin))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-9")), core.Granted, core.ReasonOwned)
	})
}

func TestWhatTheBreakerCountsAsAFailure(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		open bool
	}{
		{"an outage", errDown, true},
		{"any other error", errors.New("oops"), true},
		{"our own misconfiguration", &core.StoreError{Fault: core.FaultMisconfigured}, true},
		{"a client that ends its calls as cancelled by itself", context.Canceled, true},
		{"a client whose own time runs out", context.DeadlineExceeded, true},
		{"a fault that nobody defined", &core.StoreError{Fault: 99}, true},
		{"no such purchase", errNotFound, false},
		{"a refused token", &core.StoreError{Fault: core.FaultTokenRefused}, false},
		{"a pause that the store asked for", &core.StoreError{Reason: core.ReasonStorePaused}, false},
	} {
		bubble(c.name, t, func(t *testing.T) {
			store := newStore(fails(c.err))
			gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}, Guard: core.Guard{TripAfter: 3}}, store)
			for i := range 20 {
				gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("none-", i)))
			}
			n, state := 20, "closed"
			if c.open {
				n, state = 3, "open"
			}
			calls(t, store, n)
			if s := shop(t, gate); s.Breaker != state || s.BreakerOpened != uint64(20-n)/17 {
				t.Errorf("the breaker is %s and opened %d times", s.Breaker, s.BreakerOpened)
			}
		})
	}
}

func TestEveryThresholdThatIsAcceptedOpens(t *testing.T) {
	for _, threshold := range []int{1, 2, 7, 64, 1000} {
		bubble(fmt.Sprint(threshold), t, func(t *testing.T) {
			store := newStore(after(2*time.Second, fails(errDown)))
			gate := open(t, core.Config{Guard: core.Guard{TripAfter: threshold, OpenFor: time.Millisecond}}, store)
			for i := range threshold - 1 {
				gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i)))
			}
			if s := shop(t, gate); s.Breaker != "closed" {
				t.Errorf("%s one failure before", s.Breaker)
			}
			gate.Check(t.Context(), inApp("skin"), by("alice", "skin-x"))
			if s := shop(t, gate); s.Breaker != "open" {
				t.Errorf("%s at the threshold", s.Breaker)
			}
		})
	}
}

func TestTheBreakersStateAndSinceWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(fails(errDown))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1, OpenFor: 5 * time.Second}}, store)
		shows := func(state string, since time.Time, opened uint64) {
			t.Helper()
			if s := shop(t, gate); s.Breaker != state || !s.BreakerSince.Equal(since) || s.BreakerOpened != opened {
				t.Errorf("%s since %v, opened %d times; want %s since %v, %d", s.Breaker, s.BreakerSince, s.BreakerOpened, state, since, opened)
			}
		}
		shows("closed", time.Time{}, 0)
		time.Sleep(time.Second)
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		first := time.Now()
		time.Sleep(time.Second)
		shows("open", first, 1)
		time.Sleep(5 * time.Second)
		shows("half-open", time.Now(), 1) // noticed by this very look
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		shows("open", time.Now(), 2)
		store.script(sells(skin))
		time.Sleep(6 * time.Second)
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		shows("closed", time.Now(), 2)
	})
}

func TestMissingPurchasesAndCallersThatLeaveDoNotOpenTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(after(50*time.Millisecond, fails(errNotFound)))
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}, Guard: core.Guard{TripAfter: 3}}, store)
		for i := range 20 {
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("none-", i))), core.Denied, core.ReasonNotFound)
		}
		for i := range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			want(t, gate.Check(ctx, inApp("skin"), by("alice", fmt.Sprint("left-", i))), core.Undetermined, core.ReasonCallerGone)
			cancel()
		}
		time.Sleep(time.Second)
		store.script(sells(skin))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	})
}

func TestTheBulkheadCapsTheCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			mu.Lock()
			now--
			mu.Unlock()
			return skin(token), nil
		})
		gate := open(t, core.Config{Guard: core.Guard{MaxInFlight: 4}}, store)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				want(t, gate.Check(t.Context(), inApp("skin"), by(fmt.Sprint("player-", i), fmt.Sprint("skin-", i))), core.Granted, core.ReasonOwned)
			})
		}
		all.Wait()
		if most != 4 {
			t.Errorf("%d calls at once, want 4", most)
		}
	})
}
