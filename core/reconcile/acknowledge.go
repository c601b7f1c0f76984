package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
)

const (
	// maxTries is how often a store is asked that refuses for good.
	maxTries = 3
	// minWait and maxWait bound the wait before the next try.
	minWait, maxWait = 5 * time.Second, 30 * time.Minute
	// markTimeout is how long the record of what a store said may take. It is not cut short by the end of
	// the worker: what is not recorded is asked again.
	markTimeout = 10 * time.Second
)

// acknowledge tells stores what was delivered, nearest deadline first, until nothing is due. Several that
// all fail end the round, and so does a store that is not asked now, because its breaker is open or it
// wants a pause.
func (w *Worker) acknowledge(ctx context.Context) (r Report, err error) {
	box := w.gate.Outbox()
	if box == nil {
		return r, nil
	}
	for ctx.Err() == nil {
		due, err := box.Take(ctx, time.Now(), 2*w.config.CallTimeout+markTimeout, w.config.Parallel)
		if err != nil || len(due) == 0 {
			return r, err
		}
		results := make([]result, len(due))
		var wg sync.WaitGroup
		for i := range due {
			wg.Go(func() { results[i] = w.acknowledgeOne(ctx, box, due[i]) })
		}
		wg.Wait()
		rejected, had := false, r.Acknowledged
		var faults []error
		for _, one := range results {
			if one.state == core.DebtAcknowledged {
				r.Acknowledged++
			} else {
				r.Failed++
			}
			rejected = rejected || one.rejected
			faults = append(faults, one.unmarked)
		}
		if err := errors.Join(faults...); err != nil || rejected || r.Acknowledged == had {
			return r, err
		}
	}
	return r, nil
}

// result is what became of one try.
type result struct {
	state    core.DebtState
	rejected bool  // the store was not asked
	unmarked error // it could not be recorded
}

func (w *Worker) acknowledgeOne(ctx context.Context, box core.Outbox, e core.OutboxEntry) (r result) {
	call, cancel := context.WithTimeout(ctx, w.config.CallTimeout)
	err := w.gate.Acknowledge(call, e.Debt)
	cancel()
	now := time.Now()
	var refused *core.StoreError
	asked := errors.As(err, &refused)
	switch {
	case err == nil:
		e.State, e.Fault, e.NotBefore = core.DebtAcknowledged, "", time.Time{}
	case errors.Is(err, errors.ErrUnsupported):
		e.State, e.Fault = core.DebtAbandoned, err.Error()
	case asked && (refused.Fault == core.FaultNotFound || refused.Fault == core.FaultTokenRefused):
		if e.Tries++; e.Tries >= maxTries {
			e.State = core.DebtAbandoned
		}
		e.Fault, e.NotBefore = err.Error(), now.Add(wait(&e, now))
	default:
		e.Fault, e.NotBefore = err.Error(), now.Add(wait(&e, now))
		if asked {
			switch refused.Reason {
			case core.ReasonBreakerOpen, core.ReasonStorePaused, core.ReasonOverloaded:
				r.rejected = true
				e.NotBefore = now.Add(max(refused.RetryAfter, minWait))
			}
		}
	}
	if e.State == core.DebtAbandoned {
		w.log.Error("skugate: a store refuses an acknowledgement for good; it will cancel the purchase at its deadline",
			slog.Any("purchase", e.Debt), slog.String("error", e.Fault))
	}
	mark, cancel := context.WithTimeout(context.WithoutCancel(ctx), markTimeout)
	defer cancel()
	r.state, r.unmarked = e.State, box.Finish(mark, e)
	return r
}

// wait is how long to wait before the next try: a quarter of the time for which the entry has waited so
// far, so that an outage is followed ever less often, and a quarter of what is left to its deadline at
// most, give or take a fifth.
func wait(e *core.OutboxEntry, now time.Time) time.Duration {
	d := min(now.Sub(e.At)/4, maxWait)
	if left := e.By.Sub(now); left > 0 {
		d = min(d, left/4)
	}
	d = max(d, minWait)
	return d - d/5 + rand.N(2*d/5)
}
