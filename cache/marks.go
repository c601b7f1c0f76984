package cache

import (
	"math"
	"time"
)

// minSweep is how many marks a shard holds before it looks for those that are over.
const minSweep = 32

// marks remembers a shard's invalidated keys, so that a read begun before an invalidation cannot
// bring the past back. The shard's lock guards it.
//
// It counts on the monotonic clock alone: the timers that bound the reads do so too, and a wall clock
// stepped forward must not end a mark before the read that it is there to stop.
type marks[K comparable] struct {
	of      map[K]mark
	sweepAt int
}

type mark struct {
	order Order
	until int64 // monotonic; exclusive
}

// last returns the order of the key's last invalidation, 0 if there is none or its time is over.
func (m *marks[K]) last(key K) Order {
	k, ok := m.of[key]
	if !ok || Now().Mono >= k.until {
		return 0
	}
	return k.order
}

// set marks key, which must be the record's own copy, and never shortens an earlier mark's time.
func (m *marks[K]) set(key K, order Order, keep time.Duration) {
	now := Now().Mono
	until := now + int64(keep)
	if until < now { // for ever
		until = math.MaxInt64
	}
	if len(m.of) >= max(m.sweepAt, minSweep) {
		m.sweep(now)
	}
	if m.of == nil {
		m.of = make(map[K]mark)
	}
	if old, ok := m.of[key]; ok {
		until = max(until, old.until)
	}
	m.of[key] = mark{order: order, until: until}
}

// sweep forgets the marks whose time is over. It runs each time their number has doubled, so its cost
// per mark is constant. A new map is made because a Go map never gives memory back.
func (m *marks[K]) sweep(now int64) {
	live := make(map[K]mark)
	for key, k := range m.of {
		if now < k.until {
			live[key] = k
		}
	}
	m.of, m.sweepAt = live, 2*len(live)
}

// clear forgets the marks up to order: a flush of that order has taken their place.
func (m *marks[K]) clear(order Order) {
	live := make(map[K]mark)
	for key, k := range m.of {
		if k.order > order {
			live[key] = k
		}
	}
	m.of, m.sweepAt = live, 0
}
