package sharedtier_test

import (
	"context"
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
			if token == "junk" {
				return nil, &core.StoreError{Fault: core.FaultNotFound}
			}
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

// shared waits until the instance put its answer about a token.
func shared(t *testing.T, i instance, token string) {
	t.Helper()
	q := core.SharedQuestion{SharedToken: core.SharedToken{Store: "shop", Origin: i.store.Describe(), Token: token}, Kind: skin.Kind, Product: skin.ID}
	await(t, "the answer is shared", func() bool { a, err := i.tier.Get(t.Context(), q); return err == nil && a.Fact != nil })
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func TestTwoInstancesShareWhatEitherRead(t *testing.T) {
	all := start(t, 2, redistest.Start(t), rediscache.Config{MACKey: macKey})
	for i := range 20 {
		account := fmt.Sprint("player", i)
		first := all[i%2].check(t, account)
		shared(t, all[i%2], account)
		second := all[1-i%2].check(t, account)
		if first.Source != core.SourceStore || second.Source != core.SourceShared {
			t.Errorf("from %s and %s", first.Source, second.Source)
		}
		if second.VerifiedAt.After(first.VerifiedAt) {
			t.Errorf("it grew younger by %v", second.VerifiedAt.Sub(first.VerifiedAt))
		}
	}
	if n := all[0].store.Calls() + all[1].store.Calls(); n != 20 {
		t.Errorf("the stores were asked %d times for 20 tokens", n)
	}
}

func TestAHerdOnThreeInstancesIsOneCall(t *testing.T) {
	all := start(t, 3, redistest.Start(t), rediscache.Config{})
	release := make(chan struct{})
	for _, i := range all {
		i.store.Otherwise(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
			<-release
			return gatetest.Owned(p, token, token), nil
		})
	}
	var wg sync.WaitGroup
	for _, i := range all {
		for range 100 {
			wg.Go(func() { i.check(t, "alice") })
		}
	}
	await(t, "all have asked", func() bool {
		n := uint64(0)
		for _, i := range all {
			n += i.Stats().Stores[0].Joined
		}
		return n == 297
	})
	close(release)
	wg.Wait()
	calls := 0
	for _, i := range all {
		calls += i.store.Calls()
	}
	if calls != 1 {
		t.Errorf("the stores were asked %d times, want once", calls)
	}
}

func TestAnInstanceThatDiesWhileItAsksHoldsNobodyForLong(t *testing.T) {
	all := start(t, 2, redistest.Start(t), rediscache.Config{Lease: 30 * time.Second})
	q := core.SharedQuestion{SharedToken: core.SharedToken{Store: "shop", Origin: all[0].store.Describe(), Token: "alice"}, Kind: skin.Kind, Product: skin.ID}
	if a, err := all[0].tier.Get(t.Context(), q); err != nil || a.Busy { // and never comes back
		t.Fatalf("got %+v, %v", a, err)
	}
	before := time.Now()
	if d := all[1].check(t, "alice"); d.Source != core.SourceStore {
		t.Errorf("from %s", d.Source)
	}
	if took := time.Since(before); took < 500*time.Millisecond || took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAfterAnInvalidationNobodyTakesWhatWasBefore(t *testing.T) {
	all := start(t, 2, redistest.Start(t), rediscache.Config{})
	all[0].check(t, "alice")
	shared(t, all[0], "alice")
	if err := all[0].InvalidateToken(t.Context(), "shop", "alice"); err != nil {
		t.Fatal(err)
	}
	if d := all[1].check(t, "alice"); d.Source != core.SourceStore {
		t.Errorf("from %s", d.Source)
	}
}

func TestRedisIsKilledAndComesBack(t *testing.T) {
	server := redistest.Start(t)
	all := start(t, 2, server, rediscache.Config{Timeout: 100 * time.Millisecond})
	all[0].check(t, "before")
	shared(t, all[0], "before")
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
	if s := all[0].Stats().Shared.Tier; s.Failed > 10 || s.Skipped == 0 {
		t.Errorf("counted %+v", s)
	}
	server.Restart()
	n := 0
	await(t, "it is used again", func() bool {
		n++
		account := fmt.Sprint("after", n)
		all[0].check(t, account)
		d := all[1].check(t, account)
		return d.Source == core.SourceShared
	})
	if err := all[0].tier.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAFrozenRedisHoldsFewUp(t *testing.T) {
	server := redistest.Start(t)
	all := start(t, 1, server, rediscache.Config{Timeout: 100 * time.Millisecond})
	all[0].check(t, "before")
	server.Freeze()
	held := 0
	for i := range 50 {
		before := time.Now()
		all[0].check(t, fmt.Sprint("while", i))
		if took := time.Since(before); took >= 100*time.Millisecond {
			held++
		}
	}
	if s := all[0].Stats().Shared.Tier; s.Failed > 6 || s.Skipped < 40 {
		t.Errorf("counted %+v", s)
	}
	if held > 10 { // 3, and what a busy machine does
		t.Errorf("%d of 50 were held up", held)
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

func TestNothingStaysForEverAndNoTokenIsReadable(t *testing.T) {
	server := redistest.Start(t)
	all := start(t, 1, server, rediscache.Config{})
	all[0].check(t, "alice-token")
	all[0].Check(t.Context(), skin, core.Credentials{Account: "bob", Token: "junk"})
	shared(t, all[0], "alice-token")
	if err := all[0].tier.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := server.Client()
	keys, err := c.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 3 {
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
