package core

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// configured is whether a store takes what we are configured with: credentials, rights, host.
type configured struct {
	refused  atomic.Int64 // since when it does not, Unix nanoseconds; 0: it does, as far as we know
	accepted atomic.Bool  // it did once
	asked    atomic.Int64 // when it was asked again, Unix nanoseconds
}

// hear learns from how a call ended, nil if well.
func (b *backend) hear(se *StoreError) {
	switch {
	case se == nil || se.Fault == FaultNotFound || se.Fault == FaultTokenRefused:
		if b.refused.Load() != 0 || !b.accepted.Load() {
			b.refused.Store(0)
			b.accepted.Store(true)
		}
	case se.Fault == FaultMisconfigured:
		if se.Reason != ReasonMisconfigured { // of one product, and the store was not asked
			b.refused.CompareAndSwap(0, time.Now().UnixNano())
		}
		b.alarm(slog.LevelError, "the store refuses our configuration", se.reason(), se)
	}
}

// askAgainEvery is how often a store is asked again that never took our configuration.
const askAgainEvery = 10 * time.Second

// refusing is since when the store refuses our configuration, and whether it never took it. Such a store is
// asked again: who is not ready gets no requests that would tell that it takes it by now.
func (b *backend) refusing(ctx context.Context, now time.Time) (since time.Time, always, refuses bool) {
	_, tells := b.store.(Checker)
	always = tells && !b.accepted.Load()
	if always && b.refused.Load() != 0 {
		last := b.asked.Load()
		if time.Duration(now.UnixNano()-last).Abs() >= askAgainEvery && b.asked.CompareAndSwap(last, now.UnixNano()) {
			_ = b.check(ctx) // heard
		}
	}
	at := b.refused.Load()
	if at == 0 {
		return time.Time{}, false, false
	}
	return time.Unix(0, at), always, true
}
