package core

import (
	"context"
	"net/http"
	"time"
)

// ruling is a decision as the gate keeps it. Of the many that are kept each is small: what it shares with
// others is its ending's, the facts are the fact's, and the Decision is written out for who asks. It never
// changes.
type ruling struct {
	end                      *ending
	fact                     *fact // nil: it rests on no facts
	expiresAt, acknowledgeBy time.Time
	whole                    *Decision // nil, or all of it: it has an error, or was made by hand
}

// write writes the ruling out, to where it is wanted: handing on a value as large as a Decision costs more
// than making it.
func (r *ruling) write(d *Decision) {
	if r.whole != nil {
		*d = *r.whole
		return
	}
	e := r.end
	d.Outcome, d.Reason, d.Source = e.outcome, e.reason, e.source
	d.Product, d.requirement = *e.product, e.plan.requirement
	if r.fact == nil {
		return
	}
	d.Purchase, d.VerifiedAt = r.fact.purchase, r.fact.began.Time()
	d.ExpiresAt, d.AcknowledgeBy = r.expiresAt, r.acknowledgeBy
	d.owed = r.owed()
}

func (r *ruling) decision() (d Decision) {
	r.write(&d)
	return d
}

func (r *ruling) outcome() Outcome {
	if r.whole != nil {
		return r.whole.Outcome
	}
	return r.end.outcome
}

func (r *ruling) granted() bool { return r.outcome() == Granted }

// owed is the acknowledgements, if the gate has an outbox.
func (r *ruling) owed() *owed {
	switch {
	case r.whole != nil:
		return r.whole.owed
	case r.fact == nil || r.end.outcome != Granted || r.acknowledgeBy.IsZero():
		return nil
	}
	return r.fact.owed
}

// with is the ruling with what change makes of its Decision.
func (r *ruling) with(change func(*Decision)) *ruling {
	d := r.decision()
	change(&d)
	return &ruling{end: r.end, whole: &d}
}

// reply is the answer to a client that is not let in. It is made once for all denials that end alike; one
// that says when to come back is made each time.
func (r *ruling) reply(deniedStatus int) Reply {
	if r.whole != nil || r.end.outcome != Denied {
		d := r.decision()
		return d.reply(deniedStatus)
	}
	which := &r.end.replies[0]
	if deniedStatus == http.StatusPaymentRequired {
		which = &r.end.replies[1]
	}
	have := which.Load()
	if have == nil {
		d := r.decision()
		made := d.reply(deniedStatus)
		for _, f := range made.Header {
			made.values = append(made.values, f.Value)
		}
		have = &made
		which.Store(have)
	}
	return *have
}

// on returns parent with the ruling on it. The ruling itself is context.Background() with it: then nothing
// is allocated.
func (r *ruling) on(parent context.Context) context.Context {
	if parent == context.Background() {
		return r
	}
	return &Attached{parent, r}
}

var _ context.Context = (*ruling)(nil)

// Deadline implements context.Context.
func (r *ruling) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (r *ruling) Done() <-chan struct{} { return nil }

// Err implements context.Context.
func (r *ruling) Err() error { return nil }

// Value implements context.Context.
func (r *ruling) Value(key any) any {
	if _, ok := key.(decisionKey); ok {
		return r
	}
	return nil
}
