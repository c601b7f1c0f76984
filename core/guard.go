package core

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// guard stands in front of one store, for the gate and for every worker: a bulkhead that caps the
// calls under way, and a circuit breaker that stops calling a store that only fails.
type guard struct {
	slots   chan struct{}
	openFor time.Duration
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	opened  atomic.Int64 // when the breaker opened last, Unix nanoseconds
}

var errAbandoned = errors.New("the call panicked or ended its goroutine")

func newGuard(c Guard) *guard {
	g := &guard{slots: make(chan struct{}, c.MaxInFlight), openFor: c.OpenFor}
	g.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		// With an interval, gobreaker forgets failures that took longer than it, and an outage
		// made of slow failures never opens the breaker. Consecutive failures never grow old.
		Interval:    0,
		Timeout:     c.OpenFor,
		MaxRequests: 1,
		ReadyToTrip: func(n gobreaker.Counts) bool { return int(n.ConsecutiveFailures) >= c.TripAfter },
		// The callbacks run under gobreaker's mutex: they touch atomics and nothing else.
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				g.opened.Store(time.Now().UnixNano())
			}
		},
		IsSuccessful: healthy,
		// A caller that left, and a call that the client itself kept back, say nothing of the store.
		IsExcluded: func(err error) bool {
			return errors.Is(err, context.Canceled) || asStoreError(err).Reason == ReasonStorePaused
		},
	})
	return g
}

// healthy tells whether err shows a store that works.
func healthy(err error) bool {
	if err == nil {
		return true
	}
	switch asStoreError(err).Fault {
	case FaultNotFound, FaultTokenRefused:
		return true
	default:
		return false
	}
}

// do runs call, unless the breaker is open or no slot comes free before ctx ends. ctx must have a
// deadline: at that instant the breaker is told of a failure even if call still hangs, so that a
// hung probe cannot keep the breaker half-open for ever.
func (g *guard) do(ctx context.Context, call func(context.Context) error) error {
	if g.breaker.State() == gobreaker.StateOpen {
		return g.refusal()
	}
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return &StoreError{Reason: ReasonOverloaded, RetryAfter: time.Second, Err: ctx.Err()}
	}
	defer func() { <-g.slots }()
	if err := ctx.Err(); err != nil { // a slot that comes free as time runs out helps nobody
		return &StoreError{Reason: ReasonOverloaded, RetryAfter: time.Second, Err: err}
	}

	done, err := g.breaker.Allow()
	if err != nil {
		return g.refusal()
	}
	var once sync.Once
	report := func(err error) { once.Do(func() { done(err) }) }
	stop := context.AfterFunc(ctx, func() { report(ctx.Err()) })
	defer stop()

	result := error(errAbandoned) // stands if call panics or ends its goroutine
	defer func() { report(result) }()
	result = call(ctx)
	return result
}

// refusal is the answer without a call.
func (g *guard) refusal() error {
	wait := time.Until(time.Unix(0, g.opened.Load()).Add(g.openFor))
	// Half-open, with the one probe under way: there is no instant to name, only "soon".
	return &StoreError{Reason: ReasonBreakerOpen, RetryAfter: min(max(wait, time.Second), g.openFor)}
}
