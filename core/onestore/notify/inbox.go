package notify

import (
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

// event is what makes two notifications the same one: of a payment its id and state, because one
// payment is completed and may be cancelled later; of a subscription its token, type and time.
type event struct {
	id    string
	state PaymentState
	kind  Type
	at    int64
}

// inbox remembers the events of one kind that were applied. The oldest are forgotten: such a message
// would be applied again, which does no harm.
type inbox struct {
	mu    sync.Mutex
	doing map[event]struct{}
	done  *lru.Cache[event, struct{}]
}

// rememberedEvents bounds the memory.
const rememberedEvents = 65536

func newInbox() *inbox {
	done, _ := lru.New[event, struct{}](rememberedEvents) // fails for a size below 1 only
	return &inbox{doing: map[event]struct{}{}, done: done}
}

type standing uint8

const (
	fresh   standing = iota // the caller works on it, and has to call end
	busy                    // another request works on it
	applied                 // it is done
)

func (b *inbox) begin(e event) standing {
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

func (b *inbox) end(e event, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.doing, e)
	if ok {
		b.done.Add(e, struct{}{})
	}
}
