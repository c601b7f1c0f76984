package core_test

import (
	"context"
	"errors"
	"fmt"
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

func TestAHungProbeDoesNotWedgeTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		store := newStore(fails(errOutage))
		gate := open(t, core.Config{Timeout: time.Second, Guard: core.Guard{TripAfter: 1, OpenFor: 5 * time.Second}}, store)
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		time.Sleep(6 * time.Second)
		store.script(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
			<-release // whatever the context says
			return skin(token), nil
		})
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-2")), core.Undetermined, core.ReasonDeadline)
		store.script(sells(skin))
		time.Sleep(6 * time.Second)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-3")), core.Granted, core.ReasonOwned)
		close(release)
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
