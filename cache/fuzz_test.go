package cache_test

import (
	"hash/maphash"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
)

// FuzzConfig: a configuration is refused, or it makes a record that never holds more than it says.
func FuzzConfig(f *testing.F) {
	f.Add(0, 0, 0, uint16(0), uint64(0))
	f.Add(1, 1, 1, uint16(9), uint64(1))
	f.Add(4096, 0, 0, uint16(5000), uint64(2))
	f.Add(-1, 1<<40, 3, uint16(1), uint64(3))
	f.Add(7, 3, 2, uint16(100), uint64(4))
	f.Fuzz(func(t *testing.T, entries, apart, shards int, n uint16, salt uint64) {
		if entries > 1<<12 && entries <= 1<<26 {
			entries %= 1 << 12
		}
		if apart > 1<<12 && apart <= 1<<26 {
			apart %= 1 << 12
		}
		spread := salt | 1 // odd: no key is lost, and some shards get more than others
		r, err := cache.NewRecord[uint64, uint64](cache.Config[uint64]{Entries: entries, Apart: apart, Shards: shards,
			Hash: func(_ maphash.Seed, key uint64) uint64 { return key * spread }})
		if (r == nil) == (err == nil) {
			t.Fatalf("%v and %v", r, err)
		}
		inside := entries >= 1 && entries <= 1<<26 && apart >= 0 && apart <= 1<<26 && shards >= 0 && shards <= 1<<10 && shards&(shards-1) == 0
		if inside = inside && shards <= entries && (apart == 0 || shards <= apart); inside != (err == nil) {
			t.Fatalf("Entries %d, Apart %d, Shards %d: %v", entries, apart, shards, err)
		}
		if err != nil {
			return
		}
		now := cache.Now()
		life := cache.Life{Fresh: time.Hour}
		for key := range uint64(n) {
			e := &cache.Entry[uint64]{Value: key, Began: now, Order: cache.NextOrder(), Life: life, Apart: key%3 == 0}
			if !r.Put(key, e) {
				t.Fatalf("a new entry is refused")
			}
			if got, state := r.Get(key, now); state != cache.Fresh || *got != *e {
				t.Fatalf("key %d: %v, %v", key, got, state)
			}
		}
		have, aside, marks := r.Len()
		most := apart
		if apart == 0 {
			most = max(entries/16, shards, 1)
		}
		if have > entries || aside > most || marks != 0 {
			t.Errorf("it holds %d of %d, %d of %d apart, and %d marks", have, entries, aside, most, marks)
		}
	})
}

// FuzzLife: an entry only ever loses worth as it ages, whichever clock says so, and has none at the end.
func FuzzLife(f *testing.F) {
	f.Add(int64(5), int64(6), int64(9), int64(0), int64(4), int64(0))
	f.Add(int64(0), int64(6), int64(9), int64(0), int64(4), int64(8))
	f.Add(int64(-1), int64(-6), int64(1<<62), int64(-5), int64(1<<60), int64(-1<<60))
	f.Fuzz(func(t *testing.T, fresh, refresh, usable, began, wall, mono int64) {
		const century = int64(100 * 366 * 24 * time.Hour)
		began, wall, mono = began%century, wall%century, mono%century
		e := &cache.Entry[int]{Began: cache.Instant{Wall: began, Mono: began},
			Life: cache.Life{Fresh: time.Duration(fresh), Refresh: time.Duration(refresh), Usable: time.Duration(usable)}}
		worth := func(s cache.State) int { return map[cache.State]int{cache.Fresh: 3, cache.Due: 2, cache.Stale: 1}[s] }
		now := cache.Instant{Wall: wall, Mono: mono}
		state := e.State(now)
		for _, later := range []cache.Instant{{Wall: wall + 1, Mono: mono}, {Wall: wall, Mono: mono + 1}, {Wall: wall + century, Mono: mono}} {
			if worth(e.State(later)) > worth(state) {
				t.Errorf("%v at %v, %v later, at %v", state, now, e.State(later), later)
			}
		}
		age := max(wall-began, mono-began, 0)
		if (state == cache.Fresh) != (age < fresh) || state != cache.Miss && (fresh <= 0 || age >= max(fresh, refresh, usable)) {
			t.Errorf("%v at the age %d of %+v", state, age, e.Life)
		}
	})
}
