package cache_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
)

// Hits take no lock. Whatever ends an entry meanwhile, a Get that begins afterwards is not served it: not from
// the front table either, not while it is being promoted, and not as the entry of a key with the same hash.
func TestNothingThatEndedIsServedByTheFastPath(t *testing.T) {
	// Each ends what stands under key and returns the least Order that may be served from then on.
	ends := map[string]func(r *cache.Record[string, string], key string, stands *cache.Entry[string]) cache.Order{
		"removed": func(r *cache.Record[string, string], key string, stands *cache.Entry[string]) cache.Order {
			r.Remove(key, stands.Order+1)
			return stands.Order + 1
		},
		"replaced": func(r *cache.Record[string, string], key string, _ *cache.Entry[string]) cache.Order {
			e := entry(key)
			r.Put(key, e)
			return e.Order
		},
		"replaced in the other segment": func(r *cache.Record[string, string], key string, stands *cache.Entry[string]) cache.Order {
			e := entry(key)
			e.Apart = !stands.Apart
			r.Put(key, e)
			return e.Order
		},
		"made untrue by an answer that is not kept": func(r *cache.Record[string, string], key string, _ *cache.Entry[string]) cache.Order {
			e := entry(key)
			e.Life = cache.Life{}
			r.Put(key, e)
			return e.Order
		},
		"invalidated without a mark": func(r *cache.Record[string, string], key string, _ *cache.Entry[string]) cache.Order {
			return r.Invalidate(key, 0) + 1
		},
		"flushed": func(r *cache.Record[string, string], _ string, _ *cache.Entry[string]) cache.Order {
			return r.Flush() + 1
		},
	}
	for how, end := range ends {
		for where, config := range map[string]cache.Config[string]{
			"many shards":             {Entries: 4096, Apart: 4096},
			"one slot for all":        {Entries: 4096, Apart: 4096, Hash: collide[string]},
			"evicted all the time":    {Entries: 2, Apart: 2, Shards: 1},
			"one slot, evicted often": {Entries: 2, Apart: 2, Shards: 1, Hash: collide[string]},
		} {
			t.Run(how+", "+where, func(t *testing.T) {
				r := newRecord[string](t, config)
				var least [3]atomic.Uint64 // by key: no earlier Order may be served
				var stop atomic.Bool
				var all sync.WaitGroup
				for reader := range 3 {
					all.Go(func() {
						for i := 0; !stop.Load(); i++ {
							k := i % len(least)
							key := fmt.Sprint("k", k)
							now := after(cache.Now(), time.Duration(i%100*reader)*time.Second) // of two readers the hits promote
							floor := least[k].Load()
							e, _ := r.Get(key, now)
							if e != nil && (uint64(e.Order) < floor || e.Value != key) {
								t.Errorf("%s: served order %d of %s, though %d had ended it", key, e.Order, e.Value, floor)
								stop.Store(true)
							}
						}
					})
				}
				for i := range 1000 {
					if stop.Load() {
						break
					}
					k := i % len(least)
					key := fmt.Sprint("k", k)
					e := entry(key)
					r.Put(key, e)
					heat(r, key, e.Began)
					least[k].Store(uint64(end(r, key, e)))
				}
				stop.Store(true)
				all.Wait()
			})
		}
	}
}
