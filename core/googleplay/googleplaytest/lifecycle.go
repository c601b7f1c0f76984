package googleplaytest

import (
	"cmp"
	"errors"
	"time"
)

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
	if p.subscription() {
		due, happen = s.nextPayment(p)
	}
	switch p.phase {
	case pending, givenUp, ended, canceled:
		return due, happen
	}
	if p.acknowledged || p.consumed || s.cfg.KeepUnacknowledged {
		return due, happen
	}
	within := 3 * day
	if p.test() {
		within = 5 * time.Minute
	}
	if deadline := p.bought.Add(within); happen == nil || deadline.Before(due) {
		return deadline, func(at time.Time) { s.takeBack(p, at, byGoogle, unacknowledged) }
	}
	return due, happen
}

func (s *Store) nextPayment(p *purchase) (time.Time, func(time.Time)) {
	switch p.phase {
	case running:
		switch {
		case !p.autoRenewing:
			return after(p.expiry), p.end
		case !p.pauseEnds.IsZero():
			return after(p.expiry), func(time.Time) { p.phase = paused }
		case p.failing:
			return p.expiry, func(at time.Time) { s.paymentFails(p, at) }
		default:
			return p.expiry, func(at time.Time) { s.renew(p, at) }
		}
	case grace:
		return after(p.expiry), func(at time.Time) { s.putOnHold(p, at) }
	case onHold:
		return p.holdEnds, p.end
	case paused:
		return p.pauseEnds, func(at time.Time) { s.renew(p, at) }
	default:
		return time.Time{}, nil
	}
}

// after is when something that lasts to the end of t's millisecond is over.
func after(t time.Time) time.Time { return t.Add(time.Millisecond) }

// renew pays for one more period from the instant at on, whatever was wrong before.
func (s *Store) renew(p *purchase, at time.Time) {
	s.pay(p)
	p.phase, p.failing, p.pauseEnds, p.expiry = running, false, time.Time{}, at.Add(p.period)
}

func (s *Store) paymentFails(p *purchase, at time.Time) {
	d := 7 * day
	if p.test() {
		d = 5 * time.Minute
	}
	if d = cmp.Or(s.cfg.GracePeriod, d); d < 0 {
		s.putOnHold(p, at)
		return
	}
	p.phase, p.expiry = grace, at.Add(d)
}

func (s *Store) putOnHold(p *purchase, at time.Time) {
	d := 30 * day
	if p.test() {
		d = 10 * time.Minute
	}
	p.cut(at)
	if d = cmp.Or(s.cfg.HoldPeriod, d); d < 0 {
		p.end(at)
		return
	}
	p.phase, p.holdEnds = onHold, at.Add(d)
}

// takeBack refunds the last payment and takes the purchase away.
func (s *Store) takeBack(p *purchase, at time.Time, source, reason int64) {
	if p.subscription() {
		p.end(at)
	} else {
		p.phase, p.refunded = canceled, p.quantity
	}
	s.record(p, at, source, reason, 0)
}

// Pay ends the waiting of a pending purchase: it is paid now.
func (s *Store) Pay(token string) {
	s.changeAt("Pay", token, func(p *purchase, now time.Time) error {
		if p.phase != pending {
			return errNotPending
		}
		s.begin(p, now)
		return nil
	})
}

// CancelPending ends the waiting of a pending purchase: its payment never comes.
func (s *Store) CancelPending(token string) {
	s.change("CancelPending", token, func(p *purchase) error {
		if p.phase != pending {
			return errNotPending
		}
		if p.phase = canceled; p.subscription() {
			p.phase = givenUp
		}
		return nil
	})
}

// Refund takes the last payment back, and the purchase away: purchaseState becomes 1, a subscription
// ends at once. It is listed as voided.
func (s *Store) Refund(token string) {
	s.changeAt("Refund", token, func(p *purchase, now time.Time) error {
		if err := p.refundable(); err != nil {
			return err
		}
		s.takeBack(p, now, byDeveloper, other)
		return nil
	})
}

// RefundAndKeep refunds a one-time product and leaves it to the player: only refundableQuantity tells,
// and it is never listed.
func (s *Store) RefundAndKeep(token string) {
	s.change("RefundAndKeep", token, func(p *purchase) error {
		if p.subscription() {
			return errNoProduct
		}
		if err := p.refundable(); err != nil {
			return err
		}
		p.refunded = p.quantity
		return nil
	})
}

// RefundQuantity refunds n of several. It is listed with a voidedQuantity; what refunds the rest is
// listed without one, and takes the purchase away.
func (s *Store) RefundQuantity(token string, n int) {
	s.changeAt("RefundQuantity", token, func(p *purchase, now time.Time) error {
		left := p.quantity - p.refunded
		switch {
		case p.subscription():
			return errNoProduct
		case p.phase == canceled || n < 1 || int64(n) > left:
			return errors.New("so many are not left to be refunded")
		case int64(n) == left:
			s.takeBack(p, now, byDeveloper, other)
		default:
			p.refunded += int64(n)
			s.record(p, now, byDeveloper, other, int64(n))
		}
		return nil
	})
}

func (p *purchase) refundable() error {
	switch p.phase {
	case pending, givenUp, canceled:
		return errors.New("there is no payment to take back")
	}
	if p.refunded == p.quantity {
		return errors.New("the purchase was refunded before")
	}
	return nil
}

// Acknowledge confirms the purchase, as the app does through its SDK.
func (s *Store) Acknowledge(token string) {
	s.change("Acknowledge", token, (*purchase).acknowledge)
}

// Consume uses a one-time product up, as the app does through its SDK.
func (s *Store) Consume(token string) { s.change("Consume", token, (*purchase).consume) }

var (
	errNotPending = errors.New("the purchase is not pending")
	errNoProduct  = errors.New("that is not a one-time product")
)
