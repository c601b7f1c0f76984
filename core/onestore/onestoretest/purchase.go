package onestoretest

import (
	"errors"
	"fmt"
	"time"
)

// phase is where in its life a purchase is.
type phase uint8

const (
	running phase = iota // paid, or in a free period; a managed product's only phase until it is cancelled
	grace                // a payment failed, access goes on until expiry
	onHold               // a payment failed, no access until it succeeds or the hold ends
	paused               // no access until the pause ends
	ended                // nothing happens by itself any more
)

// The values of cancelReason.
const (
	byCustomer int64 = 0
	byOther    int64 = 1
)

// purchase is what the store knows about one purchase token.
type purchase struct {
	product Product
	token   string
	test    bool // names of its payments begin with SANDBOX
	label   string
	linked  string // the token that it replaced

	bought       time.Time
	ordinal      int64     // in the order of buying
	payments     []Payment // at least one
	quantity     int64
	acknowledged bool
	consumed     bool
	canceled     bool // the last payment was taken back

	// Of products that renew:
	phase        phase
	period       time.Duration
	free         bool // inside a free period
	expiry       time.Time
	autoRenewing bool
	failing      bool // the next payment will fail
	holdEnds     time.Time
	pauseStart   time.Time // zero when there is no pause
	pauseEnd     time.Time
	revoked      bool
	canceledAt   time.Time // zero when nobody cancelled
	cancelReason int64

	price     int64
	promotion *promotion
	change    *priceChange

	edit func(map[string]any)
}

func (p *purchase) renews() bool { return p.product.Kind != KindInApp }

// end finishes a purchase that renews; its access ended at the instant at, or before.
func (p *purchase) end(at time.Time, reason int64) {
	p.phase, p.autoRenewing = ended, false
	p.pauseStart, p.pauseEnd = time.Time{}, time.Time{}
	if p.canceledAt.IsZero() {
		p.canceledAt, p.cancelReason = at, reason
	}
}

// cut moves the end of access into the past: the last millisecond of access is inside, so that the
// purchase is over at now itself.
func (p *purchase) cut(now time.Time) time.Time {
	if last := now.Add(-time.Millisecond); p.expiry.After(last) {
		p.expiry = last
	}
	return p.expiry
}

var errUnknownToken = errors.New("the store never gave out that token")

func misuse(verb string, err error) string {
	return fmt.Sprintf("onestoretest: %s: %v", verb, err)
}

// change lets a verb of the test work on an up-to-date purchase.
func (s *Store) change(verb, token string, fn func(p *purchase, now time.Time) error) {
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

// newToken makes a purchase token of the documented size 20, unique in this store. Outside the
// sandbox it tells the store's wall clock, as real ones do.
func (s *Store) newToken(now time.Time, test bool) string {
	s.serial++
	switch {
	case test:
		return fmt.Sprintf("SANDBOX3%012d", 2616000+s.serial)
	case s.cfg.Market == MarketKorea:
		return s.wallClock(now) + fmt.Sprintf("S01%05d", s.serial%100_000)
	default:
		return s.wallClock(now) + fmt.Sprintf("SGP%05d", s.serial%100_000)
	}
}

// newID makes the id of a payment, size 20.
func (s *Store) newID(now time.Time, test bool) string {
	s.serial++
	if test {
		return fmt.Sprintf("SANDBOX3%012d", 4000+s.serial)
	}
	return s.wallClock(now) + fmt.Sprintf("104%05d", s.serial%100_000)
}

// zone is the market's calendar: of the clock inside names, and of what a month is.
//
// Spec: 003_cae853c17ba7f40e.txt, "市场分类".
func (s *Store) zone() *time.Location {
	if s.cfg.Market == MarketKorea {
		return time.FixedZone("KST", 9*60*60)
	}
	return time.UTC
}

// wallClock carries the surplus of the five-digit serial, so that names stay unique within a second.
func (s *Store) wallClock(now time.Time) string {
	return now.In(s.zone()).Add(time.Duration(s.serial/100_000) * time.Second).Format("060102150405")
}
