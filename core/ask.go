package core

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"github.com/skugate/skugate/cache"
)

// chain is what one token has to be asked at one store: is it a purchase of this product, or of
// the next one? Each is asked only when the one before is known, because a token is a purchase of
// one product at most.
type chain struct {
	backend *backend
	token   Token
	asks    []int               // leaves left to ask about
	known   *cache.Entry[*fact] // a fact past freshness, if there is one
	after   cache.Order

	flight *cache.Flight[answer] // under way
	led    bool                  // this check started a look-up
	leave  func(bool, time.Time) // gives back the place in the account's budget
	found  bool
	again  bool // asked once more, because the first answer did not outlive its way
	misses int  // answers that the token is no such purchase
	total  int  // products to be asked about
}

// maxParallel is how many look-ups one check has under way.
const maxParallel = 4

var (
	errWaitOver  = errors.New("core: no answer within the time that the check may take")
	errOvertaken = errors.New("core: twice the purchase ended while the store's answer was on its way")
)

// ask follows the chains, a few at once, until the outcome is settled or the wait is over.
func (q *inquiry) ask() {
	ctx := q.context()
	q.enterBudget()
	defer q.leaveBudget()

	next := 0
	var active [maxParallel]*chain
	for {
		var done [maxParallel]<-chan struct{}
		busy := false
		for i := range active {
			for active[i] == nil && next < len(q.chains) {
				c := &q.chains[next]
				next++
				if q.start(c) {
					active[i] = c
				}
			}
			if active[i] != nil {
				done[i], busy = active[i].flight.Done(), true
			}
		}
		if !busy {
			return
		}
		landed := -1
		select {
		case <-done[0]:
			landed = 0
		case <-done[1]:
			landed = 1
		case <-done[2]:
			landed = 2
		case <-done[3]:
			landed = 3
		case <-ctx.Done():
			q.giveUp()
			return
		}
		c := active[landed]
		q.land(c)
		if q.settled() != nil {
			return
		}
		if !q.start(c) {
			active[landed] = nil
		}
	}
}

// start asks about the next product of the chain; false if there is none left.
func (q *inquiry) start(c *chain) bool {
	for !c.found && len(c.asks) > 0 {
		if q.why == toForesee {
			q.foresee(c)
			continue
		}
		lookup := c.backend.lookup
		if q.why == toProbe {
			lookup = c.backend.probe
		}
		flight, led, err := lookup(q.caller, &q.plan.leaves[c.asks[0]], c.token.Value, c.after)
		if err == nil {
			if c.flight, c.led = flight, c.led || led; !led {
				c.backend.joined.Add(1)
			}
			return true
		}
		q.fail(c, &StoreError{Reason: ReasonClosed, Err: err}, "")
	}
	return false
}

// land hears the answer that the chain waited for.
func (q *inquiry) land(c *chain) {
	a, err := c.flight.Result()
	c.flight = nil
	var panicked *cache.PanicError
	switch {
	case errors.As(err, &panicked):
		a.err = &StoreError{Reason: ReasonPanicked, Err: err}
		c.backend.alarm(slog.LevelError, "the store client panicked", ReasonPanicked, err, slog.String("stack", string(panicked.Stack)))
	case err != nil:
		a.err = asStoreError(err)
	}
	if a.err != nil {
		c.backend.warn(a.err)
		if a.err.outcome() == Undetermined {
			c.recall(&q.plan.leaves[c.asks[0]])
		}
		q.fail(c, a.err, a.source)
		return
	}
	asks := c.asks
	leaf := c.next()
	for _, other := range c.asks { // the token is this product's, so it is no other's
		q.open(other, -1)
		q.hear(other, finding{outcome: Denied, reason: ReasonProductMismatch})
	}
	c.asks = nil
	now := cache.Now()
	f := finding{reason: ReasonDeadline, err: &StoreError{Reason: ReasonDeadline, Err: errOvertaken}}
	if c.backend.overtaken(a.fact, &q.plan.leaves[leaf], now) {
		if !c.again {
			c.again, c.asks = true, asks[:1]
			c.total++ // a token that was found is charged to nobody
			if e, state := c.backend.facts.Get(c.token.Value, now); state != cache.Miss {
				c.known = e // for the renewal grace
			}
			return
		}
	} else {
		f = q.judge(c.backend, &c.token, leaf, a.fact, a.source, now, false)
	}
	c.found = true
	q.open(leaf, -1)
	if f.outcome == Undetermined { // an answer that says nothing is none
		c.recall(&q.plan.leaves[leaf])
		if spared, ok := q.outage(c, leaf); ok {
			f = spared
		}
	}
	q.hear(leaf, f)
}

// overtaken tells whether a fact granted when it was read and has ended since. If its purchase renews, it
// may well have: the store was asked too early to know, and did not say no.
func (b *backend) overtaken(f *fact, p *Product, now cache.Instant) bool {
	if !f.purchase.AutoRenewing {
		return false
	}
	var then, since Verdict
	b.judge(&since, f, p, now, false)
	b.judge(&then, f, p, f.began, false)
	return since.Outcome == Denied && then.Outcome == Granted
}

// recall looks for an older fact of p that Config.Shared brought while the store was asked.
func (c *chain) recall(p *Product) {
	if c.known != nil || c.backend.tier == nil {
		return
	}
	if e, state := c.backend.facts.Get(c.token.Value, cache.Now()); state != cache.Miss && e.Value.product.sameSKU(p) {
		c.known = e
	}
}

// fail hears an answer that is no purchase, and where it is from: the store, unless it says otherwise.
func (q *inquiry) fail(c *chain, se *StoreError, source Source) {
	leaf := c.next()
	q.open(leaf, -1)
	f := finding{outcome: se.outcome(), reason: se.reason(), err: se}
	if f.outcome == Denied {
		c.misses++
		if se.Fault == FaultNotFound {
			f.err, f.source = nil, cmp.Or(source, SourceStore)
		}
	}
	if f.outcome == Undetermined {
		if spared, ok := q.outage(c, leaf); ok {
			f = spared
		} else if q.held(c, leaf, se) {
			f = finding{outcome: Granted, reason: ReasonHeldOpen, source: SourceHoldOpen}
		}
	}
	q.hear(leaf, f)
}

// outage is what an older fact says while its store cannot answer. It can grant, or tell of a void;
// that a right ended in the meantime is not known, only likely.
func (q *inquiry) outage(c *chain, leaf int) (finding, bool) {
	if c.known == nil {
		return finding{}, false
	}
	now := cache.Now()
	if c.known.State(now) == cache.Miss || c.known.Order <= c.backend.facts.Mark(c.token.Value) {
		return finding{}, false
	}
	f := q.judge(c.backend, &c.token, leaf, c.known.Value, SourceOutage, now, true)
	switch f.reason {
	case ReasonVoided, ReasonRevoked, ReasonSuperseded, ReasonAccountMismatch, ReasonAccountUnbound:
		return f, true
	}
	return f, f.outcome == Granted && q.spend(c.backend, c.known.Value)
}

func (c *chain) next() int {
	leaf := c.asks[0]
	c.asks = c.asks[1:]
	return leaf
}

// giveUp ends the wait. What was asked goes on without us and will be in memory.
func (q *inquiry) giveUp() {
	se := &StoreError{Reason: ReasonDeadline, Err: errWaitOver}
	if err := q.caller.Err(); err != nil {
		se = &StoreError{Reason: ReasonCallerGone, Err: err}
	}
	for i := range q.chains {
		c := &q.chains[i]
		if q.why == toAttach || se.Reason == ReasonCallerGone {
			c.known = nil // the store was not heard, which is not to say that it cannot answer
		} else if c.flight != nil && len(c.asks) > 0 {
			c.recall(&q.plan.leaves[c.asks[0]])
		}
		if q.why != toAttach && se.Reason == ReasonDeadline && c.flight != nil {
			c.backend.warn(se)
		}
		for len(c.asks) > 0 && !c.found {
			q.fail(c, se, "")
		}
	}
}
