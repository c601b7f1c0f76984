package core

import (
	"context"
	"fmt"
	"time"
)

// Health is how a gate is. It holds no token, no account and no secret.
type Health struct {
	// State is the worst of the findings', HealthReady if there is none.
	State    HealthState `json:"state"`
	Findings []Finding   `json:"findings"`
}

// HealthState is whether a gate should get requests.
type HealthState uint8

// The states, from good to bad.
const (
	HealthReady HealthState = iota
	// HealthDegraded: something is wrong that no other instance would do better, and that what is in memory
	// and the outage grace bridge. The gate should get requests.
	HealthDegraded
	// HealthNotReady: every check would be undetermined, or what was taken back is not known yet.
	HealthNotReady
)

// String is "ready", "degraded" or "not_ready".
func (s HealthState) String() string {
	switch s {
	case HealthReady:
		return "ready"
	case HealthDegraded:
		return "degraded"
	default:
		return "not_ready"
	}
}

// MarshalText is String.
func (s HealthState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is one thing that is not as it should be.
type Finding struct {
	// What is one of the words below, Store the store that it is about, empty if it is about none.
	What  string      `json:"what"`
	Store StoreID     `json:"store,omitempty"`
	State HealthState `json:"state"`
	// Detail is a sentence for an operator.
	Detail string `json:"detail"`
	// Since is when it was first noticed, zero if that is not known.
	Since time.Time `json:"since,omitzero"`
	// Err is what went wrong in Config's own parts, for the log of the program; nil for most findings. It is
	// not in JSON.
	Err error `json:"-"`
}

// String is a line for an operator.
func (f Finding) String() string {
	line := f.What
	if f.Store != "" {
		line += " of " + string(f.Store)
	}
	line += ": " + f.Detail
	if !f.Since.IsZero() {
		line += " (since " + f.Since.UTC().Format(time.RFC3339) + ")"
	}
	return line
}

// What findings are about.
const (
	FindingGate          = "gate"           // not made by New, or closed: not ready
	FindingState         = "state"          // Config.Voids or Config.Facts is not loaded: not ready
	FindingAwaited       = "awaited"        // Await: not ready
	FindingConfiguration = "configuration"  // the store refuses our credentials, rights or host: not ready if it always did
	FindingUnknownTokens = "unknown_tokens" // the store knows none of the tokens: wrong market, environment or kind?
	FindingClock         = "clock"          // the store's clock and ours are more than 5 minutes apart
	FindingBreaker       = "breaker"        // a store's circuit breaker is not closed
	FindingPause         = "pause"          // a store wants to be left alone
	FindingPart          = "part"           // a Checker of Config fails
	FindingWork          = "work"           // background work fails or is overdue
)

// Health tells how the gate is. It loads what Ready loads and asks each Checker of the configuration, as
// long as ctx lasts, and Config.Timeout at most. It calls no store, but for one that never took our
// configuration (Checker): a probe may ask every second.
func (g *Gate) Health(ctx context.Context) Health {
	if !g.usable() {
		return healthOf(Finding{What: FindingGate, State: HealthNotReady, Detail: "the gate is nil or was not made by core.New", Err: errNotMade})
	}
	if g.closed.Load() {
		return healthOf(Finding{What: FindingGate, State: HealthNotReady, Detail: "the gate is closed", Err: errClosed})
	}
	ctx, cancel := context.WithTimeout(ctx, g.config.Timeout)
	defer cancel()
	var all []Finding
	if err := g.state.load(ctx); err != nil {
		all = append(all, Finding{What: FindingState, State: HealthNotReady, Err: err,
			Detail: "what is kept cannot be loaded, and until it is every check answers undetermined: " + faultName(err)})
	}
	for _, what := range g.state.awaited() {
		all = append(all, Finding{What: FindingAwaited, State: HealthNotReady, Detail: what})
	}
	all = g.checkParts(ctx, all)
	now := time.Now()
	for _, b := range g.backends {
		all = b.findings(ctx, all, now)
	}
	for _, w := range g.works.list() {
		if f, ok := w.finding(now); ok {
			all = append(all, f)
		}
	}
	return healthOf(all...)
}

func healthOf(findings ...Finding) Health {
	h := Health{Findings: findings}
	for _, f := range findings {
		h.State = max(h.State, f.State)
	}
	return h
}

// findings adds what is wrong with a store.
func (b *backend) findings(ctx context.Context, all []Finding, now time.Time) []Finding {
	find := func(what string, state HealthState, since time.Time, format string, args ...any) {
		all = append(all, Finding{What: what, Store: b.id, State: state, Since: since, Detail: fmt.Sprintf(format, args...)})
	}
	since, always, refusing := b.refusing(ctx, now)
	s := b.stats()
	switch {
	case refusing && always:
		find(FindingConfiguration, HealthNotReady, since, "the store refuses our configuration and never took it: are the credentials, the rights and the host right?")
	case refusing:
		find(FindingConfiguration, HealthDegraded, since, "the store refuses our configuration, which it took before: were the credentials or the rights changed?")
	}
	if s.Found == 0 && s.NotFound >= allUnknown {
		find(FindingUnknownTokens, HealthDegraded, time.Time{}, "the store knows none of the %d purchase tokens so far: is the market, the environment or a product's kind wrong?", s.NotFound)
	}
	if s.ClockSkew.Abs() > clockTolerance {
		find(FindingClock, HealthDegraded, time.Time{}, "the store's clock is ahead of ours by %v", s.ClockSkew.Round(time.Second))
	}
	if s.Breaker != "closed" {
		find(FindingBreaker, HealthDegraded, s.BreakerSince, "its circuit breaker is %s", s.Breaker)
	}
	if left := s.Client.PausedUntil.Sub(now); left > 0 {
		find(FindingPause, HealthDegraded, time.Time{}, "the store wants to be left alone for %v more", left.Round(time.Second))
	}
	return all
}

// workSlack is how late work may be beyond three of its intervals, on a machine that is busy.
const workSlack = time.Minute

// finding is what is wrong with background work, if anything is.
func (w *Work) finding(now time.Time) (Finding, bool) {
	s, promised := w.now()
	f := Finding{What: FindingWork, State: HealthDegraded}
	last := promised
	for _, at := range []time.Time{s.Began, s.Succeeded} {
		if at.After(last) {
			last = at
		}
	}
	switch {
	case s.Every > 0 && now.Sub(last) > 3*s.Every+workSlack:
		f.Since, f.Detail = last, fmt.Sprintf("%s: no run has begun since then, or that one hangs; it is done every %v", s.Name, s.Every)
	case s.Fault != "":
		f.Since, f.Detail = s.Succeeded, fmt.Sprintf("%s: the last run failed: %s; since then none ended well", s.Name, s.Fault)
	default:
		return Finding{}, false
	}
	return f, true
}
