package core

import (
	"context"
	"hash/maphash"
	"log/slog"

	"github.com/skugate/skugate/cache"
)

// absence is a token that is no purchase of a product. It also names a look-up under way.
type absence struct {
	token string
	kind  Kind
	id    string
}

// spread is the hash that absences are kept by. Those of one token differ, so that they do not take turns in
// one place.
func spread(seed maphash.Seed, a absence) uint64 {
	return maphash.String(seed, a.token) ^ maphash.String(seed, a.id)
}

// asIs is what keeps a key that is already the gate's own: lookup and InvalidateToken copy a token before
// it becomes one, and a second copy would be as large as what is remembered under it.
func asIs[K any](key K) K { return key }

// absent is what memory knows of there being no such purchase, nil if nothing. mark is that of the token's
// last invalidation.
func (b *backend) absent(a absence, now cache.Instant, mark cache.Order) *StoreError {
	e, state := b.absences.Get(a, now)
	if state != cache.Fresh || e.Order <= mark {
		return nil
	}
	return e.Value
}

// rememberAbsence takes in that the store knows no such purchase, or refuses the token. A fact read
// earlier goes; one read later stands, and then the absence is of the past.
func (b *backend) rememberAbsence(ctx context.Context, a absence, se *StoreError, began cache.Instant, order cache.Order) {
	b.absences.Put(a, &cache.Entry[*StoreError]{
		Value: se.bare(), Began: began, Order: order, Life: b.absenceLife(),
	})
	// After the Put: whichever of two reads puts last sees what the other put.
	e, state := b.facts.Get(a.token, cache.Now())
	if state == cache.Miss || e.Value.product.Kind != a.kind || e.Value.product.ID != a.id {
		return
	}
	if e.Order > order {
		b.absences.Remove(a, e.Order)
		return
	}
	b.facts.Remove(a.token, order)
	if err := b.state.snapshot.forget(ctx, b.id, a.token); err != nil {
		b.alarm(slog.LevelWarn, "the snapshot of facts cannot forget", ReasonLookupFailed, err)
	}
}

func (b *backend) absenceLife() cache.Life {
	return cache.Life{Fresh: b.lives.Absent, Refresh: b.lives.Absent, Usable: b.lives.Absent}
}

// errAbsent is the usual absence, shared by all.
var errAbsent = &StoreError{Fault: FaultNotFound}

// bare is the error without what its store client wrapped: small enough to be kept.
func (e *StoreError) bare() *StoreError {
	if e.Fault == FaultNotFound && e.reason() == ReasonNotFound {
		return errAbsent
	}
	return &StoreError{Fault: e.Fault, Reason: e.Reason}
}
