package rediscache_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
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
			c := serve(t, test.answer).of(t, rediscache.Config{})
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
	c := tier(t, rediscache.Config{Timeout: time.Second, Client: closing(t, redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{addr}})))})
	for _, err := range fails(t, c) {
		if got := err.Error(); got != "rediscache: get: connection refused" {
			t.Errorf("got %q", got)
		}
	}
}

// awaits calls until one is made, and returns what it ended with.
func awaits(t *testing.T, c *rediscache.Cache) error {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := c.Get(t.Context(), question()); err == nil || !strings.Contains(err.Error(), "is not asked now") {
			return err
		}
	}
	t.Fatal("Redis is not asked again")
	return nil
}

func TestItIsUsedAgainWhenItAnswersAgain(t *testing.T) {
	s := serve(t, "-LOADING\r\n")
	c := s.of(t, rediscache.Config{Timeout: time.Second})
	fails(t, c)
	s.says(nothing)
	before := time.Now()
	if err := awaits(t, c); err != nil {
		t.Error(err)
	}
	if took := time.Since(before); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if s := c.TierStats(); s.Breaker != "closed" {
		t.Errorf("counted %+v", s)
	}
}

// Those who come while Redis is tried do not wait for that.
func TestNobodyWaitsWhileASilentRedisIsTried(t *testing.T) {
	s := serve(t, silence)
	c := s.of(t, rediscache.Config{Timeout: 200 * time.Millisecond})
	fails(t, c)
	asked := s.commands.Load()
	for end := time.Now().Add(30 * time.Second); s.commands.Load() == asked; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody tries")
		}
		if _, err := c.Get(t.Context(), question()); err == nil || !strings.Contains(err.Error(), "is not asked now") {
			t.Fatalf("got %v", err)
		}
	}
	if n := c.TierStats().Calls; n != 2 {
		t.Errorf("%d calls were waited for, want 2", n)
	}
}

// Five requests come within a timeout, as at the defaults 200 a second do, for four timeouts.
func TestFewWaitWhileRedisHangs(t *testing.T) {
	s := serve(t, silence)
	c := s.of(t, rediscache.Config{Timeout: 500 * time.Millisecond})
	var wg sync.WaitGroup
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 20 {
		<-tick.C
		wg.Go(func() { _, _ = c.Get(t.Context(), question()) })
	}
	wg.Wait()
	if s := c.TierStats(); s.Calls > 5 || s.Calls+s.Skipped != 20 {
		t.Errorf("counted %+v, want 5 calls at most", s)
	}
}

func TestACallerWhoLeavesSaysNothingOfRedis(t *testing.T) {
	s := serve(t, silence)
	c := s.of(t, rediscache.Config{Timeout: time.Second})
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

// rude is a client that does not heed its context, or worse.
type rude struct {
	redis.UniversalClient
	do func()
}

func (r rude) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	r.do()
	return redis.NewCmdResult(nil, errors.New("over"))
}

func TestAClientThatIsRude(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	for _, test := range []struct {
		name string
		do   func()
		want string
	}{
		{"hangs", func() { <-over }, "rediscache: get: context deadline exceeded"},
		{"panics", func() { panic("the-token") }, "rediscache: get: the client panicked with a string"},
		{"ends its goroutine", runtime.Goexit, "rediscache: get: the client ended its goroutine"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := tier(t, rediscache.Config{Client: rude{do: test.do}})
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
	c := s.of(t, rediscache.Config{Timeout: time.Second, MACKey: macKey})
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
