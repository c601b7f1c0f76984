package core

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/skugate/skugate/cache"
)

// notAsked keeps a decision open that stores could make: what they were not asked about.
type notAsked struct{ products []Product }

func (*notAsked) Error() string { return "core: a check would ask the store" }

// foresee tells what the next look-up of a chain would come to: a refusal, if the store cannot be asked now.
// What the store would say is open.
func (q *inquiry) foresee(c *chain) {
	if se := c.backend.refuses(); se != nil {
		q.fail(c, se, "")
		return
	}
	leaf := c.next()
	q.open(leaf, -1)
	q.hear(leaf, finding{reason: ReasonNotAsked, err: &StoreError{Reason: ReasonNotAsked, Err: &notAsked{}}})
	if p := q.plan.leaves[leaf]; !slices.Contains(q.unasked, p) {
		q.unasked = append(q.unasked, p)
	}
}

// refuses is why a look-up would not reach the store now, nil if it might.
func (b *backend) refuses() *StoreError {
	if b.guard.breaker.State() == gobreaker.StateOpen {
		return asStoreError(b.guard.refusal())
	}
	if wait := time.Until(b.clientStats().PausedUntil); wait > 0 {
		return &StoreError{Reason: ReasonStorePaused, RetryAfter: wait}
	}
	return nil
}

// probe is lookup for who wants to know and not to remember: what the store says goes to nobody else. Its
// failures do not open the breaker, since no player made the call.
func (b *backend) probe(caller context.Context, p *Product, token string, after cache.Order) (*cache.Flight[answer], bool, error) {
	token = strings.Clone(token)
	product, into := *p, b.carried(caller)
	return b.probes.Join(absence{token, p.Kind, p.ID}, after, func(ctx context.Context, _ cache.Order) (answer, error) {
		f, _, se := b.fetch(into(ctx), b.guard.doBehind, product, token)
		if se != nil {
			return answer{err: se}, nil
		}
		return answer{fact: f, source: SourceStore}, nil
	})
}
