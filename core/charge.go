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
	now := time.Now()
	for i := range q.chains {
		c := &q.chains[i]
		if c.token.Known || c.known != nil {
			continue
		}
		leave, wait := q.gate.budgets.enter(q.account, c.token.Value, now)
		if leave == nil {
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

// leaveBudget charges each token that this check looked up and that turned out to be nothing. A
// look-up that it no longer waits for is charged when it ends: hanging up early saves nothing.
func (q *inquiry) leaveBudget() {
	now := time.Now()
	for i := range q.chains {
		c := &q.chains[i]
		switch {
		case c.leave == nil:
		case c.led && c.flight != nil:
			go leaveLate(c.flight, c.leave)
		default:
			c.leave(c.led && c.misses == c.total, now)
		}
	}
}

func leaveLate(flight *cache.Flight[answer], leave func(bool, time.Time)) {
	a, err := flight.Result()
	leave(err == nil && a.err != nil && a.err.outcome() == Denied, time.Now())
}
