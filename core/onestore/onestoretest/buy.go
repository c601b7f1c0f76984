package onestoretest

import (
	"errors"
	"time"
)

// Option says something about a purchase that Buy or ChangePlan makes.
type Option func(*purchase)

// Label is the developerPayload of the purchase, at most 200 characters. Default none.
func Label(developerPayload string) Option {
	return func(p *purchase) { p.label = developerPayload }
}

// Quantity is how many of a managed product are bought at once. Default 1.
func Quantity(n int) Option { return func(p *purchase) { p.quantity = int64(n) } }

// Period is how long one paid period lasts, exactly. Default 30 days, in the sandbox 5 minutes.
func Period(d time.Duration) Option { return func(p *purchase) { p.period = d } }

// FreePeriod makes the first period of a subscription a free one of length d.
func FreePeriod(d time.Duration) Option {
	return func(p *purchase) { p.free, p.expiry = true, p.bought.Add(d) }
}

// Price is the price in whole units of the currency. Default 4900.
func Price(units int64) Option { return func(p *purchase) { p.price = units } }

// Promotion reports a promotion price, in whole units, for that many payments of a subscription.
func Promotion(units, rounds int64) Option {
	return func(p *purchase) { p.promotion = &promotion{units, rounds} }
}

// Acknowledged buys as if the app had acknowledged the purchase at once.
func Acknowledged() Option { return func(p *purchase) { p.acknowledged = true } }

// Test marks a purchase of a tester: in the commercial environment too, its token and its purchase
// id begin with "SANDBOX".
func Test() Option { return func(p *purchase) { p.test = true } }

// Buy makes a purchase of product on the store's clock and returns its purchase token. It is paid
// and, until something changes it, renews when its time comes.
func (s *Store) Buy(product Product, options ...Option) string {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.buy(now, product, options)
	if err != nil {
		panic(misuse("Buy", err))
	}
	return p.token
}

func (s *Store) buy(now time.Time, product Product, options []Option) (*purchase, error) {
	p := &purchase{
		product:  product,
		test:     s.cfg.Environment == Sandbox,
		bought:   now,
		quantity: 1,
		price:    4900,
	}
	if p.renews() {
		p.autoRenewing = true
		if p.period = 30 * day; s.cfg.Environment == Sandbox {
			p.period = 5 * time.Minute
		}
	}
	for _, o := range options {
		o(p)
	}
	switch {
	case product.ID == "" || len(product.ID) > maxProductID:
		return nil, errors.New("a product id has 1 to 150 bytes")
	case product.Kind != KindInApp && product.Kind != KindRecurring && product.Kind != KindSubscription:
		return nil, errors.New("that is no kind of product")
	case p.quantity < 1:
		return nil, errors.New("a quantity is positive")
	case p.renews() && p.period <= 0:
		return nil, errors.New("a period is positive")
	case !p.renews() && p.period != 0:
		return nil, errors.New("a managed product has no period")
	case p.free && product.Kind != KindSubscription:
		return nil, errors.New("only a subscription has a free period")
	case p.free && !p.expiry.After(now):
		return nil, errors.New("a free period is positive")
	case len([]rune(p.label)) > maxLabel:
		return nil, errors.New("a developerPayload has at most 200 characters")
	}
	if p.renews() && !p.free {
		p.expiry = now.Add(p.period)
	}
	s.pay(p, now)
	p.token = s.newToken(now, p.test)
	p.ordinal = s.serial
	s.purchases[p.token] = p
	s.bought = append(s.bought, p)
	return p, nil
}
