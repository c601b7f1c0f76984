package cache

import (
	"sync/atomic"
	"time"
)

// hotFor is within how long a second hit makes an entry hot enough for the front table, and how long
// an entry there is safe from being displaced by another.
const hotFor = 5 * time.Second

// front is a direct-mapped table before the shards: a hit in it takes no lock and writes nothing. It
// holds only nodes that are in a segment too, so it adds speed and no content.
//
// Slot and shard of a key come from the same low bits of its hash, and there are at least as many
// slots as shards. So a slot belongs to one shard, and is written under that shard's lock only.
type front[K comparable, V any] struct {
	slots []atomic.Pointer[node[K, V]] // a power of two
}

func newFront[K comparable, V any](capacity int) *front[K, V] {
	// Once to twice the capacity, of which not all are hot: most hot keys find a slot to themselves.
	return &front[K, V]{slots: make([]atomic.Pointer[node[K, V]], powerOfTwo(capacity)*2)}
}

func (f *front[K, V]) slot(hash uint64) *atomic.Pointer[node[K, V]] {
	return &f.slots[hash&uint64(len(f.slots)-1)]
}

// find returns the live node of key, if the table has it. No lock is needed.
func (f *front[K, V]) find(hash uint64, key K) *node[K, V] {
	n := f.slot(hash).Load()
	if n == nil || n.hash != hash || n.key != key || n.isDead() {
		return nil
	}
	return n
}

// offer is told of a hit on n that took the lock, before n.touched is set. It lets n in at its second
// hit in a short time, so that keys seen once cost the table nothing, and if the slot's holder has
// gone cold, so that two hot keys do not take turns.
func (f *front[K, V]) offer(n *node[K, V], now Instant) {
	if n.idle(now) > hotFor {
		return
	}
	slot := f.slot(n.hash)
	if holder := slot.Load(); holder == nil || holder.idle(now) > hotFor {
		slot.Store(n)
	}
}

// replace puts next, which may be nil, in the place of n if n has one. For the nil case that only
// frees memory: that n is dead already keeps it from being served.
func (f *front[K, V]) replace(n, next *node[K, V]) {
	if slot := f.slot(n.hash); slot.Load() == n {
		slot.Store(next)
	}
}
