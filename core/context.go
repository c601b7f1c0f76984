package core

import (
	"context"
	"sync/atomic"
)

// decisionKey is the key of the innermost decision in a context.
type decisionKey struct{}

// Attached is a context with a decision on it. Admission.Attached makes one; the zero value is none. An
// adapter embeds it where it allocates something of its own for each request anyway.
type Attached struct {
	context.Context
	decision *Decision
}

// Value implements context.Context.
func (a *Attached) Value(key any) any {
	if _, ok := key.(decisionKey); ok && a.decision != nil {
		return a
	}
	return a.Context.Value(key)
}

// shared is what every request with one and the same remembered decision can use.
type shared struct {
	alone   Attached // with nothing above it
	replies [2]atomic.Pointer[Reply]
}

// share makes what goes with a decision that is kept and will not change.
func (d *Decision) share() {
	d.shared = &shared{alone: Attached{context.Background(), d}}
}

// kept returns what goes with the decision, nil if this is a changed copy of the one that it was made for.
func (d *Decision) kept() *shared {
	if s := d.shared; s != nil && s.alone.decision == d {
		return s
	}
	return nil
}

// on returns parent with the decision on it, without allocating if there is nothing on parent.
func (d *Decision) on(parent context.Context) context.Context {
	if s := d.kept(); s != nil && parent == context.Background() {
		return &s.alone
	}
	return &Attached{parent, d}
}

// NewContext returns ctx with d on it, as an adapter puts it there: for tests of handlers.
func NewContext(ctx context.Context, d Decision) context.Context {
	return &Attached{ctx, &d}
}

// FromContext returns the decision of the innermost gate that the request passed; false if none.
func FromContext(ctx context.Context) (Decision, bool) {
	if a, ok := ctx.Value(decisionKey{}).(*Attached); ok {
		return *a.decision, true
	}
	return Decision{}, false
}

// Find returns the innermost decision on r, where a request passed several gates. A decision that was
// put there by NewContext is on r if its Product is one of r's.
func Find(ctx context.Context, r Requirement) (Decision, bool) {
	for a, ok := ctx.Value(decisionKey{}).(*Attached); ok; a, ok = a.Context.Value(decisionKey{}).(*Attached) {
		if a.decision.madeOn(r) {
			return *a.decision, true
		}
	}
	return Decision{}, false
}

// madeOn tells whether the decision was made on r. None was on a nil requirement.
func (d *Decision) madeOn(r Requirement) bool {
	if isNil(r) {
		return false
	}
	if d.requirement != nil {
		return d.requirement == r
	}
	for _, p := range r.tree().leaves {
		if p == d.Product {
			return true
		}
	}
	return false
}
