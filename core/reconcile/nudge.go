package reconcile

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/skugate/skugate/core"
)

const (
	// nudges is how many readings of one list may be asked for at once, and nudgeEvery how long it takes
	// to earn one back: together with Config.VoidsEvery's own they stay below what Google allows in a day.
	nudges     = 5
	nudgeEvery = 30 * time.Second

	// settle is how long a reading waits for the list to have what was heard of: a client asks for a list up
	// to a moment ago, by a clock that it knows to the second. lag is how long after it a list that had
	// nothing new is read once more.
	settle = 2 * time.Second
	lag    = 10 * time.Second
)

// Nudge has Run read the voided purchases of a store soon, and not only when their time comes, because
// somebody heard that one was added: after 2 s, and if there was nothing new, once more 10 s later. It
// returns at once, and nudges that come together share a reading. After five readings that were asked
// for, a store has one more every 30 s, so that whoever can send notifications cannot use up a quota; what
// is asked for beyond that is done when it is due. A store that is none of the gate's, one without such a
// list, and a worker that does not follow the lists, are no error.
//
// What is put in force is what the store's list says, and nothing else.
func (w *Worker) Nudge(store core.StoreID) {
	if w == nil {
		return
	}
	if l, ok := w.lists[store]; ok {
		select {
		case l.nudged <- struct{}{}:
		default: // somebody did already
		}
	}
}

// heed reads the list of a store whenever somebody asks for it, until ctx ends.
func (w *Worker) heed(ctx context.Context, j *job, store core.StoreID, l *list) {
	for {
		select {
		case <-l.nudged:
		case <-ctx.Done():
			return
		}
		for _, d := range []time.Duration{settle, lag} {
			if !pause(ctx, d) || l.leave.Wait(ctx) != nil {
				return
			}
			r := w.try(ctx, j, func(ctx context.Context) (Report, error) { return w.follow(ctx, store) })
			if r.Voids > 0 {
				break
			}
		}
	}
}

func newLeave() *rate.Limiter { return rate.NewLimiter(rate.Every(nudgeEvery), nudges) }
