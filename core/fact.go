package core

import (
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/cache"
)

// fact is what a store said about one token at one instant. What it says never changes; the two
// pointers remember what was derived from it, so that a hit derives nothing.
type fact struct {
	product    *Product // as whose purchase the token was found; many facts share it
	purchase   *Purchase
	began      cache.Instant
	storeBegan int64 // the store's clock when the read began, Unix nanoseconds

	owed *owed // nil: no acknowledgement, or nobody to remember it

	spent     atomic.Int64 // grants past freshness
	bound     atomic.Pointer[bound]
	decisions atomic.Pointer[memo]
}

// bound is the account that last passed binding.
type bound struct {
	account  string
	bindings uint64 // backend.bindings when it did
}

// memo is a decision made from the fact, one of a short list.
type memo struct {
	ruling
	stands standing
	next   *memo
}

// maxMemos is how many decisions are kept on one fact. More arise only when requirements are built
// by the request instead of once.
const maxMemos = 16

// storeNow is the store's clock at an instant: the clock it showed when it was asked, plus the age
// of the fact. A wall clock that is stepped meanwhile moves it forward at most.
func (f *fact) storeNow(now cache.Instant) time.Time {
	return time.Unix(0, f.storeBegan+int64(now.Since(f.began)))
}

// life says how long the fact may be used, given what its rule said when it was read.
func (f *fact) life(p *Product, v Verdict, l *Lifetimes) cache.Life {
	switch v.Outcome {
	case Denied:
		d := l.Denied
		switch v.Reason {
		case ReasonStateConflict:
			return cache.Life{}
		case ReasonPurchaseCanceled, ReasonConsumed, ReasonVoided, ReasonSuperseded:
			d = l.Usable // cannot come back
		}
		return cache.Life{Fresh: d, Refresh: d, Usable: d}
	case Granted:
		life := cache.Life{Fresh: l.Fresh, Refresh: l.Refresh, Usable: l.Usable}
		if p.consumable {
			life.Usable = life.Refresh
		}
		if !v.ExpiresAt.IsZero() {
			end := min(f.until(v.ExpiresAt), maxDuration)
			life.Fresh, life.Refresh = min(life.Fresh, end), min(life.Refresh, end)
			if f.purchase.AutoRenewing {
				end += l.RenewalGrace
			}
			life.Usable = min(life.Usable, end)
		}
		if !v.AcknowledgeBy.IsZero() {
			// Past the deadline the store cancels the purchase: what was read before does not hold.
			if end := f.until(v.AcknowledgeBy); end > 0 {
				life = cache.Life{Fresh: min(life.Fresh, end), Refresh: min(life.Refresh, end), Usable: min(life.Usable, end)}
			}
		}
		return life
	default:
		return cache.Life{}
	}
}

// until is the age at which the store's clock passes the millisecond t, which is inside. A time too far
// away for a Duration is as far as one reaches.
func (f *fact) until(t time.Time) time.Duration {
	return t.Truncate(time.Millisecond).Add(time.Millisecond).Sub(time.Unix(0, f.storeBegan))
}

// spend takes one of the grants that the fact may give past freshness; false if none is left. most 0 is
// no limit.
func (f *fact) spend(most int) bool {
	return most == 0 || f.unspent(most) && f.spent.Add(1) <= int64(most)
}

// unspent tells whether such a grant is left.
func (f *fact) unspent(most int) bool { return most == 0 || f.spent.Load() < int64(most) }

// granted is the decision that a fresh fact was found to give before, if the verdict still stands.
func (f *fact) granted(plan *plan, age time.Duration) *ruling {
	for m := f.decisions.Load(); m != nil; m = m.next {
		if m.end.plan == plan && m.stands.has(age) {
			return &m.ruling
		}
	}
	return nil
}

// decision gives the one immutable decision for what was asked, the verdict, how long that stands, and the
// source.
func (f *fact) decision(plan *plan, leaf int, v *Verdict, stands standing, source Source) *ruling {
	end := plan.ending(v.Outcome, v.Reason, source, leaf, true)
	head, length := f.decisions.Load(), 0
	for m := head; m != nil; m = m.next {
		length++
		if m.end.like(end) && m.stands.until >= stands.until && m.expiresAt.Equal(v.ExpiresAt) {
			return &m.ruling
		}
	}
	m := &memo{*f.decide(plan, leaf, v, source), stands, head}
	if length < maxMemos {
		f.decisions.CompareAndSwap(head, m) // losing means that somebody else remembered one: no matter
	}
	return &m.ruling
}

// decide makes a decision of the fact, which nothing remembers yet.
func (f *fact) decide(plan *plan, leaf int, v *Verdict, source Source) *ruling {
	return &ruling{end: plan.ending(v.Outcome, v.Reason, source, leaf, true), fact: f, expiresAt: v.ExpiresAt, acknowledgeBy: v.AcknowledgeBy}
}
