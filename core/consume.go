package core

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// Consumer is a Store that can use purchases up.
type Consumer interface {
	// Consume uses up token, a purchase of the managed product p. Nil means that the purchase stands and
	// is consumed. A store that tells whether this very call did it returns nil for that alone, and a
	// *StoreError with FaultTokenRefused and ReasonConsumed for a purchase that was consumed before: that
	// makes it the lock between callers that share no ledger. FaultTokenRefused with another reason means
	// that nothing was consumed; any other error leaves it open.
	Consume(ctx context.Context, p Product, token string) error
}

// CheckToConsume decides as Check does, for a caller that goes on to consume the purchase: the intent to
// deliver is not recorded in Config.Outbox, because what is consumed owes no acknowledgement, and what
// Config.Override grants counts for nothing, because it cannot be consumed.
func (g *Gate) CheckToConsume(ctx context.Context, p Product, c Credentials) Decision {
	if !g.usable() {
		return *g.misuse(p)
	}
	return g.check(ctx, g.plan(p), &c, nil, toConsume).decision()
}

// Consume uses up token, a purchase of p, at its store, behind the same bulkhead and breaker as every
// look-up, and forgets what is known of it. Granted means that the purchase is consumed now, by this call
// if the store can tell (Consumer). Denied with ReasonConsumed means that it was consumed before, denied
// otherwise that it was not and is not. Undetermined leaves it open. It asks for no account and keeps no
// record: package redeem does, and is what spends a purchase once.
//
// The call is bounded by Config.Timeout and runs on the caller's goroutine. A store that is no Consumer
// answers undetermined.
func (g *Gate) Consume(ctx context.Context, p Product, token string) (d Decision) {
	if !g.usable() {
		return *g.misuse(p)
	}
	plan := g.plan(p)
	consumer, err := g.consumer(plan, p)
	switch {
	case g.closed.Load():
		return plan.refusal(Undetermined, ReasonClosed, "", 0).decision()
	case err != nil:
		return plan.undetermined(ReasonMisconfigured, 0, &StoreError{Fault: FaultMisconfigured, Err: err}).decision()
	}
	b := g.backend(p.Store)
	defer func() {
		// However the caller's context ended: the purchase may be consumed.
		t := TokenRef{b.id, strings.Clone(token)}
		n := News{Forgotten: []TokenRef{t}}
		if err := b.invalidate(context.WithoutCancel(ctx), t.Token); err != nil {
			b.alarm(slog.LevelWarn, "what was consumed could not be forgotten", ReasonLookupFailed, err)
			n.Unshared = n.Forgotten
		}
		g.crier.tellBehind(t, n, func() {})
	}()
	defer func() {
		if v := recover(); v != nil {
			d = plan.undetermined(ReasonPanicked, 0, &StoreError{Reason: ReasonPanicked, Err: g.recovered("a store's Consume", v)}).decision()
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, g.config.Timeout)
	defer cancel()
	err = b.guard.do(ctx, func(ctx context.Context) error {
		b.calls.Add(1)
		return consumer.Consume(ctx, p, token)
	})
	if err == nil {
		b.found.Add(1)
		b.hear(nil)
		return plan.refusal(Granted, ReasonUnconsumed, SourceStore, 0).decision()
	}
	se := asStoreError(err)
	b.countFailure(se)
	b.hear(se)
	b.warn(se)
	return plan.failure(se.outcome(), se.reason(), SourceStore, 0, se).decision()
}

// consumer finds who can consume p, or says why nobody can.
func (g *Gate) consumer(plan *plan, p Product) (Consumer, error) {
	if plan.fault != nil {
		return nil, plan.fault
	}
	if c, ok := g.backend(p.Store).store.(Consumer); ok && p.consumable {
		return c, nil
	}
	if !p.consumable {
		return nil, fmt.Errorf("core: product %s is not configured as Consumable", p)
	}
	return nil, fmt.Errorf("core: the store %q cannot consume purchases", p.Store)
}

// CheckConsumable says why a purchase of p can never be consumed through this gate, or nil.
func (g *Gate) CheckConsumable(p Product) error {
	if !g.usable() {
		return errNotMade
	}
	_, err := g.consumer(g.plan(p), p)
	return err
}
