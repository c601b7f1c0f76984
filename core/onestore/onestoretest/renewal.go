package onestoretest

import (
	"encoding/json"
	"errors"
	"time"
)

var (
	errCanceledBefore = errors.New("the renewal was cancelled before")
	errNotCanceled    = errors.New("the renewal was not cancelled")
	errDeferral       = errors.New("only a running subscription can be deferred, and by a positive time")
)

func cancel(_ *Store, p *purchase, _ *call, now time.Time) error { return p.cancelRenewal(now) }

func (p *purchase) cancelRenewal(now time.Time) error {
	switch {
	case !p.renews():
		return errNotRenewing
	case p.phase == ended:
		return errEnded
	case !p.autoRenewing:
		return errCanceledBefore
	}
	p.autoRenewing, p.canceledAt, p.cancelReason = false, now, byCustomer
	p.pauseStart, p.pauseEnd = time.Time{}, time.Time{}
	if p.phase != running {
		p.cut(now)
		p.end(now, byCustomer)
	}
	return nil
}

func reactivate(_ *Store, p *purchase, _ *call, _ time.Time) error { return p.reactivate() }

func (p *purchase) reactivate() error {
	switch {
	case !p.renews():
		return errNotRenewing
	case p.phase == ended:
		return errEnded
	case p.autoRenewing:
		return errNotCanceled
	}
	p.autoRenewing, p.canceledAt, p.cancelReason = true, time.Time{}, 0
	return nil
}

// deferBody defers by what the body says: days, in the sandbox minutes.
func deferBody(s *Store, p *purchase, c *call, _ time.Time) error {
	return p.postpone(time.Duration(c.deferPeriod) * s.deferUnit())
}

func (p *purchase) postpone(d time.Duration) error {
	if err := p.goesOn(); err != nil {
		return err
	}
	if p.phase != running || d <= 0 {
		return errDeferral
	}
	p.expiry = p.expiry.Add(d)
	if !p.pauseStart.IsZero() {
		p.pauseStart, p.pauseEnd = p.pauseStart.Add(d), p.pauseEnd.Add(d)
	}
	return nil
}

// renewal answers the endpoints that change what becomes of a purchase. Which code refuses a change
// that the purchase does not allow is not documented.
func renewal(kind Kind, do func(*Store, *purchase, *call, time.Time) error) func(*Store, *call) *answer {
	return func(s *Store, c *call) *answer {
		now := s.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		p := s.find(c, kind)
		if p == nil {
			return s.noSuchData(c)
		}
		s.settle(p, now)
		switch err := do(s, p, c, now); {
		case err == nil:
			return s.success(c)
		case errors.Is(err, errCanceledBefore) || errors.Is(err, errNotCanceled):
			return s.repeated(c)
		default:
			return standardError(errPurchaseState.Error())
		}
	}
}

// repeated answers a change that was made before.
func (s *Store) repeated(c *call) *answer {
	if s.choose(c.subject, c.nth, RepeatSucceeds, RepeatConflicts) == RepeatConflicts {
		return standardError(errPurchaseState.Error())
	}
	return s.success(c)
}

func (s *Store) deferUnit() time.Duration {
	if s.cfg.Environment == Sandbox {
		return time.Minute
	}
	return day
}

// inspectDeferral: at most a year. In the sandbox, whose most is not documented, that is many minutes.
func inspectDeferral(s *Store, c *call) verdict {
	body, refused := jsonObject(c)
	if refused.refusal != nil {
		return refused
	}
	var n *int64
	switch err := json.Unmarshal(body["deferPeriod"], &n); {
	case body["deferPeriod"] == nil, err == nil && n == nil:
		return verdict{standardError("RequiredValueNotExist", "deferPeriod"), "the body lacks deferPeriod"}
	case err != nil || *n < 1 || *n > int64(365*day/s.deferUnit()):
		return verdict{standardError("InvalidRequest", "deferPeriod"), "the deferPeriod is no whole number, or out of range"}
	}
	c.deferPeriod = *n
	return verdict{}
}

// CancelRenewal withdraws the next payment of a monthly product or subscription at the customer's
// wish; access goes on until the expiry. A subscription in its grace period, on hold or paused ends
// at once.
//
// Spec: 003_cae853c17ba7f40e.txt, "cancelSubscription".
func (s *Store) CancelRenewal(token string) {
	s.change("CancelRenewal", token, (*purchase).cancelRenewal)
}

// Reactivate undoes CancelRenewal while access still goes on.
func (s *Store) Reactivate(token string) {
	s.change("Reactivate", token, func(p *purchase, _ time.Time) error { return p.reactivate() })
}

// Defer moves the next payment of a subscription, and with it the expiry, by d.
func (s *Store) Defer(token string, d time.Duration) {
	s.change("Defer", token, func(p *purchase, _ time.Time) error { return p.postpone(d) })
}
