package onestoretest

import "errors"

// The ways in which acknowledging and consuming fail; their texts are the standard codes.
var (
	errPurchaseState = errors.New("InvalidPurchaseState")
	errConsumeState  = errors.New("InvalidConsumeState")
)

// acknowledge confirms p.
func (p *purchase) acknowledge() error {
	if p.canceled || p.revoked {
		return errPurchaseState
	}
	p.acknowledged = true
	return nil
}

// consume uses p up; that counts as an acknowledgement.
func (p *purchase) consume() error {
	switch {
	case p.renews() || p.canceled:
		return errPurchaseState
	case p.consumed:
		return errConsumeState
	}
	p.consumed, p.acknowledged = true, true
	return nil
}

// acknowledge answers acknowledgePurchase. The document speaks of managed and monthly products;
// subscriptions have no other endpoint, so they are taken too.
func (s *Store) acknowledge(c *call) *answer { return s.confirm(c, "", (*purchase).acknowledge) }

// consume answers consumePurchase.
func (s *Store) consume(c *call) *answer { return s.confirm(c, KindInApp, (*purchase).consume) }

func (s *Store) confirm(c *call, kind Kind, do func(*purchase) error) *answer {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(c, kind)
	if p == nil {
		return standardError(errPurchaseState.Error())
	}
	s.settle(p, now)
	if c.payload != nil && *c.payload != p.label {
		return standardError("DeveloperPayloadNotMatch")
	}
	repeated := kind == "" && p.acknowledged
	if err := do(p); err != nil {
		return standardError(err.Error())
	}
	if repeated {
		return s.repeated(c)
	}
	return s.success(c)
}
