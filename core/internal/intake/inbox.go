package intake

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

// inbox remembers the events of one kind that were applied. The oldest are forgotten: such a message
// would be applied again, which does no harm.
type inbox[E comparable] struct {
	mu    sync.Mutex
	doing map[E]struct{}
	done  *lru.Cache[E, struct{}]
}

// rememberedEvents bounds the memory.
const rememberedEvents = 65536

func newInbox[E comparable]() *inbox[E] {
	done, _ := lru.New[E, struct{}](rememberedEvents) // fails for a size below 1 only
	return &inbox[E]{doing: map[E]struct{}{}, done: done}
}

type standing uint8

const (
	fresh   standing = iota // the caller works on it, and has to call end
	busy                    // another request works on it
	applied                 // it is done
)

func (b *inbox[E]) begin(e E) standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done.Contains(e) {
		return applied
	}
	if _, ok := b.doing[e]; ok {
		return busy
	}
	b.doing[e] = struct{}{}
	return fresh
}

func (b *inbox[E]) end(e E, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.doing, e)
	if ok {
		b.done.Add(e, struct{}{})
	}
}
