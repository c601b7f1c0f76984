package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// silence is what is known of a server that does not answer.
type silence struct {
	timeouts atomic.Int64 // in a row
	probed   atomic.Int64 // when it was last looked whether that is over, Unix nanoseconds
}

const (
	// silentAfter is how many calls in a row have to run into their timeout until players wait no more.
	silentAfter = 2
	// probeEvery is how often it is looked whether the server answers again.
	probeEvery = 500 * time.Millisecond
)

var errSilent = errors.New("the server did not answer lately and is not asked now")

// promptly is call for what a player waits for: one after the other would wait for a server that hangs, and so
// after a few nobody does, until a look aside finds that it answers.
func (f *Fleet) promptly(ctx context.Context, what string, do func(context.Context) error) error {
	if f.silence.timeouts.Load() >= silentAfter {
		f.probe()
		return fmt.Errorf("fleet: %s: %w", what, errSilent)
	}
	err := f.call(ctx, what, do)
	switch {
	case ctx.Err() != nil: // whoever asked has left, and nobody knows
	case errors.Is(err, context.DeadlineExceeded):
		f.silence.timeouts.Add(1)
	default:
		f.silence.timeouts.Store(0)
	}
	return err
}

// probe looks aside, at most every so often, whether the server answers.
func (f *Fleet) probe() {
	last, now := f.silence.probed.Load(), time.Now().UnixNano()
	if time.Duration(now-last).Abs() < probeEvery || !f.silence.probed.CompareAndSwap(last, now) {
		return
	}
	go func() {
		err := f.call(context.Background(), "probing the server", func(ctx context.Context) error { return f.config.Client.Ping(ctx).Err() })
		if err == nil {
			f.silence.timeouts.Store(0)
		}
	}()
}
