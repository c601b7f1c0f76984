package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skugate/skugate/cache"
)

// Explain tells what Check would answer now, and why: for support, and for a status page. It is judged by the
// code of Check, and leaves nothing behind: no owner is recorded, no budget charged, no acknowledgement
// intended, no fact refreshed and no decision counted. The owners' registry is read.
//
// Where a check would ask a store, the answer is open unless ask is true; then the store is asked, behind its
// breaker, and what it says is not remembered. What Config.Override decides is not explained further. What keeps
// a store from answering is logged as ever, and a fact that is looked at counts as used.
//
// It returns within twice Config.Timeout, is safe for concurrent use, and is never to be shown to players: it
// tells strangers' purchases from none.
func (g *Gate) Explain(ctx context.Context, r Requirement, c Credentials, ask bool) Explanation {
	e := Explanation{At: time.Now(), Account: masked(c.Account), Asked: ask, Mode: g.Mode(r).String(), Tokens: []ExplainedToken{}, Stores: []ExplainedStore{}}
	if !isNil(r) {
		e.Requirement = r.String()
	}
	if !g.usable() {
		e.answered(g.misuse(r))
		return e
	}
	p, why := g.plan(r), toForesee
	if ask {
		why = toProbe
	}
	if p.fault == nil && !g.closed.Load() {
		g.explore(ctx, p, &c, &e)
	}
	d := g.decide(ctx, p, &c, nil, why).decision()
	e.answered(&d)
	return e
}

// answered takes in the decision.
func (e *Explanation) answered(d *Decision) {
	e.Outcome, e.Reason, e.Source, e.Product = d.Outcome, d.Reason, d.Source, d.Product.String()
	e.VerifiedAt, e.ExpiresAt, e.AcknowledgeBy, e.RetryAfter = d.VerifiedAt, d.ExpiresAt, d.AcknowledgeBy, d.RetryAfter
	var open *notAsked
	switch {
	case errors.As(d.Err, &open):
		for i := range open.products {
			e.WouldAsk = append(e.WouldAsk, open.products[i].String())
		}
	case d.Err != nil:
		e.Err = d.Err.Error()
	}
}

// explore looks at what a check would look at.
func (g *Gate) explore(ctx context.Context, p *plan, c *Credentials, e *Explanation) {
	q := g.begin(ctx, p, c.Account, toForesee)
	defer q.end()
	defer func() {
		if v := recover(); v != nil { // a rule, a store, the owners' registry
			e.Unseen = g.recovered("a hook, rule or store", v).Error()
		}
	}()
	e.Budget = g.budgets.left(c.Account, time.Now())
	for _, b := range p.backends {
		e.Stores = append(e.Stores, b.explain())
	}
	if err := g.state.ready(q); err != nil {
		e.Unseen = err.Error()
		return
	}
	var tokens []Token
	if c.Token != "" {
		tokens = append(tokens, Token{Value: c.Token})
	}
	tokens = append(tokens, c.Tokens...)
	if c.Owned && c.Account != "" {
		owned, err := q.owned()
		if err != nil {
			e.Unseen = err.Error()
		}
		tokens = append(tokens, owned...)
	}
	if n := len(tokens); n > maxExplained {
		e.Unseen, tokens = fmt.Sprintf("core: there are %d tokens, of which the first %d are shown", n, maxExplained), tokens[:maxExplained]
	}
	for i := range tokens {
		e.Tokens = append(e.Tokens, q.explain(&tokens[i]))
	}
}

// maxExplained is more tokens than a person reads. An account can own any number.
const maxExplained = 32

func (b *backend) explain() ExplainedStore {
	s := ExplainedStore{Store: b.id, Breaker: b.guard.breaker.State().String(), PausedUntil: b.clientStats().PausedUntil}
	if se := b.refuses(); se != nil {
		s.Refusal = se.reason()
	}
	return s
}

// explain tells what memory has of a token at each store that it is looked for at.
func (q *inquiry) explain(t *Token) ExplainedToken {
	e := ExplainedToken{Token: masked(t.Value), Known: t.Known}
	for _, b := range q.plan.backends {
		if t.Store == "" || t.Store == b.id {
			e.Stores = append(e.Stores, q.explainAt(b, t))
		}
	}
	return e
}

func (q *inquiry) explainAt(b *backend, t *Token) ExplainedMemory {
	m := ExplainedMemory{Store: b.id}
	err := checkLength(t.Value)
	if err == nil {
		err = b.store.CheckToken(t.Value)
	}
	if err != nil {
		m.Malformed = err.Error()
		return m
	}
	mark := b.facts.Mark(t.Value)
	m.Invalidated = mark != 0
	if r, ok := b.voids.record(t.Value); ok {
		m.Voided, m.Superseded = r.whole || len(r.payments) > 0, r.superseded
	}
	if e, state := b.facts.Get(t.Value, q.now); state != cache.Miss {
		m.Voided, m.Superseded = b.voids.flags(t.Value, e.Value.purchase.ID)
		m.Fact = q.explainFact(b, t, e, state)
		return m
	}
	for i := range q.plan.leaves {
		p := &q.plan.leaves[i]
		if q.plan.owners[i] == b && q.plan.first[i] == i && b.absent(absence{t.Value, p.Kind, p.ID}, q.now, mark) != nil {
			m.Absent = append(m.Absent, p.String())
		}
	}
	return m
}

func (q *inquiry) explainFact(b *backend, t *Token, entry *cache.Entry[*fact], state cache.State) *ExplainedFact {
	f, began := entry.Value, entry.Began.Time()
	e := &ExplainedFact{
		Product: f.product.String(), State: state.String(), Age: q.now.Since(entry.Began), VerifiedAt: began,
		FreshUntil: began.Add(entry.Life.Fresh), RefreshUntil: began.Add(entry.Life.Refresh), UsableUntil: began.Add(entry.Life.Usable),
		PurchasedAt: f.purchase.PurchasedAt, ExpiresAt: f.purchase.ExpiresAt, AutoRenewing: f.purchase.AutoRenewing, Test: f.purchase.Test,
		Label: masked(f.purchase.Label),
	}
	leaf := q.plan.find(f.product)
	if e.Asked = leaf >= 0; !e.Asked {
		return e
	}
	var v Verdict
	b.judge(&v, f, &q.plan.leaves[leaf], q.now, false)
	e.Rule, e.RuleReason, e.RuleUntil = v.Outcome, v.Reason, v.ExpiresAt
	q.explainBinding(e, b, t, f, v.Outcome == Granted)
	return e
}

// explainBinding tells what binding says, and what it goes by.
func (q *inquiry) explainBinding(e *ExplainedFact, b *backend, t *Token, f *fact, granting bool) {
	if owner, ok, err := q.gate.config.Owners.Owner(q.context(), b.id, f.purchase.Token); err == nil && ok {
		e.Owner = masked(owner.Account)
	}
	reason, err := q.bind(b, t, f, granting)
	if err != nil {
		reason = lookupFailed(err).Reason
	}
	e.Bound, e.BindReason = reason == "", reason
	switch match := q.gate.config.Labels.Match(f.purchase.Label, q.account); {
	case !e.Bound:
	case t.Known:
		e.BoundBy = "look-up"
	case b.boundTo(f, q.account):
		e.BoundBy = "memory"
	case q.gate.config.Binding == InsecureBindingOff:
		e.BoundBy = "off"
	case match == LabelMatches:
		e.BoundBy = "label"
	default:
		e.BoundBy = "registry"
	}
}
