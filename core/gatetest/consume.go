package gatetest

import (
	"context"
	"strings"

	"github.com/skugate/skugate/core"
)

var _ core.Consumer = (*Store)(nil)

// Consume implements core.Consumer as ONE store does: the first call for a paid purchase consumes it, and
// every later one is told so. It asks the script as a look-up does, without being listed among Asked, and
// from then on look-ups show the purchase consumed, until the test says something else of it.
func (s *Store) Consume(ctx context.Context, p core.Product, token string) error {
	k := keyOf(p, strings.Clone(token))
	answer, err := s.answer(k)
	if err != nil {
		return err
	}
	purchase, err := answer(ctx, p, token)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case purchase.State == core.StateCanceled:
		return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonPurchaseCanceled}
	case purchase.Consumption == core.Consumed || s.spent[k]:
		return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonConsumed}
	case purchase.State != core.StatePurchased || purchase.Consumption != core.Unconsumed:
		return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonStateConflict}
	}
	s.spent[k] = true
	return nil
}

// asSpent is the purchase as it stands after Consume.
func (s *Store) asSpent(k key, p *core.Purchase) *core.Purchase {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p == nil || !s.spent[k] {
		return p
	}
	spent := *p
	spent.Consumption = core.Consumed
	return &spent
}
