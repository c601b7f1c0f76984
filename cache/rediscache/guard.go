package rediscache

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// guard bounds what a sick Redis costs: each call by a timeout, and their number by a breaker and by not
// beginning any while others hang.
type guard struct {
	timeout time.Duration
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	probe   func(context.Context) error

	waiting atomic.Int64 // calls under way
	moved   atomic.Int64 // when one of them was answered last, or the first of them began; since start

	calls, failed, skipped atomic.Uint64
}

const (
	// tripAfter is how many failures in a row open the breaker.
	tripAfter = 2
	// openFor is how long it stays open before Redis is probed.
	openFor = 500 * time.Millisecond
	// stalls is which part of the timeout may pass without any answer until no more calls are begun. It is
	// what keeps a burst from waiting in full before the breaker has heard of the first timeout.
	stalls = 4
)

// Why a call was not made or did not end well, and what the breaker is told of one that its caller gave up.
var (
	errSkipped  = errors.New("the server did not answer lately and is not asked now")
	errNoNews   = errors.New("the caller left")
	errGone     = errors.New("the client ended its goroutine")
	errPanicked = errors.New("the client panicked")
)

// start is the origin of guard.moved: only the monotonic clock counts there.
var start = time.Now()

func newGuard(timeout time.Duration, probe func(context.Context) error) *guard {
	return &guard{timeout: timeout, probe: probe, breaker: gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:     openFor,
		MaxRequests: 1,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= tripAfter },
		IsExcluded:  func(err error) bool { return err == errNoNews },
	})}
}

// guarded makes a call, unless Redis is not to be asked now.
func guarded[T any](ctx context.Context, g *guard, op string, call func(context.Context) (T, error)) (v T, err error) {
	done, err := g.enter(ctx)
	if err == nil {
		v, err = bounded(ctx, g.timeout, call)
		g.leave(ctx, done, err)
	}
	if err != nil {
		return v, fmt.Errorf("rediscache: %s: %w", op, plain(err))
	}
	return v, nil
}

// enter asks leave for a call.
func (g *guard) enter(ctx context.Context) (done func(error), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if g.breaker.State() == gobreaker.StateHalfOpen {
		if done, err := g.breaker.Allow(); err == nil {
			go g.try(done)
		}
		return nil, g.skip()
	}
	now := int64(time.Since(start))
	if g.waiting.Add(1) == 1 {
		g.moved.Store(now)
	} else if now-g.moved.Load() > int64(g.timeout/stalls) {
		g.waiting.Add(-1)
		return nil, g.skip()
	}
	done, err = g.breaker.Allow()
	if err != nil {
		g.waiting.Add(-1)
		return nil, g.skip()
	}
	g.calls.Add(1)
	return done, nil
}

func (g *guard) skip() error {
	g.skipped.Add(1)
	return errSkipped
}

// leave tells how a call ended. Whatever Redis answered, it did answer.
func (g *guard) leave(ctx context.Context, done func(error), err error) {
	g.waiting.Add(-1)
	switch {
	case err != nil && ctx.Err() != nil:
		done(errNoNews)
		return
	case err != nil:
		g.failed.Add(1)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		g.moved.Store(int64(time.Since(start)))
	}
	done(err)
}

// try probes Redis while nobody waits.
func (g *guard) try(done func(error)) {
	_, err := bounded(context.Background(), g.timeout, func(ctx context.Context) (struct{}, error) { return struct{}{}, g.probe(ctx) })
	done(err)
}

// bounded makes a call aside and waits for it as long as timeout, also if the client does not heed its
// context, or panics.
func bounded[T any](ctx context.Context, timeout time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errGone} // stands if the call ends its goroutine
		defer func() {
			if v := recover(); v != nil {
				r.err = fmt.Errorf("%w with a %T", errPanicked, v)
			}
			done <- r
		}()
		r.v, r.err = call(ctx)
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
