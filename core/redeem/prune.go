package redeem

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Pruner is a Ledger that can drop what nobody asks about any more.
type Pruner interface {
	// Prune drops every entry whose FinishedAt is before the given time, and returns how many. An entry
	// that is not Finished stays, however old it is.
	Prune(ctx context.Context, before time.Time) (int, error)
}

// FinishedAt is when an entry was Finished, zero if it is not. Of one that was Withdrawn it is when it Began.
func (e *Entry) FinishedAt() time.Time {
	switch e.State {
	case Completed:
		return e.CompletedAt
	case Withdrawn:
		return e.Began
	default:
		return time.Time{}
	}
}

// Prune drops the entries of redemptions that were finished longer than Config.Keep ago, and returns how many.
// Call it from a cron, once a day say, on any of the instances. A client that repeats its request
// later than that is told that its purchase was consumed, instead of what it was given; nothing is
// delivered a second time. The error matches errors.ErrUnsupported if the ledger is no Pruner.
func (r *Redeemer) Prune(ctx context.Context) (dropped int, err error) {
	if !r.usable() {
		return 0, errNotMade
	}
	pruner, ok := r.config.Ledger.(Pruner)
	switch {
	case r.config.Keep < 0:
		return 0, nil
	case !ok:
		return 0, fmt.Errorf("redeem: the ledger cannot drop entries: %w", errors.ErrUnsupported)
	}
	err = r.ask("prune", func() (err error) {
		dropped, err = pruner.Prune(ctx, time.Now().Add(-r.config.Keep))
		return err
	})
	return dropped, err
}
