package gatetest

import (
	"errors"
	"testing"

	"github.com/skugate/skugate/core"
)

// attachments is that a route which only attaches never refuses.
func attachments(t *testing.T, a *adapter) {
	broken := a.credentials(func(headerFunc) (core.Credentials, error) { panic("broken") })
	for _, c := range []struct {
		name    string
		noGate  bool
		r       core.Requirement // default: vip
		who     any              // default: one
		script  func(*Store)
		lines   []string // default: alice with her token
		outcome core.Outcome
		reason  core.Reason
	}{
		{name: "an owner", outcome: core.Granted, reason: core.ReasonActive},
		{name: "without a token", lines: []string{"X-Player: alice"}, outcome: core.Denied, reason: core.ReasonTokenMissing},
		{name: "with two tokens", lines: append(as("alice", "vip.alice"), "X-Purchase-Token: vip.alice"), outcome: core.Denied, reason: core.ReasonInvalidToken},
		{name: "without an account", lines: []string{"X-Purchase-Token: vip.alice"}, outcome: core.Denied, reason: core.ReasonAccountMissing},
		{name: "a stranger", lines: as("alice", "vip.bob"), outcome: core.Denied, reason: core.ReasonAccountMismatch},
		{name: "an unknown purchase", lines: as("alice", "vip.nobody"), outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "with the store down", script: func(s *Store) { s.Down(errors.New("down")) }, reason: core.ReasonUpstreamUnavailable},
		{name: "with a store that panics", script: func(s *Store) { s.Panic(vip, "vip.alice", "broken") }, reason: core.ReasonPanicked},
		{name: "with a nil gate", noGate: true, reason: core.ReasonMisconfigured},
		{name: "with a requirement of nothing", r: core.AnyOf(), reason: core.ReasonMisconfigured},
		{name: "with credentials that panic", who: broken, reason: core.ReasonLookupFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newShop()
			if c.script != nil {
				c.script(store)
			}
			gate := newGate(t, store)
			if c.noGate {
				gate = nil
			}
			if c.r == nil {
				c.r = vip
			}
			if c.who == nil {
				c.who = a.one()
			}
			if c.lines == nil {
				c.lines = as("alice", "vip.alice")
			}
			handler := &premium{do: func(r Request) Response {
				if d, ok := core.FromContext(r.Context); !r.Found || !ok || d != r.Decision || d.Outcome != c.outcome || d.Reason != c.reason {
					t.Errorf("From = %v %q, %v; core.FromContext = %v %q, %v; want %v %q", r.Decision.Outcome, r.Decision.Reason, r.Found, d.Outcome, d.Reason, ok, c.outcome, c.reason)
				}
				return Response{Status: 202}
			}}
			address := a.serve(t, handler.at("/raids", a.attach(gate, c.r, c.who)))
			if got := get(t, address, c.lines...); got.code() != 202 || got.body != "" {
				t.Errorf("got\n%s", got)
			}
			handler.wantRuns(t, 1)
		})
	}
	t.Run("a cold token holds nobody up for long, and its look-up goes on", func(t *testing.T) {
		told := make(chan core.Decision, 1)
		handler := &premium{do: func(r Request) Response { told <- r.Decision; return Response{} }}
		store := newShop()
		release := store.Hang(vip, "vip.alice")
		defer release()
		gate := newGate(t, store)
		address := a.serve(t, handler.at("/raids", a.attach(gate, vip, a.one())), handler.at("/wait", a.require(gate, vip, a.one())))
		ask := func(path string) core.Decision {
			t.Helper()
			if got := send(t, address, "GET", path, as("alice", "vip.alice")...); got.code() != 200 {
				t.Fatalf("got\n%s", got)
			}
			return next(t, "a visit", told)
		}
		for range 2 { // the second one joins the look-up under way
			if d := ask("/raids"); d.Outcome != core.Undetermined || d.Reason != core.ReasonDeadline {
				t.Errorf("got %v %q, want undetermined %q", d.Outcome, d.Reason, core.ReasonDeadline)
			}
		}
		release()
		if d := ask("/wait"); !d.Granted() {
			t.Errorf("a route that waits: got %v %q", d.Outcome, d.Reason)
		}
		if d := ask("/raids"); !d.Granted() || d.Source != core.SourceMemory {
			t.Errorf("after the answer: got %v %q from %q", d.Outcome, d.Reason, d.Source)
		}
		if n := store.Calls(); n != 1 {
			t.Errorf("the store was asked %d times, want once", n)
		}
	})
}
