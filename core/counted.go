package core

import (
	"log/slog"
	"sync/atomic"
)

// counted is what a backend counts.
type counted struct {
	calls, found, rejected, joined atomic.Uint64
	worked, workFailed             atomic.Uint64
	wouldRefuse, overBudget        atomic.Uint64
	acknowledged, acknowledgedLate atomic.Uint64
	voided                         atomic.Uint64
	latency                        stopwatch
	skew                           atomic.Int64 // the last one measured
	failed                         [FaultTokenRefused + 1]atomic.Uint64
}

// allUnknown is after how many answers "no such purchase", without one purchase found, something is more
// likely wrong with us than with the tokens.
const allUnknown = 50

func (b *backend) countFailure(se *StoreError) {
	switch se.reason() {
	case ReasonBreakerOpen, ReasonOverloaded, ReasonStorePaused:
		b.rejected.Add(1)
		return
	}
	fault := se.Fault
	if fault > FaultTokenRefused { // a fault that nobody defined decides nothing either
		fault = FaultUnavailable
	}
	n := b.failed[fault].Add(1)
	if se.Fault == FaultNotFound && n >= allUnknown && b.found.Load() == 0 {
		b.alarm(slog.LevelError, "the store knows none of the purchase tokens so far: is the market, the environment or a product's kind wrong?",
			"everything_not_found", se, slog.String("market", b.info.Market), slog.String("environment", b.info.Environment), slog.String("application", b.info.Application))
	}
}
