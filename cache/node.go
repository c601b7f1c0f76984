package cache

import (
	"math"
	"sync/atomic"
	"time"
)

// promoteEvery is how often at most a hit moves an entry to the young end of its segment. Moving it
// on every hit would write to memory that all cores share, which costs more than the hit.
const promoteEvery = 2 * time.Second

// node is what a record keeps for a key, in one piece of memory. All but touched is immutable.
type node[K comparable, V any] struct {
	hash uint64
	key  K
	// touched is the monotonic time of the last hit that took the lock. It is written under the shard's lock.
	// At the end it is dead: that is what keeps a reader that found the node without the lock from serving it.
	touched atomic.Int64
	entry   Entry[V]
}

const (
	// never is a time so long ago that nothing is near it, and no difference to it overflows.
	never = math.MinInt64 / 2
	// dead is the time of a node that has left its segment for whatever reason: replaced, removed,
	// invalidated or evicted.
	dead = never - 1
)

func (n *node[K, V]) isDead() bool { return n.touched.Load() == dead }

// die needs the shard's lock.
func (n *node[K, V]) die() { n.touched.Store(dead) }

func (n *node[K, V]) idle(now Instant) time.Duration {
	return time.Duration(now.Mono - n.touched.Load())
}
