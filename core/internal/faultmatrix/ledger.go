package faultmatrix

import (
	"sync"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// ledger is what was true at the store, and when. Each change has two instants, before and after it
// was made; in between either is true.
type ledger struct {
	mu       sync.Mutex
	bought   map[string]*bought // by token
	forgot   map[string][]time.Time
	troubles []*span
}

// bought is one purchase.
type bought struct {
	product onestoretest.Product
	label   string // the account that it is tied to; empty: none
	changes []change
}

type change struct {
	span
	owned bool
	until time.Time // the end of the right by this machine's clock; zero if it renews or has none
}

// span is from one instant to another; an open end is zero.
type span struct{ from, to time.Time }

func (s *span) overlaps(from, to time.Time) bool {
	return !s.from.After(to) && (s.to.IsZero() || !s.to.Before(from))
}

func newLedger() *ledger {
	return &ledger{bought: map[string]*bought{}, forgot: map[string][]time.Time{}}
}

func (l *ledger) add(token string, b *bought) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bought[token] = b
}

func (l *ledger) change(token string, c change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bought[token]
	b.changes = append(b.changes, c)
}

// forget notes that the host had acknowledged an invalidation by now.
func (l *ledger) forget(token string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgot[token] = append(l.forgot[token], now)
}

// eras calls each span in which the purchase was, perhaps, owned (or not owned) until it says stop.
func (b *bought) eras(owned bool, each func(from, to time.Time) bool) {
	if b == nil {
		if !owned {
			each(time.Time{}, distant)
		}
		return
	}
	if !owned && !each(time.Time{}, b.changes[0].to) {
		return
	}
	for i, c := range b.changes {
		end := distant
		if i+1 < len(b.changes) {
			end = b.changes[i+1].to
		}
		switch {
		case c.owned != owned && owned:
			continue
		case c.owned == owned && owned && !c.until.IsZero() && c.until.Before(end):
			end = c.until.Add(time.Millisecond) // its last millisecond is inside
		case c.owned && !owned: // not owned from the end of the right on
			if c.until.IsZero() || c.until.After(end) {
				continue
			}
			if !each(c.until, end) {
				return
			}
			continue
		}
		if !each(c.from, end) {
			return
		}
	}
}

// distant is later than any test runs.
var distant = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
