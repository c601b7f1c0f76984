package cache

import (
	"sync"
	"sync/atomic"
	"time"
)

// shard holds the keys of one part of the hash space. A key is in at most one of its segments.
type shard[K comparable, V any] struct {
	mu    sync.Mutex
	main  segment[K, V]
	apart segment[K, V]
	marks marks[K]
	clone func(K) K

	// Shared by all shards.
	front *front[K, V]   // the lock guards writes to this shard's slots
	epoch *atomic.Uint64 // the Order of the last flush
}

func newShard[K comparable, V any](entries, apart int, clone func(K) K, front *front[K, V], epoch *atomic.Uint64) (*shard[K, V], error) {
	s := &shard[K, V]{clone: clone, front: front, epoch: epoch}
	var err error
	if s.main, err = newSegment[K, V](entries); err != nil {
		return nil, err
	}
	if s.apart, err = newSegment[K, V](apart); err != nil {
		return nil, err
	}
	return s, nil
}

// get finds the entry of key and counts the hit, if it is one.
func (s *shard[K, V]) get(key K, now Instant) (*Entry[V], State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.peek(key)
	if n == nil || n.entry.Order <= s.flushed() {
		return nil, Miss
	}
	state := n.entry.State(now)
	if state == Miss {
		// It stays, out of sight, until evicted: it still refuses answers older than itself.
		return nil, Miss
	}
	s.front.offer(n, now)
	s.touch(n, now)
	return &n.entry, state
}

// promote keeps a node that is hit in the front table from growing old in its segment.
func (s *shard[K, V]) promote(n *node[K, V], now Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !n.isDead() && n.idle(now) > promoteEvery {
		s.touch(n, now)
	}
}

// put stores e unless something later is known, and reports whether it was current.
func (s *shard[K, V]) put(hash uint64, key K, e *Entry[V]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Order <= s.lastMark(key) {
		return false
	}
	old := s.peek(key)
	if old != nil && old.entry.Order > e.Order {
		return false
	}
	if e.Life.Fresh <= 0 { // not kept, yet it makes what is older untrue
		s.drop(old)
		return true
	}

	n := &node[K, V]{hash: hash, entry: *e}
	if old == nil {
		n.key = s.clone(key)
		n.touched.Store(never)
	} else {
		n.key = old.key
		n.touched.Store(old.touched.Load())
		if old.entry.Apart != e.Apart {
			s.segment(old).remove(old.key)
		}
		old.die()
		s.front.replace(old, n)
	}
	if evicted := s.segment(n).add(n); evicted != nil {
		s.bury(evicted)
	}
	return true
}

// remove drops the entry of key if its order is before the given one.
func (s *shard[K, V]) remove(key K, before Order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.peek(key); n != nil && n.entry.Order < before {
		s.drop(n)
	}
}

func (s *shard[K, V]) invalidate(key K, keep time.Duration) Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	order := NextOrder() // under the lock, so that a key's marks only grow
	if keep > 0 {
		s.marks.set(s.clone(key), order, keep)
	}
	// No entry can be later: its order would have to be taken and its read done while the lock is held.
	s.drop(s.peek(key))
	return order
}

// flush drops all that a flush of the given order has made untrue, to free its memory.
func (s *shard[K, V]) flush(order Order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marks.clear(order)
	for _, g := range [...]*segment[K, V]{&s.main, &s.apart} {
		for _, n := range g.nodes() {
			if n.entry.Order <= order {
				s.drop(n)
			}
		}
	}
}

func (s *shard[K, V]) mark(key K) Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastMark(key)
}

func (s *shard[K, V]) len() (entries, apart, marks int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.main.len(), s.apart.len(), len(s.marks.of)
}

func (s *shard[K, V]) evicted() (entries, apart uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.main.evicted, s.apart.evicted
}

func (s *shard[K, V]) flushed() Order { return Order(s.epoch.Load()) }

// What follows needs the lock.

func (s *shard[K, V]) lastMark(key K) Order { return max(s.flushed(), s.marks.last(key)) }

func (s *shard[K, V]) peek(key K) *node[K, V] {
	if n := s.main.peek(key); n != nil {
		return n
	}
	return s.apart.peek(key)
}

func (s *shard[K, V]) segment(n *node[K, V]) *segment[K, V] {
	if n.entry.Apart {
		return &s.apart
	}
	return &s.main
}

func (s *shard[K, V]) touch(n *node[K, V], now Instant) {
	s.segment(n).hit(n)
	n.touched.Store(now.Mono)
}

// drop takes n, which may be nil, out of its segment for good.
func (s *shard[K, V]) drop(n *node[K, V]) {
	if n != nil {
		s.segment(n).remove(n.key)
		s.bury(n)
	}
}

// bury makes sure that a node which has left its segment is never served again.
func (s *shard[K, V]) bury(n *node[K, V]) {
	n.die()
	s.front.replace(n, nil)
}
