package core

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/skugate/skugate/cache"
)

// guard stands in front of one store, for the gate and for every worker: a bulkhead that caps the
// calls under way, and a circuit breaker that stops calling a store that only fails.
type guard struct {
	slots   chan struct{}
	openFor time.Duration
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]

	opened atomic.Int64 // when the breaker opened last, by the monotonic clock: no step of the wall clock moves it
	trips  atomic.Uint64
	log    breakerLog
}

// What the breaker is told of a call. It is classified before gobreaker takes its mutex: an error's own
// methods are a store client's code, which must not run under it.
var (
	errUnhealthy = errors.New("the call failed")
	errNoNews    = errors.New("the call says nothing of the store")
)

func newGuard(c Guard) *guard {
	g := &guard{slots: make(chan struct{}, c.MaxInFlight), openFor: c.OpenFor}
	g.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		// With an interval, gobreaker forgets failures that took longer than it, and an outage
		// made of slow failures never opens the breaker. Consecutive failures never grow old, so
		// every TripAfter can be reached.
		Interval:    0,
		Timeout:     c.OpenFor,
		MaxRequests: 1,
		ReadyToTrip: func(n gobreaker.Counts) bool { return int(n.ConsecutiveFailures) >= c.TripAfter },
		// The callbacks run under gobreaker's mutex: they call nobody.
		OnStateChange: func(_ string, _, to gobreaker.State) {
			now := cache.Now()
			g.log.note(now.Time(), to)
			if to == gobreaker.StateOpen {
				g.opened.Store(now.Mono)
				g.trips.Add(1)
			}
		},
		// In the half-open state an excluded call gives its place back: the next one is the probe.
		IsExcluded: func(err error) bool { return err == errNoNews },
	})
	return g
}

// health is what a call that ended with err says of the store: nil if it works. A caller that left, and
// a call that the client itself kept back, say nothing. A client that ends calls as cancelled by itself
// does not have a caller that left.
func health(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	se := asStoreError(err)
	switch {
	case se.Fault == FaultNotFound || se.Fault == FaultTokenRefused:
		return nil
	case se.Reason == ReasonStorePaused || errors.Is(ctx.Err(), context.Canceled):
		return errNoNews
	default:
		return errUnhealthy
	}
}

// do runs call, unless the breaker is open or no slot comes free before ctx ends. ctx must have a
// deadline: at that instant the breaker is told of a failure even if call still hangs, so that a
// hung probe cannot keep the breaker half-open for ever. A call that hangs past its deadline keeps its
// slot until it returns: the cap holds whatever a store client does.
func (g *guard) do(ctx context.Context, call func(context.Context) error) error {
	return g.run(ctx, call, health)
}

// doBehind is do for a worker. The breaker hears of its successes and holds it back, but its failures do
// not open it: an endpoint that only workers use may be down alone, and no player must feel that.
func (g *guard) doBehind(ctx context.Context, call func(context.Context) error) error {
	return g.run(ctx, call, func(ctx context.Context, err error) error {
		if health(ctx, err) != nil {
			return errNoNews
		}
		return nil
	})
}

// run is do with what the breaker is told of the call's error.
func (g *guard) run(ctx context.Context, call func(context.Context) error, health func(context.Context, error) error) error {
	if err := g.enter(ctx); err != nil {
		return err
	}
	defer func() { <-g.slots }()

	done, err := g.breaker.Allow()
	if err != nil { // open, or half-open with the one probe under way
		return g.refusal()
	}
	var once sync.Once
	report := func(health error) { once.Do(func() { done(health) }) }
	stop := context.AfterFunc(ctx, func() { report(health(ctx, ctx.Err())) })
	defer stop()

	told := errUnhealthy // stands if call panics or ends its goroutine
	defer func() { report(told) }()
	err = call(ctx)
	told = health(ctx, err)
	return err
}

// enter takes a slot.
func (g *guard) enter(ctx context.Context) error {
	switch g.breaker.State() {
	case gobreaker.StateOpen:
		return g.refusal()
	case gobreaker.StateHalfOpen:
		// Slots that are taken now belong to the probe, or to calls that hang since before the
		// breaker opened. Waiting for either helps nobody.
		select {
		case g.slots <- struct{}{}:
			return nil
		default:
			return g.refusal()
		}
	}
	if ctx.Err() == nil { // a slot that comes free as time runs out helps nobody
		select {
		case g.slots <- struct{}{}:
			if ctx.Err() == nil {
				return nil
			}
			<-g.slots
		case <-ctx.Done():
		}
	}
	return &StoreError{Reason: ReasonOverloaded, RetryAfter: time.Second, Err: ctx.Err()}
}

// refusal is the answer without a call.
func (g *guard) refusal() error {
	wait := g.openFor - time.Duration(cache.Now().Mono-g.opened.Load())
	// Half-open, with the one probe under way: there is no instant to name, only "soon".
	return &StoreError{Reason: ReasonBreakerOpen, RetryAfter: min(max(wait, time.Second), g.openFor)}
}
