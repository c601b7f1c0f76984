package fleet_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/reconcile"
)

var _ reconcile.Turns = fleet.Turns{}

func TestATurnIsOneInstancesAtATime(t *testing.T) {
	server := redistest.Start(t)
	one, two := join(t, server.Addr()).Turns(), join(t, server.Addr()).Turns()
	take := func(who fleet.Turns, work string, d time.Duration, want bool) {
		t.Helper()
		if mine, err := who.Take(t.Context(), work, d); mine != want || err != nil {
			t.Errorf("got %v, %v; want %v", mine, err, want)
		}
	}
	giveBack := func(who fleet.Turns, work string) {
		t.Helper()
		if err := who.Return(t.Context(), work); err != nil {
			t.Error(err)
		}
	}
	take(one, "voids", time.Minute, true)
	take(two, "voids", time.Minute, false)
	take(two, "sweep", time.Minute, true) // another one
	take(one, "voids", time.Minute, true) // its own
	giveBack(two, "voids")                // not its own
	take(two, "voids", time.Minute, false)
	giveBack(one, "voids")
	take(two, "voids", time.Millisecond, true)

	// The first one was paused meanwhile: the turn of the second is over, a third has it.
	three := join(t, server.Addr()).Turns()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		mine, err := three.Take(t.Context(), "voids", time.Minute)
		if err != nil || time.Now().After(end) {
			t.Fatalf("a turn does not end: %v", err)
		}
		if mine {
			break
		}
	}
	giveBack(one, "voids")
	giveBack(two, "voids")
	take(one, "voids", time.Minute, false)
}

func TestOfManyThatTakeAtOnceOneHasTheTurn(t *testing.T) {
	server := redistest.Start(t)
	var mine atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		turns := join(t, server.Addr()).Turns()
		wg.Go(func() {
			for range 20 {
				ok, err := turns.Take(t.Context(), "voids", time.Minute)
				if err != nil {
					t.Error(err)
				}
				if ok {
					mine.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if mine.Load() != 20 {
		t.Errorf("%d turns were taken, want the 20 of one instance", mine.Load())
	}
}

func TestATurnThatCannotBeFoundOutIsAnError(t *testing.T) {
	server := redistest.Start(t)
	turns := join(t, server.Addr()).Turns()
	server.Kill()
	if mine, err := turns.Take(t.Context(), "voids", time.Minute); mine || err == nil {
		t.Errorf("got %v, %v", mine, err)
	}
	if err := turns.Return(t.Context(), "voids"); err == nil {
		t.Error("no error")
	}
}
