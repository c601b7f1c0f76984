package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/skugate/skugate/core"
)

// nobody is a registry that keeps nothing: what it costs to keep owners is not the cache's.
type nobody struct{}

func (nobody) Claim(_ context.Context, o core.Ownership) (core.Ownership, error) { return o, nil }
func (nobody) Owner(context.Context, core.StoreID, string) (core.Ownership, bool, error) {
	return core.Ownership{}, false, nil
}
func (nobody) Owned(context.Context, string) ([]core.Ownership, error) { return nil, nil }
func (nobody) Release(context.Context, core.StoreID, string) error     { return nil }

// memoryTable fills caches and counts what the heap has grown by, and how long a collection takes then.
func memoryTable(s settings) error {
	t := newGrid(s.markdown, "in memory", "entries", "bytes an entry, besides the token's 144", "full GC, of A's", "GC, ms")
	for n := 1000; n <= s.most; n *= 10 {
		var straightGC time.Duration
		for _, c := range []struct {
			name string
			fill func() any
		}{
			{"A: golang-lru, three strings, 48 bytes a purchase", func() any { return newStraight(n, n) }},
			{"gate: purchases", func() any { return filled(n, n/16+1, tokenOf, nobody{}) }},
			{"gate: purchases, and their owners in memory", func() any { return filled(n, n/16+1, tokenOf, nil) }},
			{"gate: refusals", func() any { return filled(1, n, unknownToken, nobody{}) }},
		} {
			before := heap()
			kept := c.fill()
			each := float64(heap()-before) / float64(n)
			gc := collect()
			runtime.KeepAlive(kept)
			if straightGC == 0 {
				straightGC = gc
			}
			t.add(c.name, fmt.Sprint(n), fmt.Sprintf("%.0f", each-144), fmt.Sprintf("%.2f", float64(gc)/float64(straightGC)), fmt.Sprintf("%.1f", float64(gc.Microseconds())/1000))
		}
	}
	return t.flush()
}

func filled(purchases, refusals int, token func(int) string, owners core.Owners) *core.Gate {
	gate, err := core.New(core.Config{
		Stores: []core.Store{&shop{label: account}}, Owners: owners,
		Lifetimes:     core.Lifetimes{Fresh: 24 * time.Hour, Usable: 48 * time.Hour, Absent: 24 * time.Hour},
		Memory:        core.Memory{Purchases: purchases, Refusals: refusals},
		UnknownTokens: core.UnknownTokens{Burst: -1},
	})
	must(err)
	for i := range max(purchases, refusals) {
		gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: token(i)})
	}
	return gate
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// collect is how long a full collection takes, the median of three.
func collect() time.Duration {
	var took []float64
	for range 3 {
		began := time.Now()
		runtime.GC()
		took = append(took, float64(time.Since(began)))
	}
	return time.Duration(median(took))
}
