package cache

import "github.com/hashicorp/golang-lru/v2/simplelru"

// segment is a least-recently-used list that never evicts behind its owner's back: simplelru.LRU
// calls its callback for some ways out and not for others, so the owner makes room itself.
type segment[K comparable, V any] struct {
	lru  *simplelru.LRU[K, *node[K, V]]
	size int

	evicted uint64
}

func newSegment[K comparable, V any](size int) (segment[K, V], error) {
	lru, err := simplelru.NewLRU[K, *node[K, V]](size, nil)
	return segment[K, V]{lru: lru, size: size}, err
}

// add inserts n or lets it take its key's place, and returns what had to go to make room, if anything.
func (g *segment[K, V]) add(n *node[K, V]) (evicted *node[K, V]) {
	if g.lru.Len() >= g.size && !g.lru.Contains(n.key) {
		_, evicted, _ = g.lru.RemoveOldest()
		g.evicted++
	}
	g.lru.Add(n.key, n)
	return evicted
}
