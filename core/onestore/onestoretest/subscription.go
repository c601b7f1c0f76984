package onestoretest

import (
	"errors"
	"time"
)

// promotion and priceChange are what getSubscriptionDetail reports about prices, in whole units.
type promotion struct{ price, rounds int64 }

type priceChange struct {
	seq           int64
	price         int64 // the new one
	applies       time.Time
	agreeBy       time.Time
	agreed        bool
	previousPrice int64
}

// Renew takes a payment now, out of turn: a running purchase is prolonged by a period, one in its
// grace period, on hold or paused runs a period from now on.
func (s *Store) Renew(token string) {
	s.change("Renew", token, func(p *purchase, now time.Time) error {
		switch {
		case !p.renews():
			return errNotRenewing
		case p.phase == ended:
			return errEnded
		case p.phase == running:
			now = p.expiry
		}
		p.autoRenewing, p.canceledAt, p.cancelReason = true, time.Time{}, 0
		s.renew(p, now)
		return nil
	})
}

// FailPayment makes the next automatic payment fail. A subscription then goes through the grace
// period and the hold and ends; Renew saves it. A monthly product ends.
func (s *Store) FailPayment(token string) {
	s.change("FailPayment", token, func(p *purchase, _ time.Time) error {
		if !p.renews() || p.phase != running || !p.autoRenewing {
			return errors.New("only a running purchase with a payment ahead can fail it")
		}
		p.failing = true
		return nil
	})
}

// Grace puts a subscription into its grace period now, which Config.GracePeriod must not forbid.
func (s *Store) Grace(token string) {
	s.changeSubscription("Grace", token, func(p *purchase, now time.Time) error {
		if s.cfg.GracePeriod < 0 {
			return errors.New("the store is configured without a grace period")
		}
		s.paymentFails(p, now)
		return nil
	})
}

// Hold puts a subscription on hold now, which Config.HoldPeriod must not forbid.
func (s *Store) Hold(token string) {
	s.changeSubscription("Hold", token, func(p *purchase, now time.Time) error {
		if s.cfg.HoldPeriod < 0 {
			return errors.New("the store is configured without a hold period")
		}
		s.putOnHold(p, now)
		return nil
	})
}

// Pause pauses a subscription now, for d. It resumes by itself.
func (s *Store) Pause(token string, d time.Duration) {
	s.changeSubscription("Pause", token, func(p *purchase, now time.Time) error {
		if d <= 0 {
			return errPauseLength
		}
		p.cut(now)
		p.phase, p.pauseStart, p.pauseEnd = paused, now, now.Add(d)
		return nil
	})
}

// SchedulePause pauses a subscription for d from the end of the paid period on.
func (s *Store) SchedulePause(token string, d time.Duration) {
	s.changeSubscription("SchedulePause", token, func(p *purchase, _ time.Time) error {
		if p.phase != running {
			return errors.New("only a running subscription can be paused later")
		}
		if d <= 0 {
			return errPauseLength
		}
		p.pauseStart, p.pauseEnd = p.expiry, p.expiry.Add(d)
		return nil
	})
}

// Resume ends a pause now, or withdraws a scheduled one.
func (s *Store) Resume(token string) {
	s.changeSubscription("Resume", token, func(p *purchase, now time.Time) error {
		switch {
		case p.phase == paused:
			s.renew(p, now)
		case p.pauseStart.IsZero():
			return errors.New("the subscription is not paused")
		default:
			p.pauseStart, p.pauseEnd = time.Time{}, time.Time{}
		}
		return nil
	})
}

// ChangePlan replaces a subscription by one of another product, at once: the old one is over, the
// new one names it in linkedPurchaseToken and needs an acknowledgement of its own. The new one has
// no label unless an option gives it one.
func (s *Store) ChangePlan(token string, to Product, options ...Option) string {
	var next string
	s.changeSubscription("ChangePlan", token, func(p *purchase, now time.Time) error {
		if to.Kind != KindSubscription {
			return errNoSubscription
		}
		n, err := s.buy(now, to, options)
		if err != nil {
			return err
		}
		n.linked, next = p.token, n.token
		p.cut(now)
		p.end(p.expiry, byOther)
		return nil
	})
	return next
}

// ChangePrice announces a new price in whole units: it applies in 7 days, and without the customer's
// agreement the subscription ends with the first payment that falls due 30 days after that. In the
// sandbox both take 5 minutes.
func (s *Store) ChangePrice(token string, units int64, agreed bool) {
	s.changeSubscription("ChangePrice", token, func(p *purchase, now time.Time) error {
		notice, consent := 7*day, 30*day
		if s.cfg.Environment == Sandbox {
			notice, consent = 5*time.Minute, 5*time.Minute
		}
		c := &priceChange{seq: 1, price: units, previousPrice: p.price, agreed: agreed}
		if p.change != nil {
			c.seq = p.change.seq + 1
		}
		c.applies = now.Add(notice)
		c.agreeBy = c.applies.Add(consent)
		p.change = c
		return nil
	})
}

// changeSubscription is change for what only a subscription that still renews can undergo.
func (s *Store) changeSubscription(verb, token string, fn func(p *purchase, now time.Time) error) {
	s.change(verb, token, func(p *purchase, now time.Time) error {
		if err := p.goesOn(); err != nil {
			return err
		}
		return fn(p, now)
	})
}

// goesOn says why p is no subscription with a payment ahead.
func (p *purchase) goesOn() error {
	switch {
	case p.product.Kind != KindSubscription:
		return errNoSubscription
	case p.phase == ended:
		return errEnded
	case !p.autoRenewing:
		return errors.New("the renewal was cancelled: reactivate it first")
	default:
		return nil
	}
}

var (
	errNoSubscription = errors.New("that is not a subscription")
	errPauseLength    = errors.New("a pause has a positive length")
	errEnded          = errors.New("the purchase has ended")
)
