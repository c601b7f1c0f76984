package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Mode is how strictly a requirement is enforced. It can be changed while the gate runs (SetMode).
// The zero Mode is Normal.
type Mode struct {
	name  string
	until time.Time
}

// The modes' names.
const (
	modeNormal   = "normal"
	modeShadow   = "shadow"
	modeHoldOpen = "hold_open"
)

// Normal enforces: only granted requests pass.
func Normal() Mode { return Mode{} }

// Shadow evaluates, attaches, logs and counts, and lets every request through: how a team switches a
// gate on with evidence. The handler sees the real decision, so Decision.Granted can be false in it.
func Shadow() Mode { return Mode{name: modeShadow} }

// HoldOpen lets known owners in until an instant while their store cannot answer, past every outage
// grace: for a long outage of a store. An owner is known if the owners' registry has the token as the
// account's. It is counted and logged. The instant is at most 31 days ahead.
func HoldOpen(until time.Time) Mode { return Mode{name: modeHoldOpen, until: until} }

// String is "normal", "shadow" or "hold_open".
func (m Mode) String() string {
	if m.name == "" {
		return modeNormal
	}
	return m.name
}

// Until is when a HoldOpen ends; zero for the other modes.
func (m Mode) Until() time.Time { return m.until }

// maxHold keeps a forgotten HoldOpen from opening a gate for ever.
const maxHold = 31 * 24 * time.Hour

// SetMode changes the mode of every check and route on r, the same value that they were built with. It
// takes effect before it returns, and is logged.
func (g *Gate) SetMode(r Requirement, m Mode) error {
	if !g.usable() {
		return errNotMade
	}
	if isNil(r) {
		return errors.New("core: SetMode: the requirement is nil")
	}
	if ahead := time.Until(m.until); m.name == modeHoldOpen && (ahead <= 0 || ahead > maxHold) {
		return fmt.Errorf("core: SetMode: HoldOpen until %s; it must be ahead, and by %v at most", m.until.Format(time.RFC3339), maxHold)
	}
	p := g.plan(r)
	if p.fault != nil {
		return fmt.Errorf("core: SetMode: %w", p.fault)
	}
	if have, ok := g.plans.Load(r); !ok || have != any(p) {
		return fmt.Errorf("core: SetMode: the gate has met more than %d requirements; build each once", maxPlans)
	}
	p.mode.Store(&m)
	g.log.LogAttrs(context.Background(), slog.LevelWarn, "skugate: the mode of a requirement changed",
		slog.String("requirement", r.String()), slog.String("mode", m.String()), slog.Time("until", m.until))
	return nil
}

// Mode returns the mode of r.
func (g *Gate) Mode(r Requirement) Mode {
	if g.usable() && !isNil(r) {
		return g.plan(r).currentMode()
	}
	return Mode{}
}

func (p *plan) currentMode() Mode {
	if m := p.mode.Load(); m != nil {
		return *m
	}
	return Mode{}
}

// countMode counts a decision under a mode other than the usual, and logs what it let through.
func (g *Gate) countMode(p *plan, d *Decision, m Mode) {
	g.tally.count(g.tally.kind(d, m.String()))
	what := ""
	switch {
	case m.name == modeShadow && d.Outcome != Granted:
		what = "skugate: shadow mode lets through what would be refused"
	case d.Source == SourceHoldOpen:
		what = "skugate: a known owner is let in while the store cannot answer"
	default:
		return
	}
	if g.said.due(saidOfMode{p, d.Reason}, time.Now()) {
		g.log.LogAttrs(context.Background(), slog.LevelWarn, what, slog.String("requirement", p.requirement.String()),
			slog.String("outcome", d.Outcome.String()), slog.String("reason", string(d.Reason)))
	}
}

type saidOfMode struct {
	plan   *plan
	reason Reason
}

// held tells whether the mode lets the account in though its store failed: only as the owner that the
// registry knows, and never because of something that is the caller's.
func (q *inquiry) held(c *chain, leaf int, se *StoreError) bool {
	m := q.plan.currentMode()
	if m.name != modeHoldOpen || !time.Now().Before(m.until) || q.account == "" || q.why == toHandIn {
		return false
	}
	switch se.reason() {
	case ReasonCallerGone, ReasonClosed, ReasonPanicked:
		return false
	}
	b := c.backend
	if voided, superseded := b.voids.flags(c.token.Value, ""); voided || superseded {
		return false
	}
	o, ok, err := q.gate.config.Owners.Owner(q.context(), b.id, c.token.Value)
	return err == nil && ok && o.Account == q.account && o.Product == q.plan.leaves[leaf].ID
}
