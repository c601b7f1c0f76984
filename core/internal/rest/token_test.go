package rest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// issuer is a token endpoint. Its fields may be changed while no fetch is under way.
type issuer struct {
	takes time.Duration
	life  time.Duration
	err   error
	same  bool // issue the same token again and again

	fetches  atomic.Int64
	inFlight atomic.Int64
	overlap  atomic.Bool
}

func (s *issuer) fetch(ctx context.Context) (string, time.Duration, error) {
	n := s.fetches.Add(1)
	if s.inFlight.Add(1) > 1 {
		s.overlap.Store(true)
	}
	defer s.inFlight.Add(-1)
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	if s.same {
		n = 1
	}
	return fmt.Sprintf("token-%d", n), s.life, s.err
}

func (s *issuer) holder() *rest.Tokens { return rest.NewTokens(rest.TokenConfig{Fetch: s.fetch}) }

// accept is a call that the store answers; it reports the token that it was given.
func accept(got *string) func(string) (rest.Verdict, error) {
	return func(token string) (rest.Verdict, error) {
		if got != nil {
			*got = token
		}
		return rest.Accepted, nil
	}
}

func use(t *testing.T, tokens *rest.Tokens) string {
	t.Helper()
	var got string
	if err := tokens.Use(t.Context(), accept(&got)); err != nil {
		t.Fatalf("Use: %v", err)
	}
	return got
}

func TestAColdHolderFetchesOnceForAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: time.Second, life: time.Hour}
		tokens := s.holder()
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				var got string
				if err := tokens.Use(t.Context(), accept(&got)); err != nil || got != "token-1" {
					t.Errorf("Use gave %q, %v", got, err)
				}
			})
		}
		wg.Wait()
		if n := s.fetches.Load(); n != 1 {
			t.Errorf("%d fetches, want 1", n)
		}
	})
}

func TestARenewalBeforeTheEndDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: 2 * time.Second, life: time.Hour}
		tokens := s.holder()
		use(t, tokens)
		time.Sleep(time.Hour - 600*time.Second - 2*time.Second)
		if use(t, tokens); s.fetches.Load() != 1 {
			t.Fatalf("renewed with 600 s left")
		}
		time.Sleep(time.Millisecond)
		began := time.Now()
		for range 100 {
			if got := use(t, tokens); got != "token-1" {
				t.Fatalf("got %q while the renewal is under way", got)
			}
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("the callers waited %v", d)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := use(t, tokens); got != "token-2" || s.fetches.Load() != 2 {
			t.Errorf("got %q after %d fetches, want token-2 after 2", got, s.fetches.Load())
		}
	})
}

func TestATokenServesUntilItsEndWhileItsRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{life: time.Hour}
		tokens := s.holder()
		use(t, tokens)
		s.err = errors.New("down")
		end := time.Now().Add(time.Hour)
		for time.Now().Before(end) {
			use(t, tokens)
			synctest.Wait()
			time.Sleep(time.Second)
		}
		if err := tokens.Use(t.Context(), accept(nil)); !errors.Is(err, s.err) {
			t.Errorf("after the token's end: %v, want %v", err, s.err)
		}
		if n := s.fetches.Load(); n < 10 || n > 150 {
			t.Errorf("%d fetches in ten minutes of failing renewals", n)
		}
		synctest.Wait()
		s.err = nil
		time.Sleep(time.Second)
		use(t, tokens)
	})
}

func TestEachCallerLeavesWhenItsOwnContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: 2 * time.Second, life: time.Hour}
		tokens := s.holder()
		began := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				if err := tokens.Use(ctx, accept(nil)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Use: %v, want the deadline", err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(began); d != 100*time.Millisecond {
			t.Errorf("the callers were back after %v", d)
		}
		if got := use(t, tokens); got != "token-1" || s.fetches.Load() != 1 {
			t.Errorf("the flight went down with its callers: %q, %d fetches", got, s.fetches.Load())
		}
	})
}

func TestOddLivesCauseAtMostOneFetchASecondAndNoTokenForEver(t *testing.T) {
	for name, tc := range map[string]struct {
		life   time.Duration
		minute int64 // most fetches in a minute
	}{
		"absent":           {0, 3},
		"negative":         {-5 * time.Second, 3},
		"one nanosecond":   {1, 61},
		"one second":       {time.Second, 61},
		"nine seconds":     {9 * time.Second, 14},
		"599 seconds":      {599 * time.Second, 1},
		"601 seconds":      {601 * time.Second, 60},
		"a hundred years":  {100 * 365 * 24 * time.Hour, 1},
		"the longest ever": {1<<63 - 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &issuer{life: tc.life}
				tokens := s.holder()
				for range 600 {
					use(t, tokens)
					synctest.Wait()
					time.Sleep(100 * time.Millisecond)
				}
				if n := s.fetches.Load(); n > tc.minute {
					t.Errorf("%d fetches in a minute, want at most %d", n, tc.minute)
				}
				before := s.fetches.Load()
				time.Sleep(24 * time.Hour)
				use(t, tokens)
				if s.fetches.Load() == before {
					t.Error("the token is used after a day without a call")
				}
			})
		})
	}
}

func TestFailedFetchesAreHeldForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{err: errors.New("refused"), life: time.Hour}
		tokens := s.holder()
		for range 1000 {
			if err := tokens.Use(t.Context(), accept(nil)); !errors.Is(err, s.err) {
				t.Fatalf("Use: %v", err)
			}
			synctest.Wait()
			time.Sleep(5 * time.Millisecond)
		}
		if n := s.fetches.Load(); n < 4 || n > 5 {
			t.Errorf("%d fetches in 5 s, want one a second", n)
		}
		s.err = nil
		time.Sleep(time.Second)
		use(t, tokens)
	})
}

var errRefused = errors.New("401")

// backend refuses the tokens below good, by number.
func backend(calls *atomic.Int64, good func(token string) bool) func(string) (rest.Verdict, error) {
	return func(token string) (rest.Verdict, error) {
		calls.Add(1)
		time.Sleep(10 * time.Millisecond)
		if !good(token) {
			return rest.Refused, errRefused
		}
		return rest.Accepted, nil
	}
}

func TestTwoHundredRefusalsCauseOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: 50 * time.Millisecond, life: time.Hour}
		tokens := s.holder()
		use(t, tokens)
		time.Sleep(time.Minute)
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond) // some are refused long after the renewal
				var calls atomic.Int64
				err := tokens.Use(t.Context(), backend(&calls, func(token string) bool { return token == "token-2" }))
				if err != nil || calls.Load() > 2 {
					t.Errorf("%d calls, %v", calls.Load(), err)
				}
			})
		}
		wg.Wait()
		if n := s.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want the first and one renewal", n)
		}
	})
}

func TestADeadTokenIssuedForEverDoesNotLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: time.Millisecond, life: time.Hour, same: true}
		tokens := s.holder()
		dead := true
		good := func(string) bool { return !dead }
		for range 1000 {
			var calls atomic.Int64
			if err := tokens.Use(t.Context(), backend(&calls, good)); !errors.Is(err, errRefused) {
				t.Fatalf("Use: %v, want the refusal", err)
			}
			if n := calls.Load(); n < 1 || n > 2 {
				t.Fatalf("%d calls for one use", n)
			}
		}
		// 1000 calls of 10 ms and more
		if n, most := s.fetches.Load(), int64(12); n > most {
			t.Errorf("%d fetches in ten seconds, want at most %d", n, most)
		}
		dead = false
		time.Sleep(time.Second)
		use(t, tokens)
	})
}

func TestATokenThatWorkedIsRenewedAtOnceAFewTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{life: time.Hour}
		tokens := s.holder()
		renewed := 0
		for range 20 { // the store drops each token right after its first use
			good := use(t, tokens)
			var calls atomic.Int64
			err := tokens.Use(t.Context(), func(token string) (rest.Verdict, error) {
				calls.Add(1)
				if token == good {
					return rest.Refused, errRefused
				}
				return rest.Accepted, nil
			})
			if err != nil {
				break
			}
			renewed++
		}
		if renewed < 5 || renewed > 9 {
			t.Errorf("%d renewals in no time, want a few", renewed)
		}
		time.Sleep(time.Minute)
		if use(t, tokens); s.fetches.Load() > 10 {
			t.Errorf("%d fetches", s.fetches.Load())
		}
	})
}

func TestAnEndlessChangeOfTokensStaysNearOneFetchASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{life: time.Hour}
		tokens := s.holder()
		last := ""
		for range 6000 { // a minute of calls; every second one is refused its token
			_ = tokens.Use(t.Context(), func(token string) (rest.Verdict, error) {
				if token == last {
					return rest.Refused, errRefused
				}
				last = token
				return rest.Accepted, nil
			})
			time.Sleep(10 * time.Millisecond)
		}
		if n := s.fetches.Load(); n > 60+9 {
			t.Errorf("%d fetches in a minute", n)
		}
	})
}

func TestARefusedTokenIsNotHandedOutAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{life: time.Hour}
		tokens := s.holder()
		use(t, tokens)
		time.Sleep(time.Minute)
		s.takes = time.Second
		refuseFirst := func(token string) (rest.Verdict, error) {
			if token == "token-1" {
				return rest.Refused, errRefused
			}
			return rest.Accepted, nil
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := tokens.Use(t.Context(), refuseFirst); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if got := use(t, tokens); got != "token-2" {
			t.Errorf("got %q while the refused token is being renewed", got)
		}
		wg.Wait()
	})
}

func TestOnlyTheTokenThatWorkedCountsAsProven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{life: time.Hour}
		tokens := s.holder()
		use(t, tokens)
		time.Sleep(time.Minute)
		slow := make(chan error, 1)
		go func() {
			slow <- tokens.Use(t.Context(), func(string) (rest.Verdict, error) {
				time.Sleep(100 * time.Millisecond)
				return rest.Accepted, nil // token-1, after it was replaced
			})
		}()
		synctest.Wait()
		refuse := func(string) (rest.Verdict, error) { return rest.Refused, errRefused }
		for range 2 { // the first brings token-2
			if err := tokens.Use(t.Context(), refuse); !errors.Is(err, errRefused) {
				t.Fatal(err)
			}
			time.Sleep(200 * time.Millisecond)
		}
		if err := <-slow; err != nil {
			t.Fatal(err)
		}
		if n := s.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want no early renewal of a token that never worked", n)
		}
	})
}

func TestARefusedTokenWhoseRenewalFailsGivesTheRenewalsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{life: time.Hour}
		tokens := s.holder()
		use(t, tokens)
		time.Sleep(time.Minute)
		s.err = errors.New("down")
		var calls atomic.Int64
		err := tokens.Use(t.Context(), backend(&calls, func(string) bool { return false }))
		if !errors.Is(err, s.err) || calls.Load() != 1 {
			t.Errorf("%v after %d calls, want the fetch's error after one", err, calls.Load())
		}
	})
}

func TestAFetchThatPanicsOrExitsIsAFailedFetch(t *testing.T) {
	for name, fetch := range map[string]rest.Fetch{
		"panics":          func(context.Context) (string, time.Duration, error) { panic("s3cret") },
		"exits":           func(context.Context) (string, time.Duration, error) { runtime.Goexit(); return "", 0, nil },
		"returns nothing": func(context.Context) (string, time.Duration, error) { return "", time.Hour, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tokens := rest.NewTokens(rest.TokenConfig{Fetch: fetch})
				for range 2 {
					err := tokens.Use(t.Context(), accept(nil))
					if err == nil || errors.Is(err, context.Canceled) {
						t.Fatalf("Use: %v", err)
					}
					mustNotContain(t, err, "s3cret")
					time.Sleep(time.Second)
				}
			})
		})
	}
}

func TestAFetchThatHangsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: time.Hour}
		began := time.Now()
		err := s.holder().Use(t.Context(), accept(nil))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestCloseEndsTheFetchAndRefusesUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: time.Hour}
		tokens := s.holder()
		done := make(chan error)
		go func() { done <- tokens.Use(t.Context(), accept(nil)) }()
		synctest.Wait()
		tokens.Close()
		if n := s.inFlight.Load(); n != 0 {
			t.Errorf("%d fetches under way after Close", n)
		}
		if err := <-done; err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("the waiting caller got %v", err)
		}
		if err := tokens.Use(t.Context(), accept(nil)); !errors.Is(err, rest.ErrClosed) {
			t.Errorf("Use after Close: %v", err)
		}
		tokens.Close()
	})
}

func TestAbandonEndsOnlyWhatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: 5 * time.Second, life: time.Hour}
		tokens := s.holder()
		done := make(chan error)
		go func() { done <- tokens.Use(t.Context(), accept(nil)) }()
		synctest.Wait()
		tokens.Abandon()
		if err := <-done; err != nil {
			t.Fatalf("a fetch that is waited for was ended: %v", err)
		}
		time.Sleep(time.Hour - 300*time.Second)
		use(t, tokens) // starts a renewal behind its back
		synctest.Wait()
		if s.inFlight.Load() != 1 {
			t.Fatal("no renewal is under way")
		}
		tokens.Abandon()
		if s.inFlight.Load() != 0 {
			t.Error("the renewal goes on")
		}
		if got := use(t, tokens); got != "token-1" {
			t.Errorf("got %q, want the token that is still good", got)
		}

		cold := s.holder()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := cold.Use(ctx, accept(nil)); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if cold.Abandon(); s.inFlight.Load() != 0 {
			t.Error("a fetch whose caller left goes on")
		}
	})
}

func TestNeverTwoFetchesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &issuer{takes: 1500 * time.Millisecond, life: 3 * time.Second}
		tokens := s.holder()
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 7 * time.Millisecond)
				for j := range 200 {
					ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
					_ = tokens.Use(ctx, func(string) (rest.Verdict, error) {
						if j%5 == 0 {
							return rest.Refused, errRefused
						}
						return rest.Accepted, nil
					})
					cancel()
					time.Sleep(50 * time.Millisecond)
				}
			})
		}
		wg.Wait()
		tokens.Close()
		if s.overlap.Load() {
			t.Error("two fetches were under way at once")
		}
	})
}
