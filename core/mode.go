package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skugate/skugate/cache"
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
// account's, under BindingRequire in the server's own name; a token of which a void is known is never
// let in, and no consumable is. It is counted and logged. The instant is at most 31 days ahead.
//
// The registry is asked after the store was waited for: such a check may take 250 ms longer than
// Config.Timeout.
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

// over tells whether the mode ended by itself.
func (m Mode) over() bool { return m.name == modeHoldOpen && !time.Now().Before(m.until) }

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
	said := []slog.Attr{slog.String("requirement", r.String()), slog.String("mode", m.String())}
	switch m.name {
	case "":
		p.mode.Store(nil) // as if none had ever been set: a hit allocates nothing
	case modeHoldOpen:
		said = append(said, slog.Time("until", m.until))
		fallthrough
	default:
		p.mode.Store(&m)
	}
	g.log.LogAttrs(context.Background(), slog.LevelWarn, "skugate: the mode of a requirement changed", said...)
	return nil
}

// Mode returns the mode of r, Normal once a HoldOpen is over.
func (g *Gate) Mode(r Requirement) Mode {
	if g.usable() && !isNil(r) {
		if p, ok := g.plans.Load(r); ok {
			return p.(*plan).currentMode()
		}
	}
	return Mode{}
}

func (p *plan) currentMode() Mode {
	if m := p.mode.Load(); m != nil && !m.over() {
		return *m
	}
	return Mode{}
}

// countMode counts a decision under a mode other than the usual, and logs what shadow mode disregards.
func (g *Gate) countMode(p *plan, d *Decision, m Mode) {
	if m.over() && d.Source != SourceHoldOpen {
		m = Mode{}
	}
	g.tally.count(g.tally.kind(d, m.String()))
	if m.name == modeShadow && d.Outcome != Granted && g.said.due(saidOfMode{p, d.Reason}, time.Now()) {
		g.log.LogAttrs(context.Background(), slog.LevelWarn, "skugate: shadow mode does not enforce what would be refused",
			slog.String("requirement", p.requirement.String()), slog.String("outcome", d.Outcome.String()), slog.String("reason", string(d.Reason)))
	}
}

type saidOfMode struct {
	plan   *plan
	reason Reason
}

// heldWait is how long the registry may take, past the time of the check, to tell a known owner.
const heldWait = 250 * time.Millisecond

// held tells whether the mode lets the account in though its store failed: only as the owner that the
// registry knows, and never because of something that is the caller's.
func (q *inquiry) held(c *chain, leaf int, se *StoreError) bool {
	m := q.plan.currentMode()
	if m.name != modeHoldOpen || q.account == "" || q.why == toHandIn {
		return false
	}
	switch se.reason() {
	case ReasonCallerGone, ReasonClosed, ReasonPanicked:
		return false
	}
	if q.why == toAttach && errors.Is(se, errWaitOver) {
		return false // the store was not heard, which is not to say that it cannot answer
	}
	p, b := &q.plan.leaves[leaf], c.backend
	if p.consumable { // it may be used up, and has no outage grace either
		return false
	}
	// Which payment is the last one cannot be found out, so a void of any counts.
	if _, taken := b.voids.tokens.Load(c.token.Value); taken {
		return false
	}
	if !q.owns(b, p, c.token.Value) {
		return false
	}
	if g := q.gate; q.why.records() && g.said.due(saidOfMode{q.plan, ReasonHeldOpen}, time.Now()) {
		g.log.LogAttrs(context.Background(), slog.LevelWarn, "skugate: a known owner is let in while the store cannot answer",
			slog.String("requirement", q.plan.requirement.String()), slog.String("product", p.String()), slog.Time("until", m.until))
	}
	return true
}

// owns tells whether the registry has the token as the account's. It is asked when the check's own time
// may be over.
func (q *inquiry) owns(b *backend, p *Product, token string) bool {
	ctx := q.context()
	if q.why != toAttach {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(q.caller, q.gate.config.Timeout+heldWait-cache.Now().Since(q.now))
		defer cancel()
	}
	o, ok, err := q.gate.config.Owners.Owner(ctx, b.id, token)
	if !ok {
		o, ok = q.claimed[ownerKey{b.id, token}]
	}
	return err == nil && ok && o.Account == q.account && o.Product == p.ID && (o.Bound || q.gate.config.Binding != BindingRequire)
}
