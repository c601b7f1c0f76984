package core

import "github.com/skugate/skugate/cache"

// unowned answers the usual request that is no hit: one token, of which memory knows that it is no purchase of
// any product asked for. Like hit it allocates nothing and keeps nothing. nil means that inquire has to judge.
func (g *Gate) unowned(p *plan, c *Credentials) *ruling {
	if len(p.backends) != 1 || len(c.Tokens) > 0 || !g.state.loaded.Load() {
		return nil
	}
	b, now := p.backends[0], cache.Now()
	mark := b.facts.Mark(c.Token)
	for i := range p.leaves {
		leaf := &p.leaves[i]
		if no := b.absent(absence{c.Token, leaf.Kind, leaf.ID}, now, mark); no == nil || no.reason() != ReasonNotFound {
			return nil
		}
	}
	if _, state := b.facts.Get(c.Token, now); state != cache.Miss { // of another product
		return nil
	}
	return p.refusal(Denied, ReasonNotFound, SourceMemory, 0)
}
