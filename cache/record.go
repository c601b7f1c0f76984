package cache

import (
	"hash/maphash"
	"sync/atomic"
	"time"
)

// Record remembers entries by key, in bounded room, and never serves one that has been replaced,
// removed, invalidated or has outlived its Life. It holds no goroutine and needs no closing. All
// methods are safe for concurrent use.
type Record[K comparable, V any] struct {
	seed   maphash.Seed
	hash   func(maphash.Seed, K) uint64
	front  *front[K, V]
	shards []*shard[K, V] // a power of two
	epoch  atomic.Uint64  // the Order of the last Flush
}

// NewRecord returns an empty record. The error joins everything that is wrong with the configuration.
func NewRecord[K comparable, V any](c Config[K]) (*Record[K, V], error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Record[K, V]{
		seed:   maphash.MakeSeed(),
		hash:   c.Hash,
		front:  newFront[K, V](c.Entries + c.Apart),
		shards: make([]*shard[K, V], c.Shards),
	}
	for i := range r.shards {
		r.shards[i], err = newShard(share(c.Entries, i, c.Shards), share(c.Apart, i, c.Shards), c.Clone, r.front, &r.epoch)
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// share is the i-th of n parts of total that differ by at most one and add up to it.
func share(total, i, n int) int {
	if i < total%n {
		return total/n + 1
	}
	return total / n
}

func (r *Record[K, V]) shard(hash uint64) *shard[K, V] {
	return r.shards[hash&uint64(len(r.shards)-1)]
}

// Get returns the entry of key and what it is worth at now; a Miss has no entry. It does not retain
// key and allocates nothing, but for the first hit of an entry. The hit of a hot entry takes no lock.
func (r *Record[K, V]) Get(key K, now Instant) (*Entry[V], State) {
	hash := r.hash(r.seed, key)
	n := r.front.find(hash, key)
	if n == nil {
		return r.shard(hash).get(key, now)
	}
	if uint64(n.entry.Order) <= r.epoch.Load() {
		return nil, Miss
	}
	state := n.entry.State(now)
	if state == Miss {
		return nil, Miss
	}
	if n.idle(now) > promoteEvery {
		r.shard(hash).promote(n, now)
	}
	return &n.entry, state
}

// Put stores e under key, in place of what is there, and reports whether e was current. It is not,
// and nothing changes, if an entry of a later Order is present in either segment, if the key was
// invalidated or everything flushed at or after e.Order, or if e has no Order. An entry whose
// Life.Fresh is 0 or less is not stored, yet if it is current it removes what is older.
//
// The entry is copied; what its Value points to must not change afterwards. The key is cloned if it is kept
// (Config.Clone).
func (r *Record[K, V]) Put(key K, e *Entry[V]) bool {
	if e == nil {
		return false
	}
	hash := r.hash(r.seed, key)
	return r.shard(hash).put(hash, key, e)
}

// Remove drops the entry of key if its Order is before the given one. It leaves no mark: a read that
// is under way may still put its answer.
func (r *Record[K, V]) Remove(key K, before Order) {
	r.shard(r.hash(r.seed, key)).remove(key, before)
}

// Invalidate makes everything that was begun so far untrue for key. A Get that begins after it has
// returned is not served anything whose Order is not later than the one returned, and until keep has
// passed Put refuses such an entry. Choose keep longer than any read can take from its Order to its
// Put; 0 or less drops what is present and leaves no mark.
//
// Marks take room beside the entries, in proportion to the invalidations within keep. Those whose
// time is over are dropped as new ones come; Len counts them until then.
func (r *Record[K, V]) Invalidate(key K, keep time.Duration) Order {
	return r.shard(r.hash(r.seed, key)).invalidate(key, keep)
}

// Mark returns the Order of the key's last invalidation that is still kept, or of the last Flush if
// that is later, or 0. A caller that begins now must not be served anything of that order or before.
func (r *Record[K, V]) Mark(key K) Order {
	return r.shard(r.hash(r.seed, key)).mark(key)
}

// Flush is Invalidate for every key, and for ever. It takes effect at once and then frees memory
// shard by shard, which takes time in proportion to Len.
func (r *Record[K, V]) Flush() Order {
	order := NextOrder()
	for {
		last := r.epoch.Load()
		if last >= uint64(order) || r.epoch.CompareAndSwap(last, uint64(order)) {
			break
		}
	}
	for _, s := range r.shards {
		s.flush(order)
	}
	return order
}

// Len returns how many entries each segment holds, those that have outlived their Life included, and
// how many marks are kept. It takes every shard's lock in turn; it is meant for metrics.
func (r *Record[K, V]) Len() (entries, apart, marks int) {
	for _, s := range r.shards {
		e, a, m := s.len()
		entries, apart, marks = entries+e, apart+a, marks+m
	}
	return entries, apart, marks
}

// Evicted returns how many entries each segment dropped to make room, those that had outlived their Life
// included. It is meant for metrics, as Len is.
func (r *Record[K, V]) Evicted() (entries, apart uint64) {
	for _, s := range r.shards {
		e, a := s.evicted()
		entries, apart = entries+e, apart+a
	}
	return entries, apart
}
