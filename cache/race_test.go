package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
)

// Readers, writers with answers of any age, and a revoker fight over a few keys. Each Get is judged
// by what had been completed before it began.
func TestNothingRevokedIsServedUnderContention(t *testing.T) {
	for _, c := range []struct {
		name   string
		config cache.Config[string]
		revoke func(r *cache.Record[string, cache.Order], key string) cache.Order
	}{
		{"invalidated, many shards", cache.Config[string]{Entries: 4096, Apart: 4096}, invalidate},
		{"invalidated, one slot", cache.Config[string]{Entries: 4096, Apart: 4096, Hash: collide[string]}, invalidate},
		{"invalidated, evicted all the time", cache.Config[string]{Entries: 2, Apart: 2, Shards: 1}, invalidate},
		{"flushed", cache.Config[string]{Entries: 4096, Apart: 4096}, flush},
		{"flushed, one slot", cache.Config[string]{Entries: 4, Apart: 4, Hash: collide[string]}, flush},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRecord[cache.Order](t, c.config)
			var floors [4]atomic.Uint64 // by key: nothing up to here may be served
			var stop atomic.Bool
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() { // reads
					for !stop.Load() {
						k := rand.IntN(len(floors))
						key := fmt.Sprint("k", k)
						for range 4 {
							floor, mark := floors[k].Load(), r.Mark(key)
							e, _ := r.Get(key, cache.Now())
							if e != nil && (uint64(e.Order) <= floor || e.Order <= mark) {
								t.Errorf("Get served order %d, revoked up to %d, mark %d", e.Order, floor, mark)
								stop.Store(true)
							}
						}
					}
				})
			}
			for range 3 {
				all.Go(func() { // answers, half of them begun some time ago
					old := cache.NextOrder()
					for i := 0; !stop.Load(); i++ {
						e := entry(cache.Order(0))
						if i%2 == 0 {
							e.Order, old = old, e.Order
						}
						e.Apart = rand.IntN(2) == 0
						r.Put(fmt.Sprint("k", rand.IntN(len(floors))), e)
					}
				})
			}
			for i := range 20_000 {
				if stop.Load() {
					break
				}
				k := i % len(floors)
				floors[k].Store(uint64(c.revoke(r, fmt.Sprint("k", k))))
			}
			stop.Store(true)
			all.Wait()
		})
	}
}

func invalidate(r *cache.Record[string, cache.Order], key string) cache.Order {
	return r.Invalidate(key, time.Hour)
}

func flush(r *cache.Record[string, cache.Order], _ string) cache.Order { return r.Flush() }

// What one reader has seen never goes back in time, unless it was evicted between.
func TestAReaderNeverSeesAnswersGoBackwards(t *testing.T) {
	for _, colliding := range []bool{false, true} {
		t.Run(fmt.Sprintf("colliding=%v", colliding), func(t *testing.T) {
			c := cache.Config[string]{Entries: 4096, Apart: 4096}
			if colliding {
				c.Hash = collide[string]
			}
			r := newRecord[int](t, c)
			var stop atomic.Bool
			var all, writers sync.WaitGroup
			for range 4 {
				all.Go(func() {
					var last cache.Order
					for !stop.Load() {
						if e, _ := r.Get("k", cache.Now()); e != nil {
							if e.Order < last {
								t.Errorf("served order %d after %d", e.Order, last)
								return
							}
							last = e.Order
						}
						runtime.Gosched() // readers never block: let the writers run
					}
				})
			}
			for range 4 {
				writers.Go(func() {
					for range 10_000 {
						first, second := entry(1), entry(2)
						second.Apart = rand.IntN(2) == 0
						r.Put("k", second)
						r.Put("k", first)
						r.Put("other", first)
						r.Get("other", cache.Now())
					}
				})
			}
			writers.Wait()
			stop.Store(true)
			all.Wait()
		})
	}
}

func TestFlightsUnderContention(t *testing.T) {
	f := newFlights[cache.Order](t, time.Minute)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 5_000 {
				k := i % 3
				after := cache.Order(0)
				if i%16 == 0 {
					after = cache.NextOrder()
				}
				fl, _, err := f.Join(fmt.Sprint("k", k), after, func(_ context.Context, order cache.Order) (cache.Order, error) {
					return order, nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				if order, err := fl.Wait(t.Context()); err != nil || order != fl.Order() || order <= after {
					t.Errorf("Wait = %d, %v; flight %d, wanted after %d", order, err, fl.Order(), after)
				}
			}
		})
	}
	all.Wait()
	if n := f.InFlight(); n != 0 {
		t.Errorf("InFlight = %d when all have ended", n)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
