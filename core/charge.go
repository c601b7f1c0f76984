package core

import (
	"errors"
	"time"

	"github.com/skugate/skugate/cache"
)

// enterBudget asks leave for the tokens that nobody has seen yet; a chain that does not get it ends.
func (q *inquiry) enterBudget() {
	if q.account == "" {
		return // binding is off and nobody can be told apart
	}
	now, budgets := time.Now(), q.gate.budgets
	if !q.why.records() {
		budgets = budgets.copyOf(q.account, now)
	}
	for i := range q.chains {
		c := &q.chains[i]
		if c.token.Known || c.known != nil {
			continue
		}
		leave, wait := budgets.enter(q.account, c.token.Value, now)
		if leave == nil {
			if q.why.records() {
				c.backend.overBudget.Add(1)
			}
			for len(c.asks) > 0 {
				leaf := c.next()
				q.open(leaf, -1)
				q.hear(leaf, finding{reason: ReasonTooManyUnknownTokens,
					err: &StoreError{Reason: ReasonTooManyUnknownTokens, RetryAfter: wait, Err: errTooManyUnknown}})
			}
			continue
		}
		c.leave = leave
	}
}

var errTooManyUnknown = errors.New("core: the account presented too many tokens that name no purchase")

// leaveBudget charges each token that this check looked up and that turned out to be nothing, wherever it
// was asked about. A look-up that it no longer waits for is charged when it ends: hanging up early saves
// nothing.
func (q *inquiry) leaveBudget() {
	now := time.Now()
	for i := range q.chains {
		c := &q.chains[i]
		if c.leave == nil {
			continue
		}
		found, later := q.elsewhere(c)
		unknown := c.led && c.misses == c.total
		switch {
		case found:
			c.leave(false, now)
		case c.led && c.flight != nil:
			go leaveLate(false, append(later, c.flight), c.leave)
		case unknown && len(later) > 0:
			go leaveLate(true, later, c.leave)
		default:
			c.leave(unknown, now)
		}
	}
}

// elsewhere tells whether another store has issued the token, and which look-ups may tell so later.
func (q *inquiry) elsewhere(c *chain) (found bool, later []*cache.Flight[answer]) {
	for i := range q.chains {
		other := &q.chains[i]
		if other == c || other.token.Value != c.token.Value {
			continue
		}
		found = found || other.found
		if other.flight != nil {
			later = append(later, other.flight)
		}
	}
	return found, later
}

// leaveLate charges a token that one of the look-ups denies, or that was denied before, and that none finds.
func leaveLate(denied bool, flights []*cache.Flight[answer], leave func(bool, time.Time)) {
	found := false
	for _, f := range flights {
		a, err := f.Result()
		found = found || err == nil && a.err == nil
		denied = denied || err == nil && a.err != nil && a.err.outcome() == Denied
	}
	leave(denied && !found, time.Now())
}
