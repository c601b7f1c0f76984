package googleplaytest

import (
	"errors"
	"time"
)

// CancelRenewal withdraws the next payment at the player's wish; access goes on until the expiry. A
// subscription in its grace period, on hold or paused ends at once.
func (s *Store) CancelRenewal(token string) {
	s.renewing("CancelRenewal", token, func(p *purchase, now time.Time) error {
		p.autoRenewing, p.canceledAt, p.pauseEnds = false, now, time.Time{}
		if p.phase != running {
			p.end(now)
		}
		return nil
	})
}

// Restore undoes CancelRenewal while access still goes on.
func (s *Store) Restore(token string) {
	s.change("Restore", token, func(p *purchase) error {
		if !p.subscription() || p.prepaid || p.autoRenewing || p.phase != running {
			return errors.New("only a cancelled renewal can be restored, before the subscription ends")
		}
		p.autoRenewing, p.canceledAt = true, time.Time{}
		return nil
	})
}

// Renew takes a payment now, out of turn: a running subscription is prolonged by a period, one in its
// grace period, on hold or paused runs a period from now on. It also tops a prepaid one up.
func (s *Store) Renew(token string) {
	s.changeAt("Renew", token, func(p *purchase, now time.Time) error {
		switch {
		case !p.subscription() || p.phase == pending || p.phase == givenUp || p.phase == ended:
			return errEnded
		case p.phase == running:
			now = p.expiry
		}
		s.renew(p, now)
		return nil
	})
}

// FailPayment makes the next automatic payment fail. The subscription then goes through the grace
// period and the hold and ends; Renew saves it.
func (s *Store) FailPayment(token string) {
	s.renewing("FailPayment", token, func(p *purchase, _ time.Time) error {
		if p.phase != running {
			return errNotRunning
		}
		p.failing = true
		return nil
	})
}

// Grace puts a subscription into its grace period now, or on hold if Config.GracePeriod forbids one.
func (s *Store) Grace(token string) {
	s.renewing("Grace", token, func(p *purchase, now time.Time) error {
		s.paymentFails(p, now)
		return nil
	})
}

// Hold puts a subscription on hold now, or ends it if Config.HoldPeriod forbids a hold.
func (s *Store) Hold(token string) {
	s.renewing("Hold", token, func(p *purchase, now time.Time) error {
		s.putOnHold(p, now)
		return nil
	})
}

// Pause pauses a subscription now, for d. It resumes by itself.
func (s *Store) Pause(token string, d time.Duration) {
	s.renewing("Pause", token, func(p *purchase, now time.Time) error {
		if d <= 0 {
			return errPause
		}
		p.cut(now)
		p.phase, p.pauseEnds = paused, now.Add(d)
		return nil
	})
}

// SchedulePause pauses a subscription for d from the end of the paid period on.
func (s *Store) SchedulePause(token string, d time.Duration) {
	s.renewing("SchedulePause", token, func(p *purchase, _ time.Time) error {
		if p.phase != running {
			return errNotRunning
		}
		if d <= 0 {
			return errPause
		}
		p.pauseEnds = p.expiry.Add(d)
		return nil
	})
}

// Resume ends a pause now, or withdraws a scheduled one.
func (s *Store) Resume(token string) {
	s.renewing("Resume", token, func(p *purchase, now time.Time) error {
		switch {
		case p.phase == paused:
			s.renew(p, now)
		case p.pauseEnds.IsZero():
			return errors.New("the subscription is not paused")
		default:
			p.pauseEnds = time.Time{}
		}
		return nil
	})
}

// Expire ends a subscription at once, as if its last period were over. Nothing is refunded.
func (s *Store) Expire(token string) {
	s.changeAt("Expire", token, func(p *purchase, now time.Time) error {
		if !p.subscription() || p.phase == pending || p.phase == givenUp || p.phase == ended {
			return errEnded
		}
		p.end(now)
		return nil
	})
}

// ChangePlan replaces a subscription by one of another product, at once: the old one is over, the
// new one names it in linkedPurchaseToken and needs an acknowledgement of its own. The new one has
// no label unless an option gives it one.
func (s *Store) ChangePlan(token string, to Product, options ...Option) string {
	var next string
	s.changeAt("ChangePlan", token, func(p *purchase, now time.Time) error {
		if !p.subscription() || to.Kind != KindSubscription || p.phase == ended {
			return errEnded
		}
		n, err := s.buy(now, to, options)
		if err != nil {
			return err
		}
		n.linked, next = p.token, n.token
		p.end(now)
		return nil
	})
	return next
}

// renewing is changeAt for what only a subscription that still renews can undergo.
func (s *Store) renewing(verb, token string, fn func(p *purchase, now time.Time) error) {
	s.changeAt(verb, token, func(p *purchase, now time.Time) error {
		switch {
		case !p.subscription() || p.phase == pending || p.phase == givenUp || p.phase == ended:
			return errEnded
		case !p.autoRenewing:
			return errors.New("the subscription does not renew")
		}
		return fn(p, now)
	})
}

var (
	errEnded      = errors.New("that is no subscription, or it has ended or not begun")
	errNotRunning = errors.New("the subscription is not running")
	errPause      = errors.New("a pause has a positive length")
)
