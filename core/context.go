package core

import "context"

// decisionKey is the key of the innermost decision in a context.
type decisionKey struct{}

// Attached is a context with a decision on it. Admission.Attached makes one; the zero value is none. An
// adapter embeds it where it allocates something of its own for each request anyway.
type Attached struct {
	context.Context
	ruling *ruling
}

// Value implements context.Context.
func (a *Attached) Value(key any) any {
	if _, ok := key.(decisionKey); ok && a.ruling != nil {
		return a
	}
	return a.Context.Value(key)
}

// innermost returns the innermost ruling on ctx, nil if there is none, and the context below it.
func innermost(ctx context.Context) (*ruling, context.Context) {
	switch on := ctx.Value(decisionKey{}).(type) {
	case *Attached:
		return on.ruling, on.Context
	case *ruling:
		return on, context.Background()
	default:
		return nil, nil
	}
}

// NewContext returns ctx with d on it, as an adapter puts it there: for tests of handlers.
func NewContext(ctx context.Context, d Decision) context.Context {
	return &Attached{ctx, &ruling{whole: &d}}
}

// FromContext returns the decision of the innermost gate that the request passed; false if none.
func FromContext(ctx context.Context) (d Decision, ok bool) {
	r, _ := innermost(ctx)
	if r != nil {
		r.write(&d)
	}
	return d, r != nil
}

// Find returns the innermost decision on r, where a request passed several gates. A decision that was
// put there by NewContext is on r if its Product is one of r's.
func Find(ctx context.Context, r Requirement) (Decision, bool) {
	for have, below := innermost(ctx); have != nil; have, below = innermost(below) {
		if d := have.decision(); d.madeOn(r) {
			return d, true
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
