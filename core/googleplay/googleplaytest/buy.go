package googleplaytest

import (
	"errors"
	"time"
)

// Option says something about a purchase that Buy or ChangePlan makes.
type Option func(*purchase)

// Label is the obfuscatedExternalAccountId of the purchase, at most 64 characters. Default none.
func Label(accountID string) Option { return func(p *purchase) { p.account = accountID } }

// Profile is the obfuscatedExternalProfileId of the purchase, at most 64 characters. Default none.
func Profile(profileID string) Option { return func(p *purchase) { p.profile = profileID } }

// Quantity is how many of a one-time product are bought at once. Default 1.
func Quantity(n int) Option { return func(p *purchase) { p.quantity = int64(n) } }

// Period is how long one paid period of a subscription lasts, exactly. Default 30 days, a tester's 5 minutes.
func Period(d time.Duration) Option { return func(p *purchase) { p.period = d } }

// Prepaid buys a subscription that does not renew.
func Prepaid() Option { return func(p *purchase) { p.prepaid = true } }

// BasePlan is the base plan of a subscription. Default "monthly".
func BasePlan(id string) Option { return func(p *purchase) { p.basePlan = id } }

// AddOn adds another subscription product to the purchase, which lasts as long.
func AddOn(productID string) Option {
	return func(p *purchase) { p.addOns = append(p.addOns, productID) }
}

// Pending leaves the purchase waiting for its payment; Pay or CancelPending ends that.
func Pending() Option { return func(p *purchase) { p.phase = pending } }

// Acknowledged buys as if the app had acknowledged the purchase at once.
func Acknowledged() Option { return func(p *purchase) { p.acknowledged = true } }

// Test marks a purchase of a licence tester.
func Test() Option { return purchaseType(typeTest) }

// PromoCode marks a purchase by promotion code.
func PromoCode() Option { return purchaseType(typePromo) }

// Rewarded marks a purchase that was earned by watching a video.
func Rewarded() Option { return purchaseType(typeRewarded) }

func purchaseType(n int64) Option { return func(p *purchase) { p.kind = &n } }

// Buy makes a purchase of product on the store's clock and returns its purchase token. Unless an
// option says otherwise it is paid and, if it is a subscription, renews when its time comes.
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
	p := &purchase{product: product, bought: now, quantity: 1}
	for _, o := range options {
		o(p)
	}
	switch {
	case product.ID == "":
		return nil, errors.New("a product has an id")
	case len([]rune(p.account)) > maxAccount || len([]rune(p.profile)) > maxAccount:
		return nil, errors.New("an obfuscated id has at most 64 characters")
	case p.quantity < 1:
		return nil, errors.New("a quantity is positive")
	}
	if p.subscription() {
		if err := p.subscribe(); err != nil {
			return nil, err
		}
	} else if p.period != 0 || p.prepaid || p.basePlan != "" || p.addOns != nil {
		return nil, errors.New("a one-time product has no period, plan or add-on")
	}
	if p.phase == running {
		s.begin(p, now)
	}
	p.token = s.newToken()
	p.serial = s.serial
	s.purchases[p.token] = p
	return p, nil
}

func (p *purchase) subscribe() error {
	switch {
	case p.quantity != 1:
		return errors.New("a subscription has no quantity")
	case p.kind != nil && *p.kind != typeTest:
		return errors.New("a subscription reports a tester's purchase and no other type")
	case p.period < 0:
		return errors.New("a period is positive")
	}
	if p.period == 0 {
		if p.period = 30 * day; p.test() {
			p.period = 5 * time.Minute
		}
	}
	if p.basePlan == "" {
		p.basePlan = "monthly"
	}
	p.autoRenewing = !p.prepaid
	return nil
}

// begin takes the first payment.
func (s *Store) begin(p *purchase, now time.Time) {
	s.pay(p)
	p.phase, p.bought = running, now
	if p.subscription() {
		p.expiry = now.Add(p.period)
	}
}

// maxAccount is the documented length of an obfuscated id.
const maxAccount = 64
