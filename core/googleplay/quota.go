package googleplay

import (
	"context"
	"fmt"

	"golang.org/x/time/rate"
)

// quota keeps the client's calls of the voided list within what Google allows an app: 30 in any 30 s,
// and 6,000 a day. A bucket lets through its size and what flows in meanwhile, so each gets half or
// less of its bound as size: 15 + 30 s × 0.5/s, and 1,000 + 24 h × 5,000/24 h.
type quota struct {
	short, long *rate.Limiter
}

func newQuota() *quota {
	return &quota{short: rate.NewLimiter(0.5, 15), long: rate.NewLimiter(5000.0/(24*60*60), 1000)}
}

// wait waits for a turn, or says at once that none comes before ctx ends.
func (q *quota) wait(ctx context.Context) error {
	for _, l := range []*rate.Limiter{q.short, q.long} {
		if l.Wait(ctx) == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return fmt.Errorf("%w: the client has no call left before the context ends", ErrQuota)
	}
	return nil
}

// take takes a turn that there is at once: a call that is repeated does not wait.
func (q *quota) take() error {
	if q.short.Allow() && q.long.Allow() {
		return nil
	}
	return fmt.Errorf("%w: the client has no call left", ErrQuota)
}
