package googleplaytest

import (
	"errors"
	"fmt"
	"time"
)

// phase is where in its life a purchase is.
type phase uint8

const (
	running  phase = iota // paid; a one-time product's phase until it is cancelled
	pending               // the first payment is awaited
	givenUp               // the first payment never came
	grace                 // a payment failed, access goes on until expiry
	onHold                // a payment failed, no access until it succeeds or the hold ends
	paused                // no access until the pause ends
	ended                 // nothing happens by itself any more
	canceled              // a one-time product's: refunded or cancelled
)

// purchase is what the store knows about one purchase token.
type purchase struct {
	product Product
	token   string
	serial  int64  // in which it was bought
	orderID string // of the last payment
	orders  int    // how many payments there were
	phase   phase

	account, profile string // obfuscated external ids
	linked           string // the token that it replaced
	kind             *int64 // purchaseType
	bought           time.Time
	acknowledged     bool

	// Of one-time products:
	quantity, refunded int64
	consumed           bool
	payload            string

	// Of subscriptions:
	period       time.Duration
	expiry       time.Time
	prepaid      bool
	autoRenewing bool
	failing      bool // the next payment will fail
	holdEnds     time.Time
	pauseEnds    time.Time
	canceledAt   time.Time // by the player; zero when not
	basePlan     string
	addOns       []string // product ids that came along

	edit func(map[string]any)
}

func (p *purchase) subscription() bool { return p.product.Kind == KindSubscription }

func (p *purchase) test() bool { return p.kind != nil && *p.kind == typeTest }

// The values of purchaseType.
//
// Spec: 002_14922676bb3a4460.txt, "purchaseType".
const (
	typeTest     int64 = 0
	typePromo    int64 = 1
	typeRewarded int64 = 2
)

// cut moves the end of access into the past: the last millisecond of access is inside, so that the
// purchase is over at now itself.
func (p *purchase) cut(now time.Time) {
	if last := now.Add(-time.Millisecond); p.expiry.After(last) {
		p.expiry = last
	}
}

// end finishes a subscription, at now or where its access ended before.
func (p *purchase) end(now time.Time) {
	p.cut(now)
	p.phase, p.autoRenewing = ended, false
}

var errUnknownToken = errors.New("the store never gave out that token")

func misuse(verb string, err error) string {
	return fmt.Sprintf("googleplaytest: %s: %v", verb, err)
}

// changeAt lets a verb of the test work on an up-to-date purchase.
func (s *Store) changeAt(verb, token string, fn func(p *purchase, now time.Time) error) {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	err := errUnknownToken
	if p, ok := s.purchases[token]; ok {
		s.settle(p, now)
		err = fn(p, now)
	}
	if err != nil {
		panic(misuse(verb, err))
	}
}

// change is changeAt for what needs no clock.
func (s *Store) change(verb, token string, fn func(p *purchase) error) {
	s.changeAt(verb, token, func(p *purchase, _ time.Time) error { return fn(p) })
}

// newToken makes a purchase token of the length and the look of real ones.
func (s *Store) newToken() string {
	s.serial++
	w := newWhim(s.cfg.Seed, "purchase token", int(s.serial))
	letters := func(n int, alphabet string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[w.r.IntN(len(alphabet))]
		}
		return string(b)
	}
	return letters(24, "abcdefghijklmnop") + fmt.Sprintf(".AO-J1%06d", s.serial) +
		letters(100, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
}

// pay gives p the order id of a further payment. Renewals of a subscription count up.
func (s *Store) pay(p *purchase) {
	if p.orders == 0 {
		s.serial++
		p.orderID = fmt.Sprintf("GPA.3300-%04d-%04d-%05d", s.serial/1_0000%1_0000, s.serial%1_0000, s.serial%10_0000)
	}
	p.orders++
}

// order is the id of the last payment, empty if there was none.
func (p *purchase) order() string {
	if p.orders > 1 {
		return fmt.Sprintf("%s..%d", p.orderID, p.orders-2)
	}
	return p.orderID
}
