package onestoretest

import (
	"errors"
	"slices"
	"time"
)

// Payment is one payment of a purchase. A managed product has one, a product that renews one for
// each period: one purchase token, many purchase ids.
type Payment struct {
	ID       string // the purchaseId
	At       time.Time
	VoidedAt time.Time // when it was taken back; zero if it was not
}

// void is a payment that was taken back, as the list of voided purchases knows it.
type void struct {
	token string
	Payment
}

func (p *purchase) lastID() string { return p.payments[len(p.payments)-1].ID }

// keptPayments is how many payments of a purchase are remembered at least, besides the first.
const keptPayments = 1 << 10

// pay adds a payment.
func (s *Store) pay(p *purchase, at time.Time) {
	if len(p.payments) > 2*keptPayments {
		p.payments = slices.Delete(p.payments, 1, len(p.payments)-keptPayments)
	}
	p.payments = append(p.payments, Payment{ID: s.newID(at, p.test), At: at})
}

// void takes a payment back; taking it back again changes nothing.
func (s *Store) void(p *purchase, payment *Payment, at time.Time) {
	if !payment.VoidedAt.IsZero() {
		return
	}
	payment.VoidedAt = at
	s.voids = append(s.voids, void{p.token, *payment})
}

// takeBack undoes the last payment. A managed or monthly product reports it as such; a subscription
// has no such field, its access ends instead.
func (s *Store) takeBack(p *purchase, at time.Time) {
	p.canceled = true
	switch p.product.Kind {
	case KindInApp:
		s.void(p, &p.payments[0], at)
	case KindRecurring:
		s.void(p, &p.payments[len(p.payments)-1], at)
		p.end(at, byOther)
	case KindSubscription:
		s.revoke(p, at)
	}
}

func (s *Store) revoke(p *purchase, at time.Time) {
	s.void(p, &p.payments[len(p.payments)-1], at)
	p.canceledAt, p.cancelReason = p.cut(at), byOther
	p.end(p.canceledAt, byOther)
	p.revoked = true
}

// Payments are the payments of a purchase until now, the oldest first; of very many the first one and
// the last ones.
func (s *Store) Payments(token string) []Payment {
	var out []Payment
	s.change("Payments", token, func(p *purchase, _ time.Time) error {
		out = slices.Clone(p.payments)
		return nil
	})
	return out
}

// Refund takes the last payment back: purchaseState or lastPurchaseState becomes 1; a subscription
// loses its access at once. The payment shows in the list of voided purchases.
func (s *Store) Refund(token string) {
	s.change("Refund", token, func(p *purchase, now time.Time) error {
		if p.canceled {
			return errors.New("the purchase was refunded before")
		}
		s.takeBack(p, now)
		return nil
	})
}

// RefundPayment takes one payment back, by its purchaseId. If it is the last one that is a Refund;
// an earlier one shows in the list of voided purchases, and the purchase goes on.
func (s *Store) RefundPayment(token, purchaseID string) {
	s.change("RefundPayment", token, func(p *purchase, now time.Time) error {
		i := slices.IndexFunc(p.payments, func(paid Payment) bool { return paid.ID == purchaseID })
		switch {
		case i < 0:
			return errors.New("the purchase has no such payment")
		case !p.payments[i].VoidedAt.IsZero():
			return errors.New("the payment was taken back before")
		case i == len(p.payments)-1:
			s.takeBack(p, now)
		default:
			s.void(p, &p.payments[i], now)
		}
		return nil
	})
}

// Revoke takes the access to a subscription away at once. Its last payment shows in the list of
// voided purchases.
func (s *Store) Revoke(token string) {
	s.change("Revoke", token, func(p *purchase, now time.Time) error {
		if p.product.Kind != KindSubscription {
			return errNoSubscription
		}
		s.revoke(p, now)
		return nil
	})
}
