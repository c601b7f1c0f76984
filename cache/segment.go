package cache

import "github.com/hashicorp/golang-lru/v2/simplelru"

// segment keeps nodes in two least-recently-used lists: those that were not hit since they came, and those
// that were. Room is made among the former, so that what is asked for once does not push out what is asked for
// again and again. No list evicts by itself: simplelru.LRU calls its callback for some ways out and not for
// others, so the owner of the nodes has to be told.
type segment[K comparable, V any] struct {
	once, again *simplelru.LRU[K, *node[K, V]]
	size        int

	evicted uint64
}

// onceShare is how much of a full segment is left to what was not hit yet: a fifth. With less, a new entry
// would be gone before its second hit.
const onceShare = 5

func newSegment[K comparable, V any](size int) (g segment[K, V], err error) {
	g.size = size
	if g.once, err = simplelru.NewLRU[K, *node[K, V]](size, nil); err == nil {
		g.again, err = simplelru.NewLRU[K, *node[K, V]](size, nil)
	}
	return g, err
}

func (g *segment[K, V]) len() int { return g.once.Len() + g.again.Len() }

func (g *segment[K, V]) peek(key K) *node[K, V] {
	n, ok := g.again.Peek(key)
	if !ok {
		n, _ = g.once.Peek(key)
	}
	return n
}

// add inserts n or lets it take its key's place, and returns what had to go to make room, if anything.
func (g *segment[K, V]) add(n *node[K, V]) (evicted *node[K, V]) {
	if g.again.Contains(n.key) {
		g.again.Add(n.key, n)
		return nil
	}
	if g.len() >= g.size && !g.once.Contains(n.key) {
		g.evicted++
		var ok bool
		if _, evicted, ok = g.once.RemoveOldest(); !ok {
			_, evicted, _ = g.again.RemoveOldest()
		}
	}
	g.once.Add(n.key, n)
	return evicted
}

// hit moves n, which is in the segment, to the young end of those that were hit.
func (g *segment[K, V]) hit(n *node[K, V]) {
	if _, ok := g.again.Get(n.key); ok {
		return
	}
	g.once.Remove(n.key)
	g.again.Add(n.key, n)
	if g.again.Len() > g.size-g.size/onceShare {
		if key, oldest, ok := g.again.RemoveOldest(); ok {
			g.once.Add(key, oldest)
		}
	}
}

func (g *segment[K, V]) remove(key K) {
	if !g.again.Remove(key) {
		g.once.Remove(key)
	}
}

// nodes returns all that the segment holds.
func (g *segment[K, V]) nodes() []*node[K, V] { return append(g.once.Values(), g.again.Values()...) }
