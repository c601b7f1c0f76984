package rest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

var errStore = errors.New("the store failed")

// failing is an attempt that fails at the rate, in a way that may pass.
func failing(l *rest.Line, rate float64, sent *atomic.Int64) func(context.Context) (rest.Advice, error) {
	again := false
	return func(context.Context) (rest.Advice, error) {
		l.Sent(again)
		again = true
		sent.Add(1)
		if rand.Float64() < rate {
			return rest.Advice{Answered: true, Again: true}, errStore
		}
		return rest.Advice{Answered: true}, nil
	}
}

func TestRetriesStayWithinTheirQuota(t *testing.T) {
	for _, rate := range []float64{0, 0.01, 0.3, 1} {
		synctest.Test(t, func(t *testing.T) {
			var l rest.Line
			var sent, failed atomic.Int64
			const n = 1000
			for range n {
				if l.Do(t.Context(), true, failing(&l, rate, &sent)) != nil {
					failed.Add(1)
				}
			}
			s := l.Stats()
			if int64(s.Attempts) != sent.Load() || s.Attempts != n+s.Retries || s.Attempts > n*11/10 {
				t.Errorf("rate %v: %d calls caused %d attempts, %d of them retries", rate, n, s.Attempts, s.Retries)
			}
			if rate >= 0.3 && s.Retries < 80 {
				t.Errorf("rate %v: the quota gave only %d retries", rate, s.Retries)
			}
			if rate == 0.01 && failed.Load() > 2 {
				t.Errorf("rate %v: %d calls failed in spite of retries", rate, failed.Load())
			}
		})
	}
}

func TestAtOnceTheQuotaHoldsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		var sent atomic.Int64
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { _ = l.Do(t.Context(), true, failing(&l, 1, &sent)) })
		}
		wg.Wait()
		if n := sent.Load(); n > 1100 || n < 1005 {
			t.Errorf("1000 callers caused %d attempts", n)
		}
	})
}

func TestTheQuotaFillsUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		retries := func(calls int, rate float64) uint64 {
			before := l.Stats().Retries
			var sent atomic.Int64
			for range calls {
				_ = l.Do(t.Context(), true, failing(&l, rate, &sent))
			}
			return l.Stats().Retries - before
		}
		if got := retries(10, 1); got != 10 {
			t.Errorf("the first 10 failures caused %d retries, want 10", got)
		}
		if got := retries(24, 1); got != 2 {
			t.Errorf("24 more caused %d, want 2", got)
		}
		retries(500, 0)
		if got := retries(10, 1); got != 10 {
			t.Errorf("after 500 successes 10 failures caused %d, want 10", got)
		}
	})
}

func TestWhatIsNotRepeated(t *testing.T) {
	ok := rest.Advice{Answered: true, Again: true}
	for name, tc := range map[string]struct {
		repeatable bool
		advice     rest.Advice
		err        error
		limit      time.Duration
		attempts   int
	}{
		"a call that may not be repeated":     {false, ok, errStore, time.Second, 1},
		"an attempt that would fail again":    {true, rest.Advice{Answered: true}, errStore, time.Second, 1},
		"a success":                           {true, ok, nil, time.Second, 1},
		"a call whose deadline is near":       {true, ok, errStore, 75 * time.Millisecond, 1},
		"a call whose deadline has passed":    {true, ok, errStore, 0, 1},
		"an attempt that began a pause":       {true, rest.Advice{Answered: true, Again: true, Pause: time.Second}, errStore, time.Minute, 1},
		"a failure that may pass: only once":  {true, ok, errStore, time.Second, 2},
		"a failure without an answer as well": {true, rest.Advice{Again: true}, errStore, time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l rest.Line
				ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
				defer cancel()
				began, attempts := time.Now(), 0
				err := l.Do(ctx, tc.repeatable, func(context.Context) (rest.Advice, error) {
					attempts++
					return tc.advice, tc.err
				})
				if !errors.Is(err, tc.err) || attempts != tc.attempts {
					t.Errorf("%d attempts, %v", attempts, err)
				}
				if d := time.Since(began); tc.attempts == 1 && d != 0 || tc.attempts == 2 && (d < 25*time.Millisecond || d >= 75*time.Millisecond) {
					t.Errorf("took %v", d)
				}
			})
		})
	}
}

func TestBackoffIsNotTheSameForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		seen := map[time.Duration]bool{}
		for range 10 {
			began := time.Now()
			_ = l.Do(t.Context(), true, func(context.Context) (rest.Advice, error) { return rest.Advice{Again: true}, errStore })
			seen[time.Since(began)] = true
		}
		if len(seen) < 5 {
			t.Errorf("ten retries came after %v", seen)
		}
	})
}

func TestEveryAttemptIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		began := time.Now()
		err := l.Do(context.Background(), true, func(ctx context.Context) (rest.Advice, error) {
			<-ctx.Done()
			return rest.Advice{Again: true}, ctx.Err()
		})
		if d := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || d != rest.DefaultTimeout {
			t.Errorf("%v after %v", err, d)
		}
	})
}

func TestACallerWhoLeavesBetweenAttemptsIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		ctx, cancel := context.WithCancel(t.Context())
		attempts := 0
		err := l.Do(ctx, true, func(context.Context) (rest.Advice, error) {
			attempts++
			time.AfterFunc(time.Millisecond, cancel)
			return rest.Advice{Again: true}, errStore
		})
		if !errors.Is(err, context.Canceled) || attempts != 1 {
			t.Errorf("%d attempts, %v", attempts, err)
		}
	})
}

// answers is an attempt that gives the same each time, and counts.
func answers(advice rest.Advice, err error, n *int) func(context.Context) (rest.Advice, error) {
	return func(context.Context) (rest.Advice, error) {
		*n++
		return advice, err
	}
}

var fine = rest.Advice{Answered: true}

func TestAPauseIsSharedByAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		n := 0
		asksForTwo := rest.Advice{Answered: true, Pause: 2 * time.Second}
		if err := l.Do(t.Context(), true, answers(asksForTwo, errStore, &n)); !errors.Is(err, errStore) {
			t.Fatalf("the call that began the pause: %v", err)
		}
		end := time.Now().Add(2 * time.Second)
		for left := 2 * time.Second; left > 0; left -= 250 * time.Millisecond {
			began := time.Now()
			var p *rest.Paused
			if err := l.Do(t.Context(), false, answers(fine, nil, &n)); !errors.As(err, &p) || p.Remaining != left || time.Since(began) != 0 {
				t.Fatalf("with %v left: %v after %v", left, err, time.Since(began))
			}
			if want := fmt.Sprintf("not called: the store wants to be left alone for %v more", left); p.Error() != want {
				t.Fatalf("got %q", p.Error())
			}
			if got := l.Stats().PausedUntil; !got.Equal(end) {
				t.Fatalf("it ends %v, want %v", got, end)
			}
			time.Sleep(250*time.Millisecond - time.Nanosecond)
			var last *rest.Paused
			if err := l.Do(t.Context(), false, answers(fine, nil, &n)); !errors.As(err, &last) || last.Remaining != left-250*time.Millisecond+time.Nanosecond {
				t.Fatalf("a nanosecond before %v are left: %v", left-250*time.Millisecond, err)
			}
			time.Sleep(time.Nanosecond)
		}
		if n != 1 {
			t.Errorf("%d attempts during the pause", n-1)
		}
		if got := l.Stats().PausedUntil; !got.IsZero() {
			t.Errorf("a pause that is over, and that no call has tried, ends %v", got)
		}
		if err := l.Do(t.Context(), false, answers(fine, nil, &n)); err != nil || n != 2 {
			t.Errorf("afterwards: %v after %d attempts", err, n)
		}
		if s := l.Stats(); s.Paused != 16 || !s.PausedUntil.IsZero() {
			t.Errorf("%+v", s)
		}
	})
}

func TestAfterAPauseOneCallGoesFirst(t *testing.T) {
	for name, tc := range map[string]struct {
		probe    rest.Advice
		free     bool          // the line is free when the probe is back
		nextWait time.Duration // otherwise, how long the next is to wait; 0: it probes itself
	}{
		"the store answers":             {rest.Advice{Answered: true}, true, 0},
		"the store answers an error":    {rest.Advice{Answered: true, Again: true}, true, 0},
		"the store asks for more":       {rest.Advice{Answered: true, Pause: 3 * time.Second}, false, 3 * time.Second},
		"the store does not answer":     {rest.Advice{}, false, 0},
		"the store asks for far longer": {rest.Advice{Answered: true, Pause: time.Hour}, false, rest.MaxRetryAfter},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l rest.Line
				n := 0
				_ = l.Do(t.Context(), true, answers(rest.Advice{Answered: true, Pause: time.Second}, errStore, &n))
				time.Sleep(time.Second)
				var wg sync.WaitGroup
				var through, held atomic.Int64
				back := make(chan struct{})
				for range 100 {
					wg.Go(func() {
						err := l.Do(t.Context(), false, func(context.Context) (rest.Advice, error) {
							through.Add(1)
							<-back
							return tc.probe, errStore
						})
						var p *rest.Paused
						if errors.As(err, &p) && p.Remaining == rest.DefaultPause {
							held.Add(1)
						}
					})
				}
				synctest.Wait()
				if through.Load() != 1 || held.Load() != 99 {
					t.Errorf("%d went through, %d were held back", through.Load(), held.Load())
				}
				close(back)
				wg.Wait()
				// Two at once: both pass if the line is free, one if the next probes.
				hold := make(chan struct{})
				through.Store(0)
				for range 2 {
					wg.Go(func() {
						err := l.Do(t.Context(), false, func(context.Context) (rest.Advice, error) {
							through.Add(1)
							<-hold
							return fine, nil
						})
						var p *rest.Paused
						if tc.nextWait > 0 && (!errors.As(err, &p) || p.Remaining != tc.nextWait) {
							t.Errorf("got %v, want a wait of %v", err, tc.nextWait)
						}
					})
				}
				synctest.Wait()
				want := int64(1)
				if tc.free {
					want = 2
				} else if tc.nextWait > 0 {
					want = 0
				}
				if through.Load() != want {
					t.Errorf("%d of 2 went through, want %d", through.Load(), want)
				}
				close(hold)
				wg.Wait()
			})
		})
	}
}

func TestAProbeThatPanicsLetsTheNextTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		n := 0
		_ = l.Do(t.Context(), true, answers(rest.Advice{Answered: true, Pause: time.Second}, errStore, &n))
		time.Sleep(time.Second)
		func() {
			defer func() { _ = recover() }()
			_ = l.Do(t.Context(), true, func(context.Context) (rest.Advice, error) { panic("x") })
		}()
		if err := l.Do(t.Context(), true, answers(fine, nil, &n)); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestALateAnswerExtendsAPauseAndNeverShortensOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		var wg sync.WaitGroup
		began := time.Now()
		for i, p := range []time.Duration{2 * time.Second, 5 * time.Second, time.Second, 0} {
			wg.Go(func() {
				_ = l.Do(t.Context(), true, func(context.Context) (rest.Advice, error) {
					time.Sleep(time.Duration(i+1) * 10 * time.Millisecond) // all are under way before the first is back
					return rest.Advice{Answered: true, Pause: p}, nil
				})
			})
		}
		wg.Wait()
		if got := l.Stats().PausedUntil.Sub(began); got != 5*time.Second+20*time.Millisecond {
			t.Errorf("the pause ends after %v, want 5.02s", got)
		}
	})
}

func TestALateAnswerMayAskForMoreWhileOneCallTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		var wg sync.WaitGroup
		call := func(takes, pause time.Duration) {
			wg.Go(func() {
				_ = l.Do(t.Context(), true, func(context.Context) (rest.Advice, error) {
					time.Sleep(takes)
					return rest.Advice{Answered: true, Pause: pause}, nil
				})
			})
		}
		call(1500*time.Millisecond, 3*time.Second) // from before the pause, back while one tries
		synctest.Wait()
		call(0, time.Second)
		synctest.Wait()
		time.Sleep(time.Second)
		call(time.Second, 0)
		wg.Wait()
		if got := time.Until(l.Stats().PausedUntil); got != 2500*time.Millisecond {
			t.Errorf("the pause lasts %v more, want 2.5s", got)
		}
	})
}

func TestAPauseThatBeganMeanwhileEndsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l rest.Line
		var wg sync.WaitGroup
		n := 0
		wg.Go(func() {
			if err := l.Do(t.Context(), true, answers(rest.Advice{Again: true}, errStore, &n)); !errors.Is(err, errStore) {
				t.Errorf("got %v, want the error of the attempt", err)
			}
		})
		time.Sleep(time.Millisecond) // it waits to be repeated
		other := 0
		_ = l.Do(t.Context(), true, answers(rest.Advice{Answered: true, Pause: time.Second}, nil, &other))
		wg.Wait()
		if n != 1 || l.Stats().Paused != 0 {
			t.Errorf("%d attempts, %+v", n, l.Stats())
		}
	})
}
