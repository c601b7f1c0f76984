package cache_test

import (
	"math"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
)

func TestStateByAge(t *testing.T) {
	windows := cache.Life{Fresh: 5 * time.Minute, Refresh: 6 * time.Minute, Usable: 6 * time.Hour}
	for _, c := range []struct {
		name string
		life cache.Life
		age  time.Duration
		want cache.State
	}{
		{"fresh at its birth", windows, 0, cache.Fresh},
		{"fresh until just before the bound", windows, 5*time.Minute - 1, cache.Fresh},
		{"due from the bound on", windows, 5 * time.Minute, cache.Due},
		{"due until just before the second bound", windows, 6*time.Minute - 1, cache.Due},
		{"stale from the second bound on", windows, 6 * time.Minute, cache.Stale},
		{"stale until just before the last bound", windows, 6*time.Hour - 1, cache.Stale},
		{"gone at the last bound", windows, 6 * time.Hour, cache.Miss},
		{"gone for ever", windows, math.MaxInt64, cache.Miss},
		{"only fresh, then gone", cache.Life{Fresh: time.Second}, time.Second, cache.Miss},
		{"a bound below the one before takes nothing from it", cache.Life{Fresh: time.Hour, Refresh: time.Minute, Usable: time.Second}, time.Hour - 1, cache.Fresh},
		{"no refresh window, a stale one", cache.Life{Fresh: time.Second, Usable: time.Minute}, time.Second, cache.Stale},
		{"zero Fresh is nothing, whatever else is set", cache.Life{Refresh: time.Hour, Usable: time.Hour}, 0, cache.Miss},
		{"negative Fresh is nothing", cache.Life{Fresh: -1, Usable: time.Hour}, 0, cache.Miss},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &cache.Entry[int]{Life: c.life}
			now := cache.Instant{Wall: int64(c.age), Mono: int64(c.age)}
			if got := e.State(now); got != c.want {
				t.Errorf("State = %v, want %v", got, c.want)
			}
		})
	}
	t.Run("a nil entry is a miss", func(t *testing.T) {
		var none *cache.Entry[int]
		if got := none.State(cache.Now()); got != cache.Miss {
			t.Errorf("State = %v, want miss", got)
		}
	})
}

func TestStateNames(t *testing.T) {
	for s, want := range map[cache.State]string{
		cache.Miss: "miss", cache.Fresh: "fresh", cache.Due: "due", cache.Stale: "stale", 99: "miss",
	} {
		if got := s.String(); got != want {
			t.Errorf("State(%d).String() = %q, want %q", s, got, want)
		}
	}
}
