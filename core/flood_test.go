package core_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/skugate/skugate/core"
)

// trustingStore takes any text for a token.
type trustingStore struct{ *scripted }

func (trustingStore) CheckToken(string) error { return nil }

// What is longer than any token becomes no key, and reaches no store, whatever the store client thinks of it
// and wherever it comes from.
func TestWhatIsLongerThanAnyTokenIsKeptNowhere(t *testing.T) {
	store := newStore(says(*skin("")))
	gate := open(t, core.Config{}, trustingStore{store})
	for _, size := range []int{1025, 1 << 20} {
		long := strings.Repeat("7", size)
		for name, c := range map[string]core.Credentials{
			"a request's":                by("alice", long),
			"one of several":             {Account: "alice", Tokens: []core.Token{{Value: "skin-1"}, {Value: long}}},
			"one that the server found":  {Account: "alice", Tokens: []core.Token{{Value: long, Known: true}}},
			"one with a hint at a store": {Account: "alice", Tokens: []core.Token{{Value: long, Store: "shop"}}},
			"an empty one":               {Account: "alice", Tokens: []core.Token{{}}},
		} {
			d := gate.Check(t.Context(), inApp("skin"), c)
			if d.Outcome != core.Denied || d.Reason != core.ReasonInvalidToken || len(fmt.Sprint(d.Err)) > 200 {
				t.Errorf("%s of %d bytes: %v (%s, %.200v)", name, size, d.Outcome, d.Reason, d.Err)
			}
		}
		if err := gate.Bind(t.Context(), "alice", inApp("skin"), long); err == nil {
			t.Error("Bind: no error")
		}
	}
	calls(t, store, 0)
	if s := shop(t, gate); s.Purchases+s.Refusals+s.Invalidated != 0 {
		t.Errorf("memory holds %+v", s)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", strings.Repeat("7", 1024))), core.Granted, core.ReasonOwned)
}

// Requirements that are built on each request cost time, not memory, and answer like others.
func TestRequirementsWithoutNumber(t *testing.T) {
	var log journal
	gate := open(t, core.Config{Logger: log.logger()}, newStore(sells(skin)))
	for i := range 6000 {
		r := core.Entitlement(fmt.Sprint("right-", i), inApp("skin"))
		want(t, gate.Check(t.Context(), r, by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		faulty := core.Entitlement(fmt.Sprint("wrong-", i))
		want(t, gate.Check(t.Context(), faulty, by("alice", "skin-1")), core.Undetermined, core.ReasonMisconfigured)
	}
	if n := strings.Count(log.String(), "\n"); n > 4096+1 {
		t.Errorf("%d lines were logged", n)
	}
	log.want(t, 1, "build each once")
	if err := gate.SetMode(core.Entitlement("late", inApp("skin")), core.Shadow()); err == nil {
		t.Error("a mode was set that no check would see")
	}
}

// So many products that their facts share none any more are answered like others, from memory too.
func TestProductsWithoutNumber(t *testing.T) {
	store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) { return skin(token), nil })
	gate := open(t, core.Config{}, store)
	for i := range 4200 {
		p, credentials := inApp(fmt.Sprint("skin-", i)), by("alice", fmt.Sprint("token-", i))
		for range 2 {
			d := gate.Check(t.Context(), p, credentials)
			if want(t, d, core.Granted, core.ReasonOwned); d.Product != p || d.Purchase.Token != credentials.Token {
				t.Fatalf("%v was granted for %v", d.Product, p)
			}
		}
	}
	calls(t, store, 4200)
}

// Reasons that a store client makes up are bounded in memory and in the log.
func TestInventedReasonsOfAStoreAreBounded(t *testing.T) {
	const checks, limit = 20_000, 3 << 20
	var log journal
	n := 0
	store := newStore(func(context.Context, core.Product, string) (*core.Purchase, error) {
		n++
		return nil, &core.StoreError{Reason: core.Reason(fmt.Sprint("reason-", n))}
	})
	gate := open(t, core.Config{Logger: log.logger(), Guard: core.Guard{TripAfter: 1_000_000}, Memory: core.Memory{Purchases: 16, Refusals: 16}}, store)
	heap := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := heap()
	for range checks {
		if d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")); d.Outcome != core.Undetermined {
			t.Fatalf("got %v (%s)", d.Outcome, d.Reason)
		}
	}
	lines := strings.Count(log.String(), "\n")
	log = journal{}
	if grown := heap() - before; grown > limit {
		t.Errorf("memory grew by %d bytes, want at most %d", grown, limit)
	}
	if lines > 4096+1 {
		t.Errorf("%d lines were logged", lines)
	}
	runtime.KeepAlive(gate)
}

// A herd in front of a store that fails: nobody is denied, and the store is asked no more often than it takes
// to see that it fails.
func TestAHerdInFrontOfAStoreThatFails(t *testing.T) {
	const callers, trip = 10_000, 5
	for name, c := range map[string]struct {
		answer answer
		calls  int
	}{
		"after a while": {after(50e6, fails(errDown)), 1},
		"at once":       {fails(errDown), trip},
	} {
		bubble(name, t, func(t *testing.T) {
			store := newStore(c.answer)
			gate := open(t, core.Config{Guard: core.Guard{TripAfter: trip}}, store)
			var all sync.WaitGroup
			for range callers {
				all.Go(func() {
					if d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")); d.Outcome != core.Undetermined {
						t.Errorf("%v (%s)", d.Outcome, d.Reason)
					}
				})
			}
			all.Wait()
			synctest.Wait()
			if n := store.count(); n > c.calls {
				t.Errorf("the store was asked %d times, want at most %d", n, c.calls)
			}
			if s := shop(t, gate); s.Refusals != 0 {
				t.Errorf("a failure was remembered: %+v", s)
			}
		})
	}
}
