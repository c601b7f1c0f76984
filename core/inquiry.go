package core

import (
	"context"
	"errors"

	"github.com/skugate/skugate/cache"
)

// inquiry is one check that memory alone could not answer with a grant.
type inquiry struct {
	gate     *Gate
	plan     *plan
	account  string
	caller   context.Context
	ctx      context.Context // the caller's, bounded; made when something may have to be waited for
	cancel   context.CancelFunc
	why      manner
	now      cache.Instant
	findings []finding
	chains   []chain
	asks     []int                  // what the chains' own are cut from
	claimed  map[ownerKey]Ownership // what would be recorded, where nothing is
	unasked  []Product              // what a store was not asked about, because nothing is to be asked
}

// begin takes an inquiry from the pool: a refusal from memory, too, allocates nothing. Nothing that
// outlives the check refers to it.
func (g *Gate) begin(ctx context.Context, p *plan, account string, why manner) *inquiry {
	q, _ := g.inquiries.Get().(*inquiry)
	if q == nil {
		q = &inquiry{}
	}
	q.gate, q.plan, q.account, q.caller, q.why, q.now = g, p, account, ctx, why, cache.Now()
	if n := len(p.leaves); cap(q.findings) < n {
		q.findings = make([]finding, n)
	} else {
		q.findings = q.findings[:n]
	}
	return q
}

// end gives the inquiry back, empty. One whose check panicked is left to the collector.
func (q *inquiry) end() {
	if q.cancel != nil {
		q.cancel()
	}
	clear(q.findings)
	clear(q.chains)
	pool := &q.gate.inquiries
	*q = inquiry{findings: q.findings[:0], chains: q.chains[:0], asks: q.asks[:0]}
	pool.Put(q)
}

func (g *Gate) inquire(ctx context.Context, p *plan, c *Credentials, credErr error, why manner) *ruling {
	if c.borrowed {
		own := c.Clone()
		c = &own
	}
	q := g.begin(ctx, p, c.Account, why)
	r := q.run(c, credErr)
	if o := r.owed(); o != nil && why.delivers() {
		g.intend(q.context(), o)
	}
	q.end()
	return r
}

// run judges in this order: override, credentials, memory, stores.
func (q *inquiry) run(c *Credentials, credErr error) *ruling {
	q.openAll(+1) // until every token was looked at

	if q.gate.config.Override != nil {
		q.override(q.plan.requirement, q.plan.root, q.findings)
		if r := q.settled(); r != nil {
			return r
		}
	}
	if r := q.refuse(c, credErr); r != nil {
		return r
	}
	if err := q.gate.state.ready(q); err != nil {
		return q.plan.undetermined(ReasonLookupFailed, 0, err)
	}
	if c.Token != "" {
		if err := q.remember(&Token{Value: c.Token}); err != nil {
			return q.refuseAs(ReasonInvalidToken, err)
		}
	}
	for i := range c.Tokens {
		if err := q.remember(&c.Tokens[i]); err != nil {
			return q.refuseAs(ReasonInvalidToken, err)
		}
	}
	if c.Owned {
		if err := q.rememberOwned(); err != nil {
			se := lookupFailed(err)
			return q.plan.undetermined(se.Reason, 0, se)
		}
	}
	q.openAll(-1)
	if r := q.settled(); r != nil || len(q.chains) == 0 {
		return q.decide()
	}
	q.ask()
	if d := q.settled(); d == nil && len(q.unasked) > 0 {
		return q.plan.undetermined(ReasonNotAsked, q.plan.find(&q.unasked[0]), &StoreError{Reason: ReasonNotAsked, Err: &notAsked{q.unasked}})
	}
	return q.decide()
}

func (q *inquiry) openAll(n int) {
	for i := range q.findings {
		q.findings[i].open += n
	}
}

// open counts a token that may still speak for a leaf, at every place where its product is named.
func (q *inquiry) open(leaf, n int) {
	for i, first := range q.plan.first {
		if first == leaf {
			q.findings[i].open += n
		}
	}
}

// hear takes in what a token says of a leaf, at every place where its product is named.
func (q *inquiry) hear(leaf int, f finding) {
	for i, first := range q.plan.first {
		if first == leaf {
			q.findings[i].hear(f)
		}
	}
}

// context bounds all that one check waits for, stores and the owners' registry together.
func (q *inquiry) context() context.Context {
	if q.ctx == nil {
		limit := q.gate.config.Timeout
		if q.why == toAttach {
			limit = min(limit, attachWait)
		}
		q.ctx, q.cancel = context.WithTimeout(q.caller, limit)
	}
	return q.ctx
}

// refuse answers a request whose credentials cannot be judged. No store is asked.
func (q *inquiry) refuse(c *Credentials, credErr error) *ruling {
	switch {
	case errors.Is(credErr, ErrTokenMissing):
		return q.refuseAs(ReasonTokenMissing, credErr)
	case errors.Is(credErr, ErrTokenMalformed):
		return q.refuseAs(ReasonInvalidToken, credErr)
	case credErr != nil:
		return q.plan.undetermined(ReasonLookupFailed, 0, &StoreError{Reason: ReasonLookupFailed, Err: credErr})
	case c.Token == "" && c.Tokens == nil && !c.Owned:
		return q.plan.refusal(Denied, ReasonTokenMissing, "", 0)
	case !q.gate.hasAccount(c), q.why == toHandIn && c.Account == "":
		return q.plan.refusal(Denied, ReasonAccountMissing, "", 0)
	}
	return nil
}

func (q *inquiry) refuseAs(r Reason, err error) *ruling {
	return q.plan.refusal(Denied, r, "", 0).with(func(d *Decision) { d.Err = err })
}

// settled is the decision if what is still open cannot change it.
func (q *inquiry) settled() *ruling {
	if o, leaf := q.plan.root.combine(q.findings); o != Undetermined {
		return q.decision(o, leaf)
	}
	return nil
}

func (q *inquiry) decide() *ruling {
	o, leaf := q.plan.root.combine(q.findings)
	return q.decision(o, leaf)
}

func (q *inquiry) decision(o Outcome, leaf int) *ruling {
	f := &q.findings[leaf]
	switch {
	case f.fact != nil && !q.why.records():
		return f.fact.decide(q.plan, leaf, &f.verdict, f.source)
	case f.fact != nil:
		r := f.fact.decision(q.plan, leaf, &f.verdict, standing{}, f.source)
		if o == Granted && !q.plan.anyLeaf {
			return q.owing(r)
		}
		return r
	case f.err != nil:
		return q.plan.failure(o, f.reason, f.source, leaf, f.err)
	case !f.heard:
		return q.plan.refusal(o, ReasonNotFound, "", leaf)
	default:
		return q.plan.refusal(o, f.reason, f.source, leaf)
	}
}
