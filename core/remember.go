package core

import (
	"errors"
	"fmt"

	"github.com/skugate/skugate/cache"
)

// remember hears what memory knows of a token, and notes what a store has to be asked. A token that one
// store of the requirement is known to have issued is asked about at no other; before that, at each whose
// syntax it has. It returns an error if no store could have issued the token.
func (q *inquiry) remember(t *Token) error {
	if err := checkLength(t.Value); err != nil { // before anything is hashed
		return fmt.Errorf("core: the purchase token is malformed: it %w", err)
	}
	known := false
	for _, b := range q.plan.backends {
		if t.Store != "" && t.Store != b.id {
			continue
		}
		if e, state := b.facts.Get(t.Value, q.now); state != cache.Miss {
			known = true
			q.recall(b, t, e, state)
		}
	}
	if known {
		return nil
	}
	accepted := false
	var refused error
	for _, b := range q.plan.backends {
		if t.Store != "" && t.Store != b.id {
			continue
		}
		if err := b.store.CheckToken(t.Value); err != nil {
			refused = err
			continue
		}
		accepted = true
		q.note(b, t)
	}
	if accepted {
		return nil
	}
	return q.unspoken(t, refused)
}

// unspoken judges a token that speaks for nothing here: fine if it is another store's, of which the
// gate has products elsewhere, and malformed otherwise.
func (q *inquiry) unspoken(t *Token, refused error) error {
	if t.Store != "" && q.gate.backend(t.Store) == nil {
		return errors.New("core: a token's store hint names no store of the gate")
	}
	for _, b := range q.gate.backends {
		if t.Store != "" && t.Store != b.id {
			continue
		}
		err := b.store.CheckToken(t.Value)
		if err == nil {
			return nil
		}
		refused = err
	}
	return fmt.Errorf("core: the purchase token is malformed: %w", refused)
}

// recall hears a fact from memory. While it lives, its token speaks for its product only.
func (q *inquiry) recall(b *backend, t *Token, e *cache.Entry[*fact], state cache.State) {
	f := e.Value
	leaf := q.plan.find(f.product)
	if t.Product != "" && t.Product != f.product.ID {
		leaf = -1
	}
	for i := range q.plan.leaves {
		if i != leaf && q.plan.owners[i] == b && q.plan.first[i] == i && (t.Product == "" || t.Product == q.plan.leaves[i].ID) {
			q.hear(i, finding{outcome: Denied, reason: ReasonProductMismatch})
		}
	}
	if leaf < 0 {
		return
	}
	if state != cache.Stale && q.hearKnown(b, t, leaf, f, state) {
		return
	}
	from := len(q.asks)
	q.asks = append(q.asks, leaf)
	q.chain(b, t, q.asks[from:], e, b.facts.Mark(t.Value))
}

// hearKnown hears a fact that may be served. It does not if the store has to be asked first: past
// freshness, when the fact has given what it may, or when it grants no more for what was learned since.
func (q *inquiry) hearKnown(b *backend, t *Token, leaf int, f *fact, state cache.State) bool {
	heard := q.judge(b, t, leaf, f, SourceMemory, q.now, false)
	if state == cache.Due && heard.fact != nil {
		if heard.outcome != Granted {
			return false
		}
		heard.source = SourceStale
		if q.why.records() {
			b.refresh(&q.plan.leaves[leaf], f.purchase.Token)
		}
		if !q.spend(b, f) {
			return false
		}
	}
	q.hear(leaf, heard)
	return true
}

// spend is fact.spend, of which nothing remains where nothing is to be recorded.
func (q *inquiry) spend(b *backend, f *fact) bool {
	if !q.why.records() {
		return f.unspent(b.lives.StaleGrants)
	}
	return f.spend(b.lives.StaleGrants)
}

// note lists the products that a cold token has to be asked about, in the order written.
func (q *inquiry) note(b *backend, t *Token) {
	from, mark := len(q.asks), b.facts.Mark(t.Value)
	for i := range q.plan.leaves {
		p := &q.plan.leaves[i]
		if q.plan.owners[i] != b || q.plan.first[i] != i || t.Product != "" && t.Product != p.ID || q.overridden(i) {
			continue
		}
		if no := b.absent(absence{t.Value, p.Kind, p.ID}, q.now, mark); no != nil {
			q.hear(i, finding{outcome: Denied, reason: no.reason(), source: SourceMemory})
			continue
		}
		q.asks = append(q.asks, i)
	}
	if asks := q.asks[from:]; len(asks) > 0 {
		q.chain(b, t, asks, nil, mark)
	}
}

func (q *inquiry) chain(b *backend, t *Token, asks []int, known *cache.Entry[*fact], mark cache.Order) {
	for _, leaf := range asks {
		q.open(leaf, +1)
	}
	q.chains = append(q.chains, chain{backend: b, token: *t, asks: asks, known: known, total: len(asks), after: mark})
}

// judge applies rule and binding. Binding comes first in what is shown: a stranger learns nothing of
// a purchase, not even why it lapsed.
func (q *inquiry) judge(b *backend, t *Token, leaf int, f *fact, source Source, now cache.Instant, outage bool) finding {
	var v Verdict
	b.judge(&v, f, &q.plan.leaves[leaf], now, outage)
	if v.Outcome == Undetermined {
		return finding{reason: v.Reason, err: &StoreError{Reason: v.Reason}}
	}
	reason, err := q.bind(b, t, f, v.Outcome == Granted)
	switch {
	case err != nil:
		se := lookupFailed(err)
		return finding{reason: se.Reason, err: se}
	case reason != "":
		return finding{outcome: Denied, reason: reason, source: source}
	}
	return finding{outcome: v.Outcome, reason: v.Reason, source: source, fact: f, verdict: v}
}
