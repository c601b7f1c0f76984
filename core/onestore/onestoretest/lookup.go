package onestoretest

import "net/http"

// find gives the purchase that c names, brought up to date: of this market, of the named product,
// and of kind unless that is empty. The caller holds the lock.
func (s *Store) find(c *call, kind Kind) *purchase {
	p := s.purchases[c.token]
	if p == nil || c.market() != s.cfg.Market || p.product.ID != c.productID || kind != "" && p.product.Kind != kind {
		return nil
	}
	return p
}

// lookup answers the look-up of one kind of product. Whatever does not fit together is NoSuchData.
func lookup(kind Kind) func(*Store, *call) *answer {
	return func(s *Store, c *call) *answer {
		now := s.Now()
		s.mu.Lock()
		p := s.find(c, kind)
		if p == nil {
			s.mu.Unlock()
			return s.noSuchData(c)
		}
		s.settle(p, now)
		facts, edit := s.facts(p), p.edit
		s.mu.Unlock()

		facts = s.spell(c.subject, c.nth, facts)
		if edit != nil {
			m := facts.asMap()
			edit(m)
			facts = facts.edited(m)
		}
		return jsonAnswer(http.StatusOK, facts)
	}
}
