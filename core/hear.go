package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skugate/skugate/cache"
)

// Hear puts in force what another instance told (Peers), and tells nobody. No check that begins after it
// returned is answered from before, error or not: an error says what could not be kept here as well, for
// a restart, in Config.Voids and Config.Facts. News of stores that the gate does not have is nothing to it.
// It keeps the strings of n.
func (g *Gate) Hear(ctx context.Context, n News) error {
	if !g.usable() {
		return errNotMade
	}
	g.heard.Add(1)
	for _, t := range n.Unshared { // before the marks, as in backend.invalidate
		if b := g.concerned(t); b != nil && b.tier != nil {
			b.tier.unsaid.add(b.sharedToken(t.Token), b.keepMarks)
		}
	}
	for _, t := range n.Forgotten {
		if b := g.concerned(t); b != nil {
			b.facts.Invalidate(t.Token, b.keepMarks)
		}
	}
	for _, t := range n.Rebound {
		if b := g.concerned(t); b != nil {
			b.unbind(t.Token)
		}
	}
	unkept := g.hearVoids(n.Voids)

	// All is in force. The rest may take a while.
	var faults []error
	for _, t := range n.Forgotten {
		if b := g.concerned(t); b != nil {
			if err := g.state.snapshot.forget(ctx, b.id, t.Token); err != nil {
				faults = append(faults, fmt.Errorf("core: Hear: it is forgotten until a restart; Config.Facts: %w", err))
			}
		}
	}
	faults = append(faults, g.keepStanding(ctx, unkept, nil))
	return errors.Join(faults...)
}

// concerned is the backend that news of a token is for, nil if none is.
func (g *Gate) concerned(t TokenRef) *backend {
	if checkLength(t.Token) != nil {
		return nil
	}
	return g.backend(t.Store)
}

// hearVoids puts in force what stands against tokens, and returns what of it is not kept.
func (g *Gate) hearVoids(voids []VoidRecord) []standingVoid {
	var unkept []standingVoid
	for i := range voids {
		r := voids[i]
		b := g.concerned(TokenRef{r.Store, r.Token})
		if b == nil {
			continue
		}
		if have, ok := b.voids.record(r.Token); ok && have.covers(&r) {
			continue
		}
		stands, _ := b.voids.merge(&r, false)
		stands.told.Store(true)
		unkept = append(unkept, standingVoid{b, r.Token, stands})
	}
	return unkept
}

// unbind forgets who passed binding on what is known of token. What it knows stays, on a fact of its own: a
// check that has asked the registry before remembers its answer on the old one, where nobody sees it.
func (b *backend) unbind(token string) {
	e, state := b.facts.Get(token, cache.Now())
	if state == cache.Miss {
		return
	}
	f := e.Value
	again := &fact{product: f.product, purchase: f.purchase, began: f.began, storeBegan: f.storeBegan, owed: f.owed}
	again.spent.Store(f.spent.Load())
	b.facts.Put(token, &cache.Entry[*fact]{Value: again, Began: e.Began, Order: e.Order, Life: e.Life, Apart: e.Apart})
}

// Resync is for when news may have been missed: it reads Config.Voids again and forgets what stores said.
// No check that begins after it returned is answered from before. With an error nothing was forgotten: try
// again.
func (g *Gate) Resync(ctx context.Context) error {
	if !g.usable() {
		return errNotMade
	}
	if err := g.state.load(ctx); err != nil {
		return err
	}
	if err := g.state.readVoids(ctx); err != nil {
		return err
	}
	for _, b := range g.backends {
		b.facts.Flush()
		b.absences.Flush()
	}
	g.resyncs.Add(1)
	return nil
}

// Horizon is for how long at most the gate uses what a store said. An instance that comes back, or starts
// with what Config.Facts kept, has to hear the news since then, and needs none from before.
func (g *Gate) Horizon() time.Duration {
	var longest time.Duration
	if g.usable() {
		for _, b := range g.backends {
			longest = max(longest, b.lives.Usable, b.lives.Denied, b.lives.Absent)
		}
	}
	return longest
}
