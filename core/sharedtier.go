package core

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/cache"
)

// tier is Config.Shared as the gate asks it. A nil tier is none.
type tier struct {
	shared Shared
	gate   *Gate
	calls  *aside
	puts   *cache.Flights[SharedQuestion, struct{}]
	unsaid forgets
	wait   time.Duration // for another instance's answer

	hits, misses, failed, implausible, waited, tookOver atomic.Uint64
}

const (
	// tierTimeout bounds a call of a Shared that does not bound itself.
	tierTimeout = 250 * time.Millisecond
	// maxTierWait and a third of Config.Timeout bound the wait for another instance's answer: the store
	// has to be asked yet if none comes.
	maxTierWait = 500 * time.Millisecond
	// The pauses between two looks whether it came.
	firstTierPause, maxTierPause = 4 * time.Millisecond, 50 * time.Millisecond
)

func newTier(g *Gate) (*tier, error) {
	c := &g.config
	if c.Shared == nil {
		return nil, nil
	}
	t := &tier{shared: c.Shared, gate: g, calls: newAside(g, "Config.Shared"), wait: min(maxTierWait, c.Timeout/3)}
	var err error
	t.puts, err = cache.NewFlights[SharedQuestion, struct{}](cache.FlightConfig[SharedQuestion]{Timeout: tierTimeout, Clone: asIs[SharedQuestion]})
	return t, err
}

// callTier makes a call of the tier, which may hang or panic and hurts nobody.
func callTier[T any](ctx context.Context, t *tier, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, tierTimeout)
	defer cancel()
	v, err := await(ctx, t.calls, call)
	if err != nil {
		t.failed.Add(1)
		if t.gate.said.due(tierFailure{}, time.Now()) {
			t.gate.log.Warn("skugate: Config.Shared cannot answer, and is not used", slog.Any("error", err))
		}
	}
	return v, err
}

// do is callTier for a call without a result.
func (t *tier) do(ctx context.Context, call func(context.Context) error) error {
	_, err := callTier(ctx, t, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}

// tierFailure is a cause that is logged.
type tierFailure struct{}

// get asks the tier, unless it could not be told that the token is to be forgotten.
func (t *tier) get(ctx context.Context, q SharedQuestion) (SharedAnswer, error) {
	if _, due := t.unsaid.get(q.SharedToken); due {
		if err := t.forget(ctx, q.SharedToken); err != nil {
			return SharedAnswer{}, err
		}
	}
	return callTier(ctx, t, func(ctx context.Context) (SharedAnswer, error) { return t.shared.Get(ctx, q) })
}

// forget tells the tier to forget a token. Until that went well nothing of the token is taken from it.
func (t *tier) forget(ctx context.Context, token SharedToken) error {
	due, _ := t.unsaid.get(token)
	err := t.do(ctx, func(ctx context.Context) error { return t.shared.Forget(ctx, token) })
	if err == nil {
		t.unsaid.settle(token, due)
	}
	return err
}

// invalidate forgets a token here and in the tier. Its error says that it is forgotten here alone. token is
// the gate's own.
func (b *backend) invalidate(ctx context.Context, token string) error {
	if b.tier == nil {
		b.facts.Invalidate(token, b.keepMarks)
		return nil
	}
	shared := b.sharedToken(token)
	// Before the mark: a look-up that sees no debt yet has begun before it, and what that found is refused.
	b.tier.unsaid.add(shared, b.keepMarks)
	b.facts.Invalidate(token, b.keepMarks)
	if err := b.tier.forget(ctx, shared); err != nil {
		return fmt.Errorf("it is forgotten here, and not in Config.Shared: %w", err)
	}
	return nil
}

func (b *backend) sharedToken(token string) SharedToken {
	return SharedToken{Store: b.id, Origin: b.info, Token: token}
}

func (t *tier) stats() (s SharedStats) {
	if t == nil {
		return s
	}
	s = SharedStats{
		Hits: t.hits.Load(), Misses: t.misses.Load(), Failed: t.failed.Load(), Implausible: t.implausible.Load(),
		Waited: t.waited.Load(), TookOver: t.tookOver.Load(), Unforgotten: t.unsaid.len(),
	}
	defer func() {
		if v := recover(); v != nil {
			_ = t.gate.recovered("SharedReporter.TierStats", v) // which logs it
		}
	}()
	if r, ok := t.shared.(SharedReporter); ok {
		s.Tier = r.TierStats()
	}
	return s
}

// close waits for what is on its way to the tier.
func (t *tier) close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.puts.Close(ctx)
}
