package core

import (
	"context"
	"time"

	"github.com/skugate/skugate/cache"
)

// errand is a question that this instance brings to the store, perhaps for all of them. The zero errand is
// nobody else's.
type errand struct {
	tier     *tier
	question SharedQuestion
	ticket   string // empty: the answer cannot be shared
	told     bool
}

// tell brings the store's answer to the other instances, unless it decides nothing. It does not wait until
// it is there: nobody here needs it there.
func (e *errand) tell(f SharedFact) {
	if e.ticket == "" || f.Age >= f.Life.Usable {
		return
	}
	e.told = true
	e.send(func(ctx context.Context) error { return e.tier.shared.Put(ctx, e.question, e.ticket, f) })
}

// end lets another instance ask the store, unless there is an answer.
func (e *errand) end() {
	if e.ticket == "" || e.told {
		return
	}
	e.send(func(ctx context.Context) error { return e.tier.shared.Release(ctx, e.question, e.ticket) })
}

// send makes a call that nobody waits for but Close. A gate that is closing lets the lease run out.
func (e *errand) send(call func(context.Context) error) {
	_, _, _ = e.tier.puts.Join(e.question, cache.NextOrder(), func(ctx context.Context, _ cache.Order) (struct{}, error) {
		return struct{}{}, e.tier.do(ctx, call)
	})
}

// shared is the fact as instances share it.
func (f *fact) shared(life cache.Life) SharedFact {
	return SharedFact{Purchase: f.purchase, VerifiedAt: f.began.Time(), StoreTime: time.Unix(0, f.storeBegan), Age: cache.Now().Since(f.began), Life: life}
}
