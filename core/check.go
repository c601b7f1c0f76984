package core

import (
	"context"
	"log/slog"
	"time"

	"github.com/skugate/skugate/cache"
)

// manner is what a check is for.
type manner uint8

const (
	toGate    manner = iota // wait in full, Config.Timeout
	toAttach                // wait for attachWait: a route that only attaches what is known
	toConsume               // wait in full; the caller consumes, so that no acknowledgement will be owed
	toHandIn                // wait in full, and record the account in the server's name
	toForesee               // tell what a check would answer, as far as that can be told without asking a store
	toProbe                 // toForesee, and the stores are asked
)

// records tells whether the check leaves anything behind: facts, owners, budgets, what it owes.
func (m manner) records() bool { return m < toForesee }

// delivers tells whether what the check grants is delivered by whoever asked, and its acknowledgement owed.
func (m manner) delivers() bool { return m == toGate || m == toHandIn }

// hits tells whether a hit may answer, which takes binding as it was found before and may record.
func (m manner) hits() bool { return m < toHandIn }

// attachWait is how long a route that never refuses holds a request up for a cold token.
const attachWait = 50 * time.Millisecond

// check decides and counts. credErr is why the credentials could not be had, if they could not.
func (g *Gate) check(ctx context.Context, p *plan, c *Credentials, credErr error, why manner) *ruling {
	r := g.decide(ctx, p, c, credErr, why)
	if m := p.mode.Load(); m != nil {
		d := r.decision()
		g.countMode(p, &d, *m)
	} else {
		g.tally.count(r.end.kind)
	}
	return r
}

func (g *Gate) decide(ctx context.Context, p *plan, c *Credentials, credErr error, why manner) (r *ruling) {
	defer func() {
		if v := recover(); v != nil { // a rule, a hook, a store, the owners' registry
			r = p.undetermined(ReasonPanicked, 0, &StoreError{Reason: ReasonPanicked, Err: g.recovered("a hook, rule or store", v)})
		}
	}()
	switch {
	case g.closed.Load():
		return p.refusal(Undetermined, ReasonClosed, "", 0)
	case p.fault != nil:
		return p.undetermined(ReasonMisconfigured, 0, &StoreError{Fault: FaultMisconfigured, Err: p.fault})
	case credErr == nil && g.config.Override == nil && !c.Owned && why.hits() && g.hasAccount(c):
		if p.anyLeaf {
			if r := g.hit(p, c); r != nil {
				if o := r.owed(); o != nil && why.delivers() {
					g.intendHit(ctx, o)
				}
				return r
			}
		}
		if r := g.unowned(p, c); r != nil {
			return r
		}
	}
	return g.inquire(ctx, p, c, credErr, why)
}

// hasAccount tells whether there is an account where binding needs one.
func (g *Gate) hasAccount(c *Credentials) bool {
	return c.Account != "" || g.config.Binding == InsecureBindingOff
}

// hit answers the usual request: one token, a fresh granting fact in memory, bound to the account before. It
// reads one clock, allocates nothing and takes no lock. nil means that inquire has to judge.
func (g *Gate) hit(p *plan, c *Credentials) *ruling {
	switch {
	case len(c.Tokens) == 0:
		return g.hitToken(p, c.Account, &Token{Value: c.Token}, cache.Now())
	case len(c.Tokens) == 1 && c.Token == "":
		return g.hitToken(p, c.Account, &c.Tokens[0], cache.Now())
	default: // each has to be well-formed, and the order of the products decides ties
		return nil
	}
}

func (g *Gate) hitToken(p *plan, account string, t *Token, now cache.Instant) *ruling {
	for _, b := range p.backends {
		if t.Store != "" && t.Store != b.id {
			continue
		}
		e, state := b.facts.Get(t.Value, now)
		if state != cache.Fresh && state != cache.Due {
			continue
		}
		f, age := e.Value, now.Since(e.Value.began)
		bound := t.Known || b.boundTo(f, account)
		usual := state == cache.Fresh && b.rule == nil && !b.voids.concern(f.purchase)
		if usual && bound && t.Product == "" {
			if r := f.granted(p, age); r != nil {
				return r
			}
		}
		leaf := p.find(f.product)
		if leaf < 0 || t.Product != "" && t.Product != f.product.ID {
			continue
		}
		if !bound && g.config.Binding != InsecureBindingOff {
			continue
		}
		product := &p.leaves[leaf]
		var v Verdict
		b.judge(&v, f, product, now, false)
		if v.Outcome != Granted {
			continue
		}
		if state == cache.Due && !f.spend(b.lives.StaleGrants) {
			continue
		}
		if !bound {
			b.audit(f, account, g.config.Labels)
		}
		var stands standing
		if usual {
			stands = f.stands(product, age)
		}
		return f.decision(p, leaf, &v, stands, b.serve(product, f, state))
	}
	return nil
}

// serve names the source of a fact from memory and starts the refresh behind one that is due.
func (b *backend) serve(p *Product, f *fact, state cache.State) Source {
	if state != cache.Due {
		return SourceMemory
	}
	b.refresh(p, f.purchase.Token)
	return SourceStale
}

// warn logs what keeps a store from answering, once a minute for each reason.
func (b *backend) warn(se *StoreError) {
	if se.Fault == FaultUnavailable {
		b.alarm(slog.LevelWarn, "the store cannot answer", se.reason(), se)
	}
}
