package cache_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
)

// model is what a Record should be, if room and speed did not matter.
type model struct {
	entries map[string]*cache.Entry[int]
	marks   map[string]cache.Order
	epoch   cache.Order
}

func (m *model) mark(key string) cache.Order { return max(m.epoch, m.marks[key]) }

func (m *model) put(key string, e *cache.Entry[int]) bool {
	old := m.entries[key]
	switch {
	case e.Order <= m.mark(key), old != nil && old.Order > e.Order:
		return false
	case e.Life.Fresh <= 0:
		delete(m.entries, key)
	default:
		m.entries[key] = e
	}
	return true
}

// age is the rule of ages, written a second time.
func age(now, began cache.Instant) int64 {
	return max(now.Wall-began.Wall, now.Mono-began.Mono, 0)
}

func (m *model) get(key string, now cache.Instant) (*cache.Entry[int], cache.State) {
	e := m.entries[key]
	if e == nil {
		return nil, cache.Miss
	}
	for s, bound := range []time.Duration{e.Life.Fresh, e.Life.Refresh, e.Life.Usable} {
		if age(now, e.Began) < int64(bound) {
			return e, cache.Fresh + cache.State(s)
		}
	}
	return nil, cache.Miss
}

var modelKeys = []string{"", "a", "b", "ab", "abc", "token-1", "token-2", "token-3"}

// runModel reads operations from data, four bytes each, and plays them to a record and to the model.
// A roomy record must agree with the model on everything; a tight one may also miss what it evicted.
func runModel(t *testing.T, c cache.Config[string], roomy bool, data []byte) {
	t.Helper()
	r := newRecord[int](t, c)
	m := &model{entries: map[string]*cache.Entry[int]{}, marks: map[string]cache.Order{}}
	now := cache.Now()
	reads := []cache.Order{cache.NextOrder()} // begun, perhaps not yet answered
	value := 0
	for step := 0; len(data) >= 4; step, data = step+1, data[4:] {
		op, key, x, y := data[0]%16, modelKeys[int(data[1])%len(modelKeys)], data[2], data[3]
		switch {
		case op < 5:
			for range 1 + x%3 { // several hits bring a key into the front table
				got, state := r.Get(key, now)
				want, wantState := m.get(key, now)
				evicted := !roomy && got == nil && state == cache.Miss
				if (!same(got, want) || state != wantState) && !evicted {
					t.Fatalf("step %d: Get(%q) = %+v, %v; want %+v, %v", step, key, got, state, want, wantState)
				}
			}
		case op < 7:
			reads = append(reads, cache.NextOrder())
		case op < 11:
			value++
			e := &cache.Entry[int]{
				Value: value, Order: reads[int(x)%len(reads)], Apart: y&1 != 0,
				Began: after(now, -time.Duration(y>>4)*time.Second),
				Life: cache.Life{
					Fresh:   time.Duration(y>>1&7) * 4 * time.Second,
					Refresh: time.Duration(x&7) * 5 * time.Second,
					Usable:  time.Duration(x>>3&7) * 8 * time.Second,
				},
			}
			got, want := r.Put(key, e), m.put(key, e)
			// An evicted entry no longer refuses what is older; the model follows.
			if got && !want && !roomy && e.Order > m.mark(key) {
				delete(m.entries, key)
				m.put(key, e)
				want = true
			}
			if got != want {
				t.Fatalf("step %d: Put(%q, %+v) = %v, want %v", step, key, e, got, want)
			}
		case op == 11:
			before := reads[int(x)%len(reads)]
			r.Remove(key, before)
			if e := m.entries[key]; e != nil && e.Order < before {
				delete(m.entries, key)
			}
		case op == 12:
			m.marks[key] = r.Invalidate(key, time.Hour)
			delete(m.entries, key)
		case op == 13 && x < 32:
			m.epoch = r.Flush()
			clear(m.entries)
		default:
			now.Wall += int64(int8(x)) * int64(time.Second) // steps and drifts both ways
			now.Mono += int64(y%8) * int64(time.Second)
		}
		if got, want := r.Mark(key), m.mark(key); got != want {
			t.Fatalf("step %d: Mark(%q) = %d, want %d", step, key, got, want)
		}
		entries, apart, _ := r.Len()
		if entries > c.Entries || apart > c.Apart {
			t.Fatalf("step %d: Len = %d, %d; room for %d, %d", step, entries, apart, c.Entries, c.Apart)
		}
	}
	for _, key := range modelKeys {
		if e, s := r.Get(key, now); e != nil {
			if want, wantState := m.get(key, now); !same(e, want) || s != wantState {
				t.Fatalf("at the end: Get(%q) = %+v, %v; want %+v, %v", key, e, s, want, wantState)
			}
		}
	}
}

// Room for all keys in whatever shard they fall.
var modelConfigs = []struct {
	name   string
	config cache.Config[string]
	roomy  bool
}{
	{"roomy", cache.Config[string]{Entries: 64, Apart: 64, Shards: 4}, true},
	{"roomy, all keys colliding", cache.Config[string]{Entries: 64, Apart: 64, Shards: 4, Hash: collide[string]}, true},
	{"tight", cache.Config[string]{Entries: 3, Apart: 2, Shards: 1}, false},
	{"tight, all keys colliding", cache.Config[string]{Entries: 4, Apart: 4, Shards: 2, Hash: collide[string]}, false},
}

// same tells whether both are the same entry, or none. A record keeps copies.
func same(a, b *cache.Entry[int]) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func TestARecordBehavesLikeItsModel(t *testing.T) {
	for _, c := range modelConfigs {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(200) {
				random := rand.New(rand.NewPCG(seed, 1))
				data := make([]byte, 4*500)
				for i := 0; i < len(data); i += 8 {
					binary.LittleEndian.PutUint64(data[i:], random.Uint64())
				}
				runModel(t, c.config, c.roomy, data)
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{7, 1, 0, 6, 0, 1, 2, 0, 12, 1, 0, 0, 7, 1, 0, 6, 0, 1, 0, 0})                        // put, get, invalidate, put the past
	f.Add([]byte{5, 0, 0, 0, 7, 1, 1, 6, 7, 1, 0, 7, 0, 1, 2, 0, 13, 0, 0, 0, 0, 1, 0, 0})            // newer, older apart, flush
	f.Add([]byte{7, 1, 0, 14, 0, 1, 2, 0, 15, 0, 127, 7, 0, 1, 0, 0, 15, 0, 128, 0, 0, 1, 2, 0})      // clocks
	f.Add([]byte{7, 1, 0, 6, 7, 2, 0, 6, 7, 3, 0, 6, 0, 3, 2, 0, 7, 4, 0, 6, 7, 5, 0, 6, 0, 3, 0, 0}) // evictions
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, c := range modelConfigs {
			runModel(t, c.config, c.roomy, data)
		}
	})
}
