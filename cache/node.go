package cache

import (
	"math"
	"sync/atomic"
	"time"
)

// promoteEvery is how often at most a hit moves an entry to the young end of its segment. Moving it
// on every hit would write to memory that all cores share, which costs more than the hit.
const promoteEvery = 2 * time.Second

// node is what a record keeps for a key. All but the two atomics is immutable.
type node[K comparable, V any] struct {
	key   K
	hash  uint64
	entry *Entry[V]
	// dead is set, under the shard's lock, when the node leaves its segment for whatever reason:
	// replaced, removed, invalidated or evicted. It is what keeps a reader that found the node
	// without the lock from serving it.
	dead atomic.Bool
	// touched is the monotonic time of the last hit that took the lock.
	touched atomic.Int64
}

// never is a time so long ago that nothing is near it, and no difference to it overflows.
const never = math.MinInt64 / 2

func (n *node[K, V]) idle(now Instant) time.Duration {
	return time.Duration(now.Mono - n.touched.Load())
}
