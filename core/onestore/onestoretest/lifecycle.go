package onestoretest

import (
	"errors"
	"time"
)

// acknowledgeWithin is when ONE store cancels what nobody acknowledged. The document says "3 days";
// that this is 72 hours from the purchase on is assumed.
const acknowledgeWithin = 3 * day

// settle lets everything happen to p that fell due until now, in its order.
func (s *Store) settle(p *purchase, now time.Time) {
	for {
		due, happen := s.next(p)
		if happen == nil || due.After(now) {
			return
		}
		happen(due)
	}
}

// next is what happens to p by itself, and when; nil if nothing ever does.
func (s *Store) next(p *purchase) (due time.Time, happen func(at time.Time)) {
	if p.renews() {
		due, happen = s.nextPayment(p)
	}
	if p.acknowledged || p.consumed || p.canceled || p.revoked || s.cfg.KeepUnacknowledged {
		return due, happen
	}
	if deadline := p.bought.Add(acknowledgeWithin); happen == nil || deadline.Before(due) {
		return deadline, func(at time.Time) { s.takeBack(p, at) }
	}
	return due, happen
}

func (s *Store) nextPayment(p *purchase) (time.Time, func(time.Time)) {
	switch p.phase {
	case running:
		switch {
		case !p.autoRenewing:
			return after(p.expiry), func(time.Time) { p.end(p.expiry, byOther) }
		case !p.pauseStart.IsZero():
			return after(p.pauseStart), func(time.Time) { p.phase = paused }
		case p.failing && s.hasGrace(p):
			return p.expiry, func(at time.Time) { s.paymentFails(p, at) }
		case p.failing:
			return after(p.expiry), func(at time.Time) { s.paymentFails(p, at) }
		default:
			return p.expiry, func(at time.Time) { s.payAgain(p, at) }
		}
	case grace:
		return after(p.expiry), func(at time.Time) { s.putOnHold(p, at) }
	case onHold:
		return p.holdEnds, func(at time.Time) { p.end(at, byOther) }
	case paused:
		return p.pauseEnd, func(at time.Time) { s.renew(p, at) }
	default:
		return time.Time{}, nil
	}
}

// after is when something that lasts to the end of t's millisecond is over.
func after(t time.Time) time.Time { return t.Add(time.Millisecond) }

// hasGrace: nothing of the kind is documented for monthly products.
func (s *Store) hasGrace(p *purchase) bool {
	return p.product.Kind == KindSubscription && s.cfg.GracePeriod > 0
}

// payAgain is the automatic payment at the end of a period.
func (s *Store) payAgain(p *purchase, at time.Time) {
	if c := p.change; c != nil && !at.Before(c.applies) {
		switch {
		case c.agreed:
			p.price, p.change = c.price, nil
		case !at.Before(c.agreeBy): // the customer never agreed
			p.end(p.expiry, byOther)
			return
		}
	}
	s.renew(p, at)
}

// renew pays for one more period from the instant at on, whatever was wrong before.
func (s *Store) renew(p *purchase, at time.Time) {
	p.phase, p.free, p.failing = running, false, false
	p.pauseStart, p.pauseEnd = time.Time{}, time.Time{}
	p.expiry = at.Add(p.period)
	s.pay(p, at)
}

// paymentFails leads a subscription into grace and hold; a monthly product ends.
func (s *Store) paymentFails(p *purchase, at time.Time) {
	switch {
	case p.product.Kind == KindRecurring:
		p.end(p.expiry, byOther)
	case s.hasGrace(p):
		p.phase, p.free, p.expiry = grace, false, at.Add(s.cfg.GracePeriod)
	default:
		s.putOnHold(p, at)
	}
}

func (s *Store) putOnHold(p *purchase, at time.Time) {
	p.cut(at)
	if s.cfg.HoldPeriod <= 0 {
		p.end(at, byOther)
		return
	}
	p.phase, p.free, p.holdEnds = onHold, false, at.Add(s.cfg.HoldPeriod)
}

// Expire ends a monthly product or subscription at once, as if its last period were over.
func (s *Store) Expire(token string) {
	s.change("Expire", token, func(p *purchase, now time.Time) error {
		if !p.renews() {
			return errNotRenewing
		}
		p.cut(now)
		p.end(p.expiry, byOther)
		return nil
	})
}

// Acknowledge confirms the purchase, as the app does through its SDK. See acknowledgePurchase.
func (s *Store) Acknowledge(token string) {
	s.change("Acknowledge", token, func(p *purchase, _ time.Time) error { return p.acknowledge() })
}

// Consume uses a managed product up, as the app does through its SDK. See consumePurchase.
func (s *Store) Consume(token string) {
	s.change("Consume", token, func(p *purchase, _ time.Time) error { return p.consume() })
}

var errNotRenewing = errors.New("a managed product does not renew and has no expiry")
