package googleplaytest

import (
	"net/http"
	"time"
)

// keptFor is how long a subscription's token is answered after its end.
const keptFor = 60 * day

// find gives the purchase that c names, brought up to date, or the refusal if it is none of kind. The
// caller holds the lock.
func (s *Store) find(c *call, kind Kind, now time.Time) (*purchase, *answer) {
	p := s.purchases[c.token]
	switch {
	case p == nil:
		return nil, s.invalidToken(c)
	case p.product.Kind != kind, c.productID != "" && c.productID != p.product.ID:
		return nil, s.mismatch(c)
	}
	s.settle(p, now)
	if p.phase == ended && now.Sub(p.expiry) > keptFor {
		return nil, gone()
	}
	return p, nil
}

// lookup answers the look-up of one kind of product.
func lookup(kind Kind) func(*Store, *call) *answer {
	return func(s *Store, c *call) *answer {
		now := s.Now()
		s.mu.Lock()
		p, refusal := s.find(c, kind, now)
		if refusal != nil {
			s.mu.Unlock()
			return refusal
		}
		facts, edit := p.facts(), p.edit
		s.mu.Unlock()

		if w := s.whim(c.token, c.nth); w != nil {
			facts = w.loosen(w.omit(facts))
		} else {
			facts = facts.without()
		}
		if edit != nil {
			m := facts.asMap()
			edit(m)
			facts = facts.edited(m)
		}
		return jsonAnswer(http.StatusOK, facts)
	}
}
