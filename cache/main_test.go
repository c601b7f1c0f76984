package cache_test

import (
	"hash/maphash"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/skugate/skugate/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An hour of freshness, then two more states of an hour each.
var hours = cache.Life{Fresh: time.Hour, Refresh: 2 * time.Hour, Usable: 3 * time.Hour}

// collide makes every key share one shard and one slot of the front table.
func collide[K comparable](maphash.Seed, K) uint64 { return 42 }

func newRecord[V any](t testing.TB, c cache.Config[string]) *cache.Record[string, V] {
	t.Helper()
	r, err := cache.NewRecord[string, V](c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newFlights[V any](t testing.TB, timeout time.Duration) *cache.Flights[string, V] {
	t.Helper()
	f, err := cache.NewFlights[string, V](cache.FlightConfig[string]{Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// entry is one whose read begins now.
func entry[V any](v V) *cache.Entry[V] {
	return &cache.Entry[V]{Value: v, Began: cache.Now(), Order: cache.NextOrder(), Life: hours}
}

func apart[V any](v V) *cache.Entry[V] {
	e := entry(v)
	e.Apart = true
	return e
}

// after is i, d later by both clocks.
func after(i cache.Instant, d time.Duration) cache.Instant {
	return cache.Instant{Wall: i.Wall + int64(d), Mono: i.Mono + int64(d)}
}

// heat brings a present key into the front table.
func heat[V any](r *cache.Record[string, V], key string, now cache.Instant) {
	r.Get(key, now)
	r.Get(key, now)
}

func wantMiss[V any](t *testing.T, r *cache.Record[string, V], key string, now cache.Instant) {
	t.Helper()
	if e, s := r.Get(key, now); e != nil || s != cache.Miss {
		t.Errorf("Get(%q) = %+v, %v; want a miss", key, e, s)
	}
}

func wantHit[V comparable](t *testing.T, r *cache.Record[string, V], key string, now cache.Instant, v V, s cache.State) {
	t.Helper()
	e, got := r.Get(key, now)
	if got != s || e == nil || e.Value != v {
		t.Errorf("Get(%q) = %+v, %v; want %v, %v", key, e, got, v, s)
	}
}
