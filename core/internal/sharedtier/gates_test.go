package sharedtier_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/internal/redistest"
)

var skin = core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}

// instance is one of a game's: a gate with a store client and a Redis client of its own.
type instance struct {
	*core.Gate
	store *gatetest.Store
	tier  *rediscache.Cache
}

// start starts n instances that share the server. Each store sells token "account" to that account.
func start(t *testing.T, n int, server *redistest.Server, c rediscache.Config) []instance {
	t.Helper()
	all := make([]instance, n)
	for i := range all {
		store := gatetest.NewStore("shop")
		store.Otherwise(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
			return gatetest.Owned(p, token, token), nil
		})
		c.Client = client(t, server.Addr())
		tier := open(t, c)
		gate, err := core.New(core.Config{Stores: []core.Store{store}, Shared: tier})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = gate.Close(context.Background()) })
		all[i] = instance{gate, store, tier}
	}
	return all
}

// check fails unless the account is let in.
func (i instance) check(t *testing.T, account string) core.Decision {
	t.Helper()
	d := i.Check(context.Background(), skin, core.Credentials{Account: account, Token: account})
	if !d.Granted() {
		t.Errorf("%s: %v (%s, %v)", account, d.Outcome, d.Reason, d.Err)
	}
	return d
}

var errLost = errors.New("the answer did not get there")

// shared waits until the instance put its answer about a token, which takes a quarter of a second at most.
func shared(t *testing.T, i instance, token string) error {
	t.Helper()
	q := asked(i, token)
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if a, err := i.tier.Get(t.Context(), q); err == nil && a.Fact != nil {
			return nil
		}
	}
	return errLost
}

// asked is the question that an instance asks about a token.
func asked(i instance, token string) core.SharedQuestion {
	return core.SharedQuestion{SharedToken: core.SharedToken{Store: "shop", Origin: i.store.Describe(), Token: token}, Kind: skin.Kind, Product: skin.ID}
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// disturbed counts what a busy machine makes of a healthy Redis.
func disturbed(all []instance) (n uint64) {
	for _, i := range all {
		s := i.Stats().Shared
		n += s.Failed + s.TookOver
	}
	return n
}

// undisturbed tries again while the machine was too busy for the gate's own bounds, with other tokens.
func undisturbed(t *testing.T, all []instance, try func(token string) error) {
	t.Helper()
	for n := range 100 {
		before := disturbed(all)
		err := try(fmt.Sprint("player", n))
		if disturbed(all) != before {
			continue
		}
		if err != nil {
			t.Error(err)
		}
		return
	}
	t.Error("nothing worked in a hundred tries")
}

func TestTwoInstancesShareWhatEitherRead(t *testing.T) {
	all := start(t, 2, redistest.Start(t), rediscache.Config{MACKey: macKey})
	for i := range 20 {
		undisturbed(t, all, func(token string) error {
			token = fmt.Sprint(token, ".", i)
			calls := all[0].store.Calls() + all[1].store.Calls()
			first := all[i%2].check(t, token)
			if err := shared(t, all[i%2], token); err != nil {
				return err
			}
			second := all[1-i%2].check(t, token)
			calls = all[0].store.Calls() + all[1].store.Calls() - calls
			if first.Source != core.SourceStore || second.Source != core.SourceShared || calls != 1 {
				return fmt.Errorf("from %s and %s, with %d calls", first.Source, second.Source, calls)
			}
			if second.VerifiedAt.After(first.VerifiedAt) {
				return fmt.Errorf("it grew younger by %v", second.VerifiedAt.Sub(first.VerifiedAt))
			}
			return nil
		})
	}
}

func TestAHerdOnThreeInstancesIsOneCall(t *testing.T) {
	all := start(t, 3, redistest.Start(t), rediscache.Config{})
	undisturbed(t, all, func(token string) error {
		release := make(chan struct{})
		joined, calls := uint64(0), 0
		for _, i := range all {
			i.store.Otherwise(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
				<-release
				return gatetest.Owned(p, token, token), nil
			})
			joined, calls = joined-i.Stats().Stores[0].Joined, calls-i.store.Calls()
		}
		var wg sync.WaitGroup
		for _, i := range all {
			for range 100 {
				wg.Go(func() { i.check(t, token) })
			}
		}
		await(t, "all have asked", func() bool {
			n := joined
			for _, i := range all {
				n += i.Stats().Stores[0].Joined
			}
			return n == 297
		})
		close(release)
		wg.Wait()
		for _, i := range all {
			calls += i.store.Calls()
		}
		if calls != 1 {
			return fmt.Errorf("the stores were asked %d times, want once", calls)
		}
		return nil
	})
}

func TestAnInstanceThatDiesWhileItAsksHoldsNobodyForLong(t *testing.T) {
	all := start(t, 2, redistest.Start(t), rediscache.Config{Lease: 30 * time.Second})
	if a, err := all[0].tier.Get(t.Context(), asked(all[0], "alice")); err != nil || a.Busy { // and never comes back
		t.Fatalf("got %+v, %v", a, err)
	}
	before := time.Now()
	if d := all[1].check(t, "alice"); d.Source != core.SourceStore {
		t.Errorf("from %s", d.Source)
	}
	if took, s := time.Since(before), all[1].Stats().Shared; took < 500*time.Millisecond && s.Failed == 0 || s.TookOver > 1 {
		t.Errorf("it took %v; counted %+v", took, s)
	}
}

func TestAfterAnInvalidationNobodyTakesWhatWasBefore(t *testing.T) {
	all := start(t, 2, redistest.Start(t), rediscache.Config{})
	undisturbed(t, all, func(token string) error {
		all[0].check(t, token)
		if err := shared(t, all[0], token); err != nil {
			return err
		}
		if err := all[0].InvalidateToken(t.Context(), "shop", token); err != nil {
			return err
		}
		if d := all[1].check(t, token); d.Source != core.SourceStore {
			return fmt.Errorf("from %s", d.Source)
		}
		return nil
	})
}

func TestRedisIsKilledAndComesBack(t *testing.T) {
	server := redistest.Start(t)
	all := start(t, 2, server, rediscache.Config{Timeout: 100 * time.Millisecond})
	all[0].check(t, "before")
	server.Kill()
	for i := range 50 {
		if d := all[i%2].check(t, fmt.Sprint("while", i)); d.Source != core.SourceStore {
			t.Errorf("from %s", d.Source)
		}
	}
	if err := all[0].InvalidateToken(t.Context(), "shop", "before"); err == nil {
		t.Error("a token is forgotten by a dead server")
	}
	if err := all[0].tier.Check(t.Context()); err == nil {
		t.Error("a dead server is well")
	}
	if s := all[0].Stats().Shared; s.Failed == 0 || s.Tier.Skipped == 0 || s.Unforgotten != 1 {
		t.Errorf("counted %+v", s)
	}
	server.Restart()
	n := 0
	await(t, "it is used again", func() bool {
		n++
		account := fmt.Sprint("after", n)
		all[0].check(t, account)
		return all[1].check(t, account).Source == core.SourceShared
	})
	if d := all[1].check(t, "before"); d.Source != core.SourceStore && d.Source != core.SourceMemory {
		t.Errorf("from %s", d.Source) // the server kept nothing
	}
}

func TestAFrozenRedisHoldsFewUp(t *testing.T) {
	server := redistest.Start(t)
	all := start(t, 1, server, rediscache.Config{Timeout: 100 * time.Millisecond})
	all[0].check(t, "before")
	server.Freeze()
	before := all[0].Stats().Shared.Tier
	for i := range 50 {
		all[0].check(t, fmt.Sprint("while", i))
	}
	// One more than open the breaker: what was on its way when the server froze.
	if s := all[0].Stats().Shared.Tier; s.Failed-before.Failed > 4 || s.Skipped-before.Skipped < 40 {
		t.Errorf("counted %+v", s)
	}
	server.Thaw()
	await(t, "it is used again", func() bool {
		all[0].check(t, fmt.Sprint("after", time.Now()))
		return all[0].Stats().Shared.Tier.Breaker == "closed"
	})
}

func TestARedisThatIsFullOrOnlyReads(t *testing.T) {
	for _, test := range []struct {
		name     string
		set, end [2]string
		want     string
	}{
		{"full", [2]string{"maxmemory", "1"}, [2]string{"maxmemory", "0"}, "rediscache: check: the server answers OOM"},
		{"without enough replicas", [2]string{"min-replicas-to-write", "1"}, [2]string{"min-replicas-to-write", "0"}, "rediscache: check: the server answers NOREPLICAS"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := redistest.Start(t)
			i := start(t, 1, server, rediscache.Config{})[0]
			if err := server.Client().ConfigSet(t.Context(), test.set[0], test.set[1]).Err(); err != nil {
				t.Fatal(err)
			}
			if err := i.tier.Check(t.Context()); err == nil || err.Error() != test.want {
				t.Errorf("check: %v", err)
			}
			if d := i.check(t, "alice"); d.Source != core.SourceStore {
				t.Errorf("from %s", d.Source)
			}
			if err := server.Client().ConfigSet(t.Context(), test.end[0], test.end[1]).Err(); err != nil {
				t.Fatal(err)
			}
			if err := i.tier.Check(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
}

func TestNothingStaysForEver(t *testing.T) {
	server := redistest.Start(t)
	all := start(t, 1, server, rediscache.Config{})
	c := server.Client()
	undisturbed(t, all, func(token string) error {
		if err := c.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		all[0].check(t, token)
		if err := shared(t, all[0], token); err != nil {
			return err
		}
		return all[0].tier.Check(t.Context())
	})
	keys, err := c.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 2 {
		t.Fatalf("got %q, %v", keys, err)
	}
	for _, key := range keys {
		if ttl := c.PTTL(t.Context(), key).Val(); ttl <= 0 || ttl > 6*time.Hour {
			t.Errorf("%s stays %v", key, ttl)
		}
	}
}

// What is damaged in Redis, in whichever byte, is not used and does not stop anything.
func TestDamageInRedisItself(t *testing.T) {
	server := redistest.Start(t)
	tier := open(t, rediscache.Config{Client: client(t, server.Addr())})
	c := server.Client()
	q := core.SharedQuestion{SharedToken: core.SharedToken{Store: "shop", Token: "alice"}, Kind: skin.Kind, Product: skin.ID}
	f := core.SharedFact{Purchase: gatetest.Owned(skin, "alice", "alice"), VerifiedAt: time.Now(), StoreTime: time.Now(), Life: cache.Life{Fresh: time.Hour, Refresh: time.Hour, Usable: time.Hour}}
	a, err := tier.Get(t.Context(), q)
	if err == nil {
		err = tier.Put(t.Context(), q, a.Ticket, f)
	}
	if err != nil {
		t.Fatal(err)
	}
	good, err := tier.Get(t.Context(), q)
	if err != nil || good.Fact == nil {
		t.Fatalf("got %+v, %v", good, err)
	}
	keys := c.Keys(t.Context(), "skugate:*").Val()
	if len(keys) != 1 {
		t.Fatalf("got %q", keys)
	}
	for field, value := range c.HGetAll(t.Context(), keys[0]).Val() {
		for i := range value {
			damaged := []byte(value)
			damaged[i] ^= 1
			if err := c.HSet(t.Context(), keys[0], field, damaged).Err(); err != nil {
				t.Fatal(err)
			}
			a, err := tier.Get(t.Context(), q)
			if err != nil || a.Fact != nil && !reflect.DeepEqual(a.Fact.Purchase, good.Fact.Purchase) {
				t.Fatalf("%s, byte %d: got %+v, %v", field, i, a.Fact, err)
			}
		}
		if err := c.HSet(t.Context(), keys[0], field, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := tier.Get(t.Context(), q); err != nil || a.Fact == nil {
		t.Errorf("mended it is %+v, %v", a, err)
	}
	if s := tier.TierStats(); s.Corrupt == 0 || s.Newer == 0 {
		t.Errorf("counted %+v", s)
	}
	// Somebody else's key of that name is an error.
	c.Del(t.Context(), keys[0])
	c.Set(t.Context(), keys[0], "something", 0)
	if a, err := tier.Get(t.Context(), q); err == nil || err.Error() != "rediscache: get: the server answers WRONGTYPE" {
		t.Errorf("got %+v, %v", a, err)
	}
}
