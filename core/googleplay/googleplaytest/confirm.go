package googleplaytest

import (
	"encoding/json"
	"errors"
)

// The ways in which acknowledging and consuming fail.
var (
	errBadState = errors.New("the purchase is in another state")
	errNotOwned = errors.New("the purchase was taken back")
)

// acknowledge confirms p. Confirming twice is refused, as is confirming what was consumed.
func (p *purchase) acknowledge() error {
	switch {
	case p.phase == canceled, p.phase == ended:
		return errNotOwned
	case p.phase == pending, p.phase == givenUp, p.acknowledged:
		return errBadState
	}
	p.acknowledged = true
	return nil
}

// consume uses p up; that counts as an acknowledgement.
func (p *purchase) consume() error {
	switch {
	case p.phase == canceled:
		return errNotOwned
	case p.subscription() || p.phase != running || p.consumed:
		return errBadState
	}
	p.consumed, p.acknowledged = true, true
	return nil
}

func confirm(kind Kind, do func(*purchase) error) func(*Store, *call) *answer {
	return func(s *Store, c *call) *answer {
		var body struct {
			DeveloperPayload string `json:"developerPayload"`
		}
		if len(c.body) > 0 {
			_ = json.Unmarshal(c.body, &body) // inspected before
		}
		now := s.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		p, refusal := s.find(c, kind, now)
		if refusal != nil {
			return refusal
		}
		switch err := do(p); {
		case errors.Is(err, errNotOwned):
			return notOwned()
		case err != nil:
			return badState()
		}
		if body.DeveloperPayload != "" {
			p.payload = body.DeveloperPayload
		}
		return s.done(c)
	}
}
