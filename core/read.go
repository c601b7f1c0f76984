package core

import (
	"context"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/skugate/skugate/cache"
)

// answer is what a look-up under way ends with.
type answer struct {
	fact   *fact
	source Source
	err    *StoreError
}

// lookup joins the look-up under way for (p, token), or starts one. after is the order of the last
// invalidation that the caller knows of: a look-up from before it is not joined.
// A refresh asks the store even while memory holds a fact that may still be served.
//
// A failure is the answer of those who joined before it, and of nobody who comes later: what could not
// be found out is not remembered, and who asks again may be let in. That a herd does not hammer a store
// which fails at once is the breaker's work: after a few look-ups, one after the other, it asks no more.
func (b *backend) lookup(caller context.Context, p *Product, token string, after cache.Order) (*cache.Flight[answer], bool, error) {
	token = strings.Clone(token) // the look-up outlives the request
	key := absence{token, p.Kind, p.ID}
	product, into := *p, b.carried(caller)
	return b.flights.Join(key, after, func(ctx context.Context, order cache.Order) (answer, error) {
		ctx = into(ctx)
		// The flight that was under way when our caller looked may have landed since.
		now := cache.Now()
		switch e, state := b.facts.Get(token, now); {
		case state == cache.Fresh && e.Value.product.sameSKU(&product):
			return answer{fact: e.Value, source: SourceMemory}, nil
		case state == cache.Miss:
			if no := b.absent(key, now, b.facts.Mark(token)); no != nil {
				return answer{err: no}, nil
			}
		}
		return b.find(ctx, product, token, order), nil
	})
}

// carried takes into a look-up what Config.Carry finds at who asks for it.
func (b *backend) carried(caller context.Context) func(context.Context) context.Context {
	if b.carry != nil {
		if into := b.carry(caller); into != nil {
			return into
		}
	}
	return func(ctx context.Context) context.Context { return ctx }
}

// read asks the store, and remembers and shares what it said.
func (b *backend) read(ctx context.Context, p Product, token string, order cache.Order, e errand) answer {
	defer e.end()
	f, began, se := b.fetch(ctx, b.guard.do, p, token)
	if se != nil {
		if se.outcome() == Denied {
			b.rememberAbsence(ctx, absence{token, p.Kind, p.ID}, se, began, order)
			if se.bare() == errAbsent {
				e.tell(SharedFact{VerifiedAt: began.Time(), StoreTime: began.Time(), Age: cache.Now().Since(began), Life: b.absenceLife()})
			}
		}
		return answer{err: se}
	}
	purchase := f.purchase
	f.owed = b.state.owes(b.id, &p, purchase)
	var verdict Verdict
	b.judge(&verdict, f, &p, began, false)
	life := f.life(&p, verdict, &b.lives)
	b.remember(ctx, f, &verdict, life, order)
	e.tell(f.shared(life))
	return answer{fact: f, source: SourceStore}
}

// remember keeps a fact for life, and what it says of other tokens.
func (b *backend) remember(ctx context.Context, f *fact, verdict *Verdict, life cache.Life, order cache.Order) {
	p, purchase := f.product, f.purchase
	token := purchase.Token
	if verdict.Outcome == Granted && purchase.LinkedToken != "" && purchase.LinkedToken != token {
		b.supersede(ctx, purchase.LinkedToken)
	}
	b.seeVoid(ctx, token)
	if verdict.Outcome != Undetermined { // what decides nothing replaces nothing
		b.facts.Put(token, &cache.Entry[*fact]{
			Value: f, Began: f.began, Order: order, Life: life, Apart: verdict.Outcome != Granted,
		})
		b.absences.Remove(absence{token, p.Kind, p.ID}, order)
		b.state.snapshot.note(ctx, b, f, verdict.Outcome == Granted)
	}
}

// fetch makes one call of the store client behind the guard, and counts it.
func (b *backend) fetch(ctx context.Context, guarded func(context.Context, func(context.Context) error) error, p Product, token string) (_ *fact, began cache.Instant, _ *StoreError) {
	var (
		ended    cache.Instant
		purchase *Purchase
	)
	err := guarded(ctx, func(ctx context.Context) (err error) {
		b.calls.Add(1)
		began = cache.Now()
		purchase, err = b.store.Lookup(ctx, p, token)
		ended = cache.Now()
		b.latency.note(time.Duration(ended.Mono - began.Mono))
		if err == nil {
			err = purchase.credible(token)
		}
		return err
	})
	if err != nil {
		se := asStoreError(err)
		b.countFailure(se)
		b.hear(se)
		return nil, began, se
	}
	b.found.Add(1)
	b.hear(nil)
	f := &fact{product: b.share(&p), purchase: purchase, began: began, storeBegan: b.storeClock(purchase.StoreTime, began, ended)}
	return f, began, nil
}

// refresh asks the store behind a fact that is being served. Joining makes it one at a time; an open
// breaker, none.
func (b *backend) refresh(p *Product, token string) {
	if b.guard.breaker.State() == gobreaker.StateOpen {
		return
	}
	// No request waits for it. It is refused only by a gate that is closing.
	_, _, _ = b.lookup(context.Background(), p, token, b.facts.Mark(token))
}
