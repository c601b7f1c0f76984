package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/skugate/skugate/cache"
)

func join[V any](t *testing.T, f *cache.Flights[string, V], key string, after cache.Order, work func(context.Context, cache.Order) (V, error)) (*cache.Flight[V], bool) {
	t.Helper()
	fl, leader, err := f.Join(key, after, work)
	if err != nil {
		t.Fatal(err)
	}
	return fl, leader
}

func TestTenThousandJoinersShareOneCall(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{{"that succeeds", nil}, {"that fails", errors.New("store down")}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFlights[int](t, time.Second)
				var calls, leaders atomic.Int32
				var waiters sync.WaitGroup
				for range 10_000 {
					waiters.Go(func() {
						fl, leader, err := f.Join("k", 0, func(context.Context, cache.Order) (int, error) {
							calls.Add(1)
							time.Sleep(50 * time.Millisecond)
							return 7, c.err
						})
						if err != nil {
							t.Error(err)
							return
						}
						if leader {
							leaders.Add(1)
						}
						if v, err := fl.Wait(t.Context()); v != 7 || err != c.err {
							t.Errorf("Wait = %d, %v", v, err)
						}
					})
				}
				waiters.Wait()
				if calls.Load() != 1 || leaders.Load() != 1 {
					t.Errorf("%d calls, %d leaders; want 1 and 1", calls.Load(), leaders.Load())
				}
				if n := f.InFlight(); n != 0 {
					t.Errorf("InFlight = %d afterwards", n)
				}
			})
		})
	}
}

func TestKeysFlyApart(t *testing.T) {
	f := newFlights[string](t, time.Minute)
	release := make(chan struct{})
	var flights []*cache.Flight[string]
	for _, key := range []string{"a", "b", "c"} {
		fl, leader := join(t, f, key, 0, func(context.Context, cache.Order) (string, error) { <-release; return key, nil })
		if !leader {
			t.Errorf("%q joined another's flight", key)
		}
		flights = append(flights, fl)
	}
	if n := f.InFlight(); n != 3 {
		t.Errorf("InFlight = %d, want 3", n)
	}
	close(release)
	for i, want := range []string{"a", "b", "c"} {
		if v, err := flights[i].Result(); v != want || err != nil {
			t.Errorf("Result = %q, %v; want %q", v, err, want)
		}
	}
}

func TestAWaiterLeavesOnItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[int](t, time.Minute)
		fl, _ := join(t, f, "k", 0, func(ctx context.Context, _ cache.Order) (int, error) {
			select {
			case <-time.After(time.Second):
				return 7, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		})
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if v, err := fl.Wait(short); v != 0 || err != context.DeadlineExceeded {
			t.Errorf("Wait = %d, %v; want the caller's own deadline", v, err)
		}
		if d := time.Since(began); d != 10*time.Millisecond {
			t.Errorf("left after %v", d)
		}
		if v, err := fl.Wait(t.Context()); v != 7 || err != nil {
			t.Errorf("the patient waiter got %d, %v", v, err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 100 {
			if v, err := fl.Wait(gone); v != 7 || err != nil {
				t.Fatalf("a result that was there was not returned: %d, %v", v, err)
			}
		}
	})
}

func TestWorkHasItsOwnBoundedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[time.Duration](t, 3*time.Second)
		fl, _ := join(t, f, "k", 0, func(ctx context.Context, _ cache.Order) (time.Duration, error) {
			began := time.Now()
			<-ctx.Done()
			return time.Since(began), ctx.Err()
		})
		if d, err := fl.Result(); d != 3*time.Second || err != context.DeadlineExceeded {
			t.Errorf("the work's context ended after %v with %v", d, err)
		}

		var kept context.Context
		fl, _ = join(t, f, "k", 0, func(ctx context.Context, _ cache.Order) (time.Duration, error) { kept = ctx; return 0, nil })
		if _, err := fl.Result(); err != nil || kept.Err() != context.Canceled {
			t.Errorf("the work has ended with %v, its context has %v: its timer is still held", err, kept.Err())
		}
	})
}

func TestAFlightKnowsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[cache.Order](t, time.Minute)
		before, now := cache.NextOrder(), cache.Now()
		fl, _ := join(t, f, "k", 0, func(_ context.Context, order cache.Order) (cache.Order, error) { return order, nil })
		given, _ := fl.Result()
		if fl.Order() != given || given <= before || given >= cache.NextOrder() {
			t.Errorf("Order = %d, the work was given %d, begun after %d", fl.Order(), given, before)
		}
		if fl.Began() != now {
			t.Errorf("Began = %v, want %v", fl.Began(), now)
		}
	})
}

func TestALateJoinerAfterAnInvalidationStartsANewFlight(t *testing.T) {
	f := newFlights[string](t, time.Minute)
	r := newRecord[string](t, cache.Config[string]{Entries: 4})
	read := func(answer string, release chan struct{}) func(context.Context, cache.Order) (string, error) {
		return func(_ context.Context, order cache.Order) (string, error) {
			<-release
			e := entry(answer)
			e.Order = order
			if !r.Put("k", e) {
				answer += ", refused"
			}
			return answer, nil
		}
	}
	releaseOld, releaseNew := make(chan struct{}), make(chan struct{})
	old, _ := join(t, f, "k", r.Mark("k"), read("granted", releaseOld))
	r.Invalidate("k", time.Hour)
	late, leader := join(t, f, "k", r.Mark("k"), read("refunded", releaseNew))
	if late == old || !leader {
		t.Fatal("the late joiner was given the flight begun before the invalidation")
	}
	for _, after := range []cache.Order{0, r.Mark("k")} {
		if fl, leader := join(t, f, "k", after, nil); fl != late || leader {
			t.Error("the new flight did not take the old one's place")
		}
	}
	if n := f.InFlight(); n != 2 {
		t.Errorf("InFlight = %d, want the old and the new", n)
	}

	close(releaseOld)
	if v, _ := old.Result(); v != "granted, refused" {
		t.Errorf("the old flight ended with %q", v)
	}
	if fl, _ := join(t, f, "k", 0, nil); fl != late {
		t.Error("the end of the old flight released the new one's key")
	}
	close(releaseNew)
	if v, _ := late.Result(); v != "refunded" {
		t.Errorf("the new flight ended with %q", v)
	}
	wantHit(t, r, "k", cache.Now(), "refunded", cache.Fresh)
}

func TestTheKeyOfHungWorkIsUsableAfterItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[int](t, time.Second)
		release := make(chan struct{})
		hung, _ := join(t, f, "k", 0, func(context.Context, cache.Order) (int, error) { <-release; return 1, nil })
		time.Sleep(time.Second - 1)
		if fl, _ := join(t, f, "k", 0, nil); fl != hung {
			t.Error("the flight was given up before its deadline")
		}
		time.Sleep(time.Nanosecond)
		next, leader := join(t, f, "k", 0, func(context.Context, cache.Order) (int, error) { return 2, nil })
		if next == hung || !leader {
			t.Fatal("the hung flight still holds the key")
		}
		if v, err := next.Result(); v != 2 || err != nil {
			t.Errorf("Result = %d, %v", v, err)
		}
		if n := f.InFlight(); n != 1 {
			t.Errorf("InFlight = %d, want the hung one", n)
		}
		select {
		case <-hung.Done():
			t.Error("the hung flight is done")
		default:
		}
		close(release)
		if v, err := hung.Result(); v != 1 || err != nil {
			t.Errorf("those who wait for the hung flight got %d, %v", v, err)
		}
	})
}

func TestPanicsAndGoexitBecomeErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		work func(context.Context, cache.Order) (int, error)
		want string
	}{
		{"a panic with a string", func(context.Context, cache.Order) (int, error) { panic("s3cret token") }, "cache: work of a flight did not return: panic of type string"},
		{"a panic with an error", func(context.Context, cache.Order) (int, error) { panic(errors.New("s3cret")) }, "cache: work of a flight did not return: panic of type *errors.errorString"},
		{"a panic with nil", func(context.Context, cache.Order) (int, error) { panic(nil) }, "cache: work of a flight did not return: panic of type *runtime.PanicNilError"},
		{"no work at all", nil, "cache: work of a flight did not return: panic of type runtime.errorString"},
		{"Goexit", func(context.Context, cache.Order) (int, error) { runtime.Goexit(); return 1, nil }, "cache: work of a flight did not return: runtime.Goexit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFlights[int](t, time.Minute)
			fl, _ := join(t, f, "k", 0, c.work)
			v, err := fl.Result()
			var panicked *cache.PanicError
			if v != 0 || !errors.Is(err, cache.ErrFlightPanicked) || !errors.As(err, &panicked) {
				t.Fatalf("Result = %d, %v; want a PanicError", v, err)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error quotes the panic: %q", err)
			}
			if err.Error() != c.want {
				t.Errorf("error %q, want %q", err, c.want)
			}
			if c.work != nil && !strings.Contains(string(panicked.Stack), "flights_test.go") {
				t.Errorf("the stack does not reach the work:\n%s", panicked.Stack)
			}
			if strings.Contains(string(panicked.Stack), "s3cret") {
				t.Error("the stack quotes the panic")
			}
			again, leader := join(t, f, "k", 0, func(context.Context, cache.Order) (int, error) { return 2, nil })
			if v, err := again.Result(); !leader || v != 2 || err != nil {
				t.Errorf("the key was not released: %d, %v", v, err)
			}
		})
	}
}

func TestAFlightsKeyDoesNotShareTheCallersBuffer(t *testing.T) {
	f := newFlights[int](t, time.Minute)
	release := make(chan struct{})
	work := func(context.Context, cache.Order) (int, error) { <-release; return 1, nil }
	buffer := []byte("token-1")
	first, _ := join(t, f, unsafe.String(&buffer[0], len(buffer)), 0, work)
	copy(buffer, "token-2")
	if second, leader := join(t, f, "token-2", 0, work); second == first || !leader {
		t.Error("one token's flight was given to another")
	}
	if again, leader := join(t, f, "token-1", 0, work); again != first || leader {
		t.Error("the flight was lost when the buffer changed")
	}
	close(release)
	if err := f.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
