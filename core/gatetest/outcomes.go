package gatetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// outcome is one way for a check to end at a route that requires vip.
type outcome struct {
	name      string
	r         core.Requirement     // default: vip
	who       func(a *adapter) any // default: one
	opts      func(a *adapter) []any
	config    func(*core.Config)
	script    func(*Store)
	before    []string // alice's tokens in earlier requests, whose answers do not matter
	meanwhile func(*testing.T, *core.Gate)
	lines     []string // default: alice with her token
	want      golden   // zero: let in
	calls     int      // look-ups
}

// staged is an outcome on a route of its own.
type staged struct {
	outcome
	path    string
	store   *Store
	gate    *core.Gate
	handler *premium
}

// outcomes answers every outcome with the same bytes.
func outcomes(t *testing.T, a *adapter) {
	var all []staged
	var routes []route
	for i, c := range append(denials(), failures()...) {
		s, built := c.stage(t, a, fmt.Sprint("/", i))
		all, routes = append(all, s), append(routes, built)
	}
	address := a.serve(t, routes...)
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) { s.run(t, address) })
	}
}

func (c outcome) stage(t *testing.T, a *adapter, path string) (staged, route) {
	if c.r == nil {
		c.r = vip
	}
	if c.lines == nil {
		c.lines = as("alice", "vip.alice")
	}
	who := a.one()
	if c.who != nil {
		who = c.who(a)
	}
	var opts []any
	if c.opts != nil {
		opts = c.opts(a)
	}
	s := staged{outcome: c, path: path, store: newShop(), handler: &premium{}}
	if c.script != nil {
		c.script(s.store)
	}
	s.gate = newGate(t, s.store, func(config *core.Config) {
		if c.config != nil {
			c.config(config)
		}
	})
	return s, s.handler.at(path, a.require(s.gate, c.r, who, opts...))
}

func (s staged) run(t *testing.T, address string) {
	for _, token := range s.before {
		send(t, address, "GET", s.path, as("alice", token)...)
	}
	if s.meanwhile != nil {
		s.meanwhile(t, s.gate)
	}
	ran := s.handler.runs.Load()
	if got := send(t, address, "GET", s.path, s.lines...); s.want == (golden{}) {
		wantLetIn(t, got)
		ran++
	} else {
		s.want.want(t, got)
	}
	s.handler.wantRuns(t, ran)
	if got := s.store.Calls(); got != s.calls {
		t.Errorf("the store was asked %d times, want %d", got, s.calls)
	}
}

// bought says what the store knows of alice's tokens.
func bought(p core.Product, change func(*core.Purchase)) func(*Store) {
	return func(s *Store) {
		purchase := Owned(p, p.ID+".alice", "alice")
		change(purchase)
		s.Put(p, purchase)
	}
}

func ended(p *core.Purchase) { p.ExpiresAt = time.Now().Add(-time.Minute) }

func payRequired(a *adapter) []any { return []any{a.withDeniedStatus(402)} }

// known looks tokens up on the server.
func known(tokens []core.Token, err error) func(*adapter) any {
	return func(a *adapter) any {
		return a.tokenLookup(player, func(context.Context, string) ([]core.Token, error) { return tokens, err })
	}
}

// denials are the outcomes granted and denied.
func denials() []outcome {
	stranger := as("alice", "vip.bob")
	return []outcome{
		{name: "an owner is let in", calls: 1},
		{name: "an owner is let in from memory", before: []string{"vip.alice"}, calls: 1},
		{name: "an owner of a consumable is let in by option", r: gems, lines: as("alice", "gems.alice"),
			opts: func(a *adapter) []any { return []any{a.withConsumables()} }, calls: 1},
		{name: "an owner whose tokens the server looks up is let in", who: known([]core.Token{{Value: "vip.bob"}}, nil), lines: []string{"X-Player: alice"}, calls: 1},

		{name: "without a token", lines: []string{"X-Player: alice"}, want: goldenMissing},
		{name: "without anything", lines: []string{"X-Nothing: here"}, want: goldenMissing},
		{name: "with a token that no store can have issued", script: func(s *Store) { s.Refuse("junk") }, lines: as("alice", "junk"), want: goldenMalformed},
		{name: "with two tokens", lines: append(as("alice", "vip.alice"), "X-Purchase-Token: vip.alice"), want: goldenMalformed},
		{name: "without an account", lines: []string{"X-Purchase-Token: vip.alice"}, want: goldenNoAccount},
		{name: "without an account, where the server would look tokens up", who: known(nil, errors.New("not reached")), lines: []string{"X-Nothing: here"}, want: goldenNoAccount},

		{name: "with a token that names no purchase", lines: as("alice", "vip.nobody"), want: goldenNotOwned, calls: 1},
		{name: "with the token of another product", lines: as("alice", "pass.alice"), want: goldenNotOwned, calls: 1},
		{name: "with the token of another account", lines: stranger, want: goldenNotOwned, calls: 1},
		{name: "with the lapsed token of another account", script: func(s *Store) { s.Put(vip, Lapsed(vip, "vip.bob", "bob")) }, lines: stranger, want: goldenNotOwned, calls: 1},
		{name: "with an unlabelled token that another account presented first",
			script: func(s *Store) { s.Put(vip, Owned(vip, "vip.found", "")) },
			before: []string{"vip.found"}, lines: as("bob", "vip.found"), want: goldenNotOwned, calls: 1},
		{name: "with an unlabelled token where the server has to bind", config: func(c *core.Config) { c.Binding = core.BindingRequire },
			script: func(s *Store) { s.Put(vip, Owned(vip, "vip.found", "")) }, lines: as("alice", "vip.found"), want: goldenNotOwned, calls: 1},
		{name: "with no token in the server's records", who: known(nil, nil), lines: []string{"X-Player: alice"}, want: goldenNotOwned},
		{name: "with a token refused by the store", script: func(s *Store) { s.Fail(vip, "vip.alice", &core.StoreError{Fault: core.FaultTokenRefused}) },
			want: goldenMalformed, calls: 1},
		{name: "against an override that denies", config: func(c *core.Config) {
			c.Override = func(context.Context, string, core.Requirement) core.Outcome { return core.Denied }
		}, want: goldenNotOwned},
		{name: "with a token that names no purchase, where payment is required", opts: payRequired, lines: as("alice", "vip.nobody"), want: goldenNotOwned402, calls: 1},
		{name: "without a token, where payment is required", opts: payRequired, lines: []string{"X-Player: alice"}, want: goldenMissing},
		{name: "with a malformed token, where payment is required", opts: payRequired, lines: as("alice", "a,b"), want: goldenMalformed},
		{name: "without an account, where payment is required", opts: payRequired, lines: []string{"X-Purchase-Token: vip.alice"}, want: goldenNoAccount},

		{name: "with a subscription that ended", script: func(s *Store) { s.Put(vip, Lapsed(vip, "vip.alice", "alice")) }, want: goldenExpired, calls: 1},
		{name: "with a subscription that ended, where payment is required", opts: payRequired, script: func(s *Store) { s.Put(vip, Lapsed(vip, "vip.alice", "alice")) },
			want: goldenExpired402, calls: 1},
		{name: "with a subscription that is paused", script: bought(vip, func(p *core.Purchase) { ended(p); p.PausesAt = time.Now().Add(-2 * time.Minute) }),
			want: goldenPaused, calls: 1},
		{name: "with a subscription on hold", script: bought(vip, func(p *core.Purchase) { ended(p); p.Payment = core.PaymentPending }), want: goldenOnHold, calls: 1},
		{name: "with a subscription whose renewal is under way", script: bought(vip, ended), want: goldenRenewal, calls: 1},
		{name: "with a subscription that was never paid", script: bought(vip, func(p *core.Purchase) { p.Payment, p.ID = core.PaymentPending, "" }), want: goldenPending, calls: 1},
		{name: "with a purchase that the server voided", meanwhile: func(t *testing.T, g *core.Gate) {
			if err := g.Void(t.Context(), core.Void{Store: "shop", Token: "vip.alice"}); err != nil {
				t.Error(err)
			}
		}, want: goldenVoided, calls: 1},
		{name: "with a purchase that was used up", r: skin, lines: as("alice", "skin.alice"), script: func(s *Store) { s.Put(skin, Lapsed(skin, "skin.alice", "alice")) },
			want: goldenConsumed, calls: 1},
		{name: "with a purchase that was cancelled", r: skin, lines: as("alice", "skin.alice"), script: bought(skin, func(p *core.Purchase) { p.State = core.StateCanceled }),
			want: goldenCanceled, calls: 1},
	}
}

// failures are the outcomes undetermined.
func failures() []outcome {
	down := func(err error) func(*Store) { return func(s *Store) { s.Down(err) } }
	return []outcome{
		{name: "with the second unknown token of an account that may have one",
			config: func(c *core.Config) { c.UnknownTokens = core.UnknownTokens{Burst: 1, Every: 10 * time.Second} },
			before: []string{"first.nobody"}, lines: as("alice", "second.nobody"), want: goldenTooMany, calls: 1},
		{name: "in an outage, with the store's wait rounded up", script: down(&core.StoreError{RetryAfter: 6100 * time.Millisecond, Err: errors.New("secret detail")}),
			want: goldenUnavailable.after("7"), calls: 1},
		{name: "in an outage of unknown length", script: down(errors.New("connection refused")), want: goldenUnavailable, calls: 1},
		{name: "in an outage of a day", script: down(&core.StoreError{RetryAfter: 24 * time.Hour}), want: goldenUnavailable.after("3600"), calls: 1},
		{name: "in an outage, where payment is required", opts: payRequired, script: down(errors.New("connection refused")), want: goldenUnavailable, calls: 1},
		{name: "with a store that says nothing", script: func(s *Store) { s.Fail(vip, "vip.alice", nil) }, want: goldenUnavailable, calls: 1},
		{name: "with a store that leaves out what decides", script: bought(vip, func(p *core.Purchase) { p.ExpiresAt = time.Time{} }), want: goldenUnavailable, calls: 1},
		{name: "with an open breaker", script: down(errors.New("down")), config: func(c *core.Config) { c.Guard = core.Guard{TripAfter: 1, OpenFor: time.Hour} },
			before: []string{"vip.alice"}, want: goldenUnavailable.after("3600"), calls: 1},
		{name: "with a store that is too slow", script: func(s *Store) { s.Hang(vip, "vip.alice") },
			config: func(c *core.Config) { c.Timeout = 20 * time.Millisecond }, want: goldenDeadline, calls: 1},
		{name: "with a store that refuses our credentials", script: down(&core.StoreError{Fault: core.FaultMisconfigured, Reason: core.ReasonUpstreamAuth}),
			want: goldenMisconfigured, calls: 1},
		{name: "with a store that refuses our request", script: down(&core.StoreError{Fault: core.FaultMisconfigured}), want: goldenMisconfigured, calls: 1},
		{name: "with server records that cannot be read", who: known(nil, errors.New("database down")), lines: []string{"X-Player: alice"}, want: goldenUnavailable},
		{name: "with a gate that was closed", before: []string{"vip.alice"}, meanwhile: func(t *testing.T, g *core.Gate) {
			if err := g.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}, want: goldenUnavailable, calls: 1},
	}
}
