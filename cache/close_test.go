package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/cache"
)

func sleeping(d time.Duration) func(context.Context, cache.Order) (int, error) {
	return func(ctx context.Context, _ cache.Order) (int, error) {
		select {
		case <-time.After(d):
			return 1, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func TestCloseWithNothingUnderWay(t *testing.T) {
	f := newFlights[int](t, time.Second)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Close(over); err != nil {
		t.Error(err)
	}
	if _, _, err := f.Join("k", 0, sleeping(0)); err != cache.ErrClosed {
		t.Errorf("Join after Close: %v", err)
	}
}

func TestCloseWaitsForFlightsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[int](t, time.Minute)
		short, _ := join(t, f, "short", 0, sleeping(time.Second))
		long, _ := join(t, f, "long", 0, sleeping(2*time.Second))
		began := time.Now()
		closed := make(chan error)
		for range 2 { // twice at once
			go func() { closed <- f.Close(t.Context()) }()
		}
		synctest.Wait()
		if _, _, err := f.Join("short", 0, sleeping(0)); err != cache.ErrClosed {
			t.Errorf("Join during Close, of a flight under way: %v", err)
		}
		for range 2 {
			if err := <-closed; err != nil {
				t.Error(err)
			}
		}
		if d := time.Since(began); d != 2*time.Second {
			t.Errorf("Close returned after %v", d)
		}
		for _, fl := range []*cache.Flight[int]{short, long} {
			if v, err := fl.Result(); v != 1 || err != nil {
				t.Errorf("a flight under way ended with %d, %v", v, err)
			}
		}
		if err := f.Close(t.Context()); err != nil {
			t.Errorf("closed again: %v", err)
		}
	})
}

func TestCloseCancelsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[int](t, time.Hour)
		displaced, _ := join(t, f, "k", 0, sleeping(time.Minute))
		current, _ := join(t, f, "k", cache.NextOrder(), sleeping(time.Minute))
		release := make(chan struct{})
		deaf, _ := join(t, f, "deaf", 0, func(context.Context, cache.Order) (int, error) { <-release; return 1, nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := f.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "cache: flights cancelled on closing, 3 under way: context deadline exceeded" {
			t.Errorf("Close = %v", err)
		}
		for _, fl := range []*cache.Flight[int]{displaced, current} {
			if _, err := fl.Result(); err != context.Canceled {
				t.Errorf("a flight ended with %v, want it cancelled", err)
			}
		}
		if d := time.Since(began); d != time.Second {
			t.Errorf("cancelled after %v", d)
		}
		if n := f.InFlight(); n != 1 {
			t.Errorf("InFlight = %d, want the deaf one", n)
		}
		close(release)
		if err := f.Close(t.Context()); err != nil {
			t.Errorf("waiting for the deaf one: %v", err)
		}
		if v, err := deaf.Result(); v != 1 || err != nil {
			t.Errorf("the deaf one ended with %d, %v", v, err)
		}
	})
}
