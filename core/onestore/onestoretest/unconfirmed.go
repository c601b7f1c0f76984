package onestoretest

import (
	"fmt"
	"strconv"
)

const unconfirmedList = "unconfirmedPurchaseList"

// listUnconfirmed answers getUnconfirmedPurchases: what was neither acknowledged nor consumed, by
// when it was bought. Of a product that renews only the first payment needs it. What the endpoint
// answers to a market that it does not serve is not documented: here, what an absent one answers.
func (s *Store) listUnconfirmed(c *call) *answer {
	if c.market() != MarketKorea && !s.speaks(UnconfirmedEverywhere) {
		return standardError("ResourceNotFound")
	}
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll(now)
	var rows []row
	for _, p := range s.bought {
		switch {
		case p.acknowledged || p.consumed || c.market() != s.cfg.Market:
		case p.takenBack() && s.choose(p.token, 0, CanceledLeftOut, CanceledListed) == CanceledLeftOut:
		default:
			rows = append(rows, row{p.bought, uint32(p.ordinal), s.unconfirmedFacts(c, p, s.cfg.Market)})
		}
	}
	return s.list(c, unconfirmedList, now, rows)
}

// takenBack: the first payment does not count any more.
func (p *purchase) takenBack() bool { return p.canceled || p.revoked }

// Spec: 003_cae853c17ba7f40e.txt, "getUnconfirmedPurchases".
func (s *Store) unconfirmedFacts(c *call, p *purchase, market string) object {
	return object{
		{"type", string(p.product.Kind)},
		{"orderId", fmt.Sprintf("012%020d", p.ordinal)},
		{"productId", p.product.ID},
		{"purchaseToken", p.token},
		{"purchaseId", p.payments[0].ID},
		{"purchaseTime", p.payments[0].At.UnixMilli()},
		{"purchaseState", s.state(c, p)},
		{"developerPayload", s.payload(p)},
		{"quantity", p.quantity},
		{"marketCode", market},
	}
}

func (s *Store) state(c *call, p *purchase) any {
	state := flag(p.takenBack())
	switch s.choose(c.subject, c.nth, StateNumber, StateText, StateWord) {
	case StateText:
		return strconv.FormatInt(state, 10)
	case StateWord:
		return []string{"COMPLETED", "CANCELED"}[state]
	default:
		return state
	}
}
