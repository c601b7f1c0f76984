package core

import "context"

// decisionKey is the key of the innermost decision in a context.
type decisionKey struct{}

// attached is a context with a decision on it.
type attached struct {
	context.Context
	decision *Decision
}

// Value implements context.Context.
func (a *attached) Value(key any) any {
	if _, ok := key.(decisionKey); ok {
		return a
	}
	return a.Context.Value(key)
}

// NewContext returns ctx with d on it, as an adapter puts it there: for tests of handlers.
func NewContext(ctx context.Context, d Decision) context.Context {
	return &attached{ctx, &d}
}

// FromContext returns the decision of the innermost gate that the request passed; false if none.
func FromContext(ctx context.Context) (Decision, bool) {
	if a, ok := ctx.Value(decisionKey{}).(*attached); ok {
		return *a.decision, true
	}
	return Decision{}, false
}

// Find returns the innermost decision on r, where a request passed several gates. A decision that was
// put there by NewContext is on r if its Product is one of r's.
func Find(ctx context.Context, r Requirement) (Decision, bool) {
	for a, ok := ctx.Value(decisionKey{}).(*attached); ok; a, ok = a.Context.Value(decisionKey{}).(*attached) {
		if a.decision.on(r) {
			return *a.decision, true
		}
	}
	return Decision{}, false
}

// on tells whether the decision was made on r. None is on a nil requirement.
func (d *Decision) on(r Requirement) bool {
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
