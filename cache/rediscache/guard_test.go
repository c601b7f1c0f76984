package rediscache_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redisclient"
)

// fails makes calls until they are skipped, and returns what the first ones ended with.
func fails(t *testing.T, c *rediscache.Cache) (errs []error) {
	t.Helper()
	for range 100 {
		_, err := c.Get(t.Context(), question())
		if err == nil {
			t.Fatal("no error")
		}
		if strings.Contains(err.Error(), "is not asked now") {
			return errs
		}
		errs = append(errs, err)
	}
	t.Fatal("calls go on and on")
	return nil
}

// patience is the default timeout where nothing answers, and otherwise one that no busy machine exceeds.
func patience(never bool) rediscache.Config {
	if never {
		return rediscache.Config{}
	}
	return rediscache.Config{Timeout: time.Minute}
}

func TestWhatARedisAnswersThatIsUnwell(t *testing.T) {
	for _, test := range []struct{ name, answer, want string }{
		{"loading", "-LOADING Redis is loading the dataset in memory\r\n", "the server answers LOADING"},
		{"a replica", "-READONLY You can't write against a read only replica.\r\n", "the server answers READONLY"},
		{"elsewhere", "-MOVED 3999 127.0.0.1:6381\r\n", "the server answers MOVED"},
		{"out of memory", "-OOM command not allowed when used memory > 'maxmemory'.\r\n", "the server answers OOM"},
		{"not allowed", "-NOPERM this user has no permissions to run the 'evalsha' command\r\n", "the server answers NOPERM"},
		{"one that quotes", "-ERR unknown command 'EVALSHA', with args beginning with: 'the-token'\r\n", "the server answers ERR"},
		{"silence", silence, context.DeadlineExceeded.Error()},
		{"hanging up", "hang up", "the client fails with a *errors.errorString"},
		{"nonsense", "?what\r\n", "the client fails with a "},
		{"too little", "*1\r\n:1\r\n", "the script answers what it cannot"},
		{"no version", "*4\r\n$-1\r\n$-1\r\n:0\r\n:1\r\n", "the script answers what it cannot"},
		{"no time", "*4\r\n$1\r\nv\r\n$-1\r\n:0\r\n$-1\r\n", "the script answers what it cannot"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serve(t, test.answer).of(t, patience(test.answer == silence))
			errs := fails(t, c)
			if len(errs) != 2 {
				t.Errorf("%d calls were made before they were skipped, want 2", len(errs))
			}
			for _, err := range errs {
				if !strings.HasPrefix(err.Error(), "rediscache: get: "+test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
			}
			s := c.TierStats()
			if s.Calls != 2 || s.Failed != 2 || s.Skipped != 1 || s.Breaker != "open" {
				t.Errorf("counted %+v", s)
			}
			if err := c.Check(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "rediscache: check: "+test.want) {
				t.Errorf("check: %v", err)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	c := tier(t, rediscache.Config{Timeout: time.Minute, Client: closing(t, redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{addr}})))})
	for _, err := range fails(t, c) {
		if got := err.Error(); got != "rediscache: get: connection refused" {
			t.Errorf("got %q", got)
		}
	}
}

// scripted is a client that answers every script as the test says, without a network.
type scripted struct {
	redis.UniversalClient
	answer func(context.Context) ([]any, error)
}

func (s *scripted) EvalSha(ctx context.Context, _ string, _ []string, _ ...any) *redis.Cmd {
	v, err := s.answer(ctx)
	return redis.NewCmdResult(v, err)
}

func hangs(ctx context.Context) ([]any, error) { <-ctx.Done(); return nil, ctx.Err() }

func works(context.Context) ([]any, error) { return []any{"version", nil, int64(0), int64(1)}, nil }

// Two hundred requests a second come while Redis is silent, and go on when it answers again.
func TestFewWaitForASilentRedisAndItIsUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var well atomic.Bool
		client := &scripted{answer: func(ctx context.Context) ([]any, error) {
			if well.Load() {
				return works(ctx)
			}
			return hangs(ctx)
		}}
		c := tier(t, rediscache.Config{Client: client})
		ask := func() (time.Duration, error) {
			before := time.Now()
			_, err := c.Get(t.Context(), question())
			return time.Since(before), err
		}
		var waited atomic.Int64
		var wg sync.WaitGroup
		for range 2000 { // ten seconds, with some twenty probes
			wg.Go(func() {
				if took, err := ask(); took > 0 {
					waited.Add(1)
					if took > 25*time.Millisecond || err == nil {
						t.Errorf("one waited %v, %v", took, err)
					}
				}
			})
			time.Sleep(5 * time.Millisecond)
		}
		wg.Wait()
		if n := waited.Load(); n > 5 || n < 2 {
			t.Errorf("%d waited, want 5 at most", n)
		}
		if s := c.TierStats(); s.Calls+s.Skipped != 2000 || int64(s.Calls) != waited.Load() || s.Failed != s.Calls {
			t.Errorf("counted %+v", s)
		}

		well.Store(true)
		back := time.Now()
		for {
			if _, err := ask(); err == nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if took := time.Since(back); took > time.Second {
			t.Errorf("it is used again after %v", took)
		}
		if s := c.TierStats(); s.Breaker != "closed" {
			t.Errorf("counted %+v", s)
		}
	})
}

// One that hangs now and then is not given up.
func TestOneFailureIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64 // calls that are given up overlap with the next
		client := &scripted{answer: func(ctx context.Context) ([]any, error) {
			if n.Add(1)%3 == 0 {
				return hangs(ctx)
			}
			return works(ctx)
		}}
		c := tier(t, rediscache.Config{Client: client})
		for range 30 {
			_, _ = c.Get(t.Context(), question())
		}
		if s := c.TierStats(); s.Calls != 30 || s.Failed != 10 || s.Skipped != 0 {
			t.Errorf("counted %+v", s)
		}
	})
}

func TestACallerWhoLeavesSaysNothingOfRedis(t *testing.T) {
	s := serve(t, silence)
	c := s.of(t, rediscache.Config{Timeout: time.Minute})
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		asked := s.commands.Load()
		go func() {
			for s.commands.Load() == asked {
				runtime.Gosched()
			}
			cancel()
		}()
		if _, err := c.Get(ctx, question()); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	if s := c.TierStats(); s.Failed != 0 || s.Breaker != "closed" {
		t.Errorf("counted %+v", s)
	}
}

func TestAClientThatIsRude(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	for _, test := range []struct {
		name string
		do   func()
		want string
	}{
		{"heeds no context", func() { <-over }, "rediscache: get: context deadline exceeded"},
		{"panics", func() { panic("the-token") }, "rediscache: get: the client panicked with a string"},
		{"ends its goroutine", runtime.Goexit, "rediscache: get: the client ended its goroutine"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := patience(test.name == "heeds no context")
			config.Client = &scripted{answer: func(context.Context) ([]any, error) {
				test.do()
				return nil, errors.New("over")
			}}
			c := tier(t, config)
			for _, err := range fails(t, c) {
				if err.Error() != test.want {
					t.Errorf("got %v, want %s", err, test.want)
				}
			}
		})
	}
}

func TestWhatIsOfNoUseIsCountedByItsCause(t *testing.T) {
	s := serve(t, nothing)
	c := s.of(t, rediscache.Config{Timeout: time.Minute, MACKey: macKey})
	q, other, elsewhere := question(), question(), question()
	other.Token, elsewhere.Origin.Market = "the-other", "MKT_GLB"
	f := &core.SharedFact{VerifiedAt: time.Now(), StoreTime: time.Now()}
	for _, kept := range []string{
		"1 2 3 " + string(c.Seal(other, f)), "1 2 3 " + string(c.Seal(elsewhere, f)), "1 2 3 \x02something", "1 2 3 \x01something", "1 2 3 ",
		"what 2 3 " + string(c.Seal(q, f)), "1 2", " ", "99999999999999999999 2 3 " + string(c.Seal(q, f)),
	} {
		s.says(strings.Replace(nothing, "$-1\r\n", "$"+strconv.Itoa(len(kept))+"\r\n"+kept+"\r\n", 1))
		if a, err := c.Get(t.Context(), q); err != nil || a.Fact != nil || a.Busy {
			t.Errorf("got %+v, %v", a, err)
		}
	}
	if s := c.TierStats(); s.OtherKey != 1 || s.OtherOrigin != 1 || s.Newer != 1 || s.Corrupt != 6 || s.Failed != 0 {
		t.Errorf("counted %+v", s)
	}
	kept := "1 2 3 " + string(c.Seal(q, f))
	s.says(strings.Replace(nothing, "$-1\r\n", "$"+strconv.Itoa(len(kept))+"\r\n"+kept+"\r\n", 1))
	a, err := c.Get(t.Context(), q)
	if err != nil || a.Fact == nil || a.Fact.Age != (1700000000000000-1)*time.Microsecond {
		t.Errorf("got %+v, %v", a, err)
	}
}
