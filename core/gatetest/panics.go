package gatetest

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// spills panics with what no log may hold.
func spills() { panic("value of vip.alice") }

// spillingOwners is a registry that panics.
type spillingOwners struct{ core.Owners }

func (spillingOwners) Owner(context.Context, core.StoreID, string) (core.Ownership, bool, error) {
	spills()
	return core.Ownership{}, false, nil
}

func (spillingOwners) Owned(context.Context, string) ([]core.Ownership, error) {
	spills()
	return nil, nil
}

// panics is that a panic in the embedder's code refuses one request and harms no other.
func panics(t *testing.T, a *adapter) {
	account := func(headerFunc) string { spills(); return "alice" }
	unlabelled := func(s *Store) { s.Put(vip, Owned(vip, "vip.alice", "")) }
	for _, c := range []struct {
		name   string
		who    any // default: one
		script func(*Store)
		config func(*core.Config)
	}{
		{name: "in the account function of TokenHeader", who: a.tokenHeader("X-Purchase-Token", account)},
		{name: "in the account function of TokensHeader", who: a.tokensHeader("X-Purchase-Token", account)},
		{name: "in the account function of TokenLookup", who: a.tokenLookup(account, nil)},
		{name: "in the account function of Owned", who: a.owned(account)},
		{name: "in the look-up of TokenLookup", who: a.tokenLookup(player, func(context.Context, string) ([]core.Token, error) { spills(); return nil, nil })},
		{name: "in a credentials function", who: a.credentials(func(headerFunc) (core.Credentials, error) { spills(); return core.Credentials{}, nil })},
		{name: "with http.ErrAbortHandler in a credentials function", who: a.credentials(func(headerFunc) (core.Credentials, error) { panic(http.ErrAbortHandler) })},
		{name: "because the account function is nil", who: a.tokenHeader("X-Purchase-Token", nil)},
		{name: "because the look-up is nil", who: a.tokenLookup(player, nil)},
		{name: "in the store", script: func(s *Store) { s.Panic(vip, "vip.alice", "value of vip.alice") }},
		{name: "runtime.Goexit in the store", script: func(s *Store) {
			s.Answer(vip, "vip.alice", func(context.Context, core.Product, string) (*core.Purchase, error) { runtime.Goexit(); return nil, nil })
		}},
		{name: "in the rule", config: func(c *core.Config) { c.Rule = func(core.RuleInput) core.Verdict { spills(); return core.Verdict{} } }},
		{name: "in the override", config: func(c *core.Config) {
			c.Override = func(context.Context, string, core.Requirement) core.Outcome { spills(); return core.Granted }
		}},
		{name: "in the owners' registry", script: unlabelled, config: func(c *core.Config) { c.Owners = spillingOwners{} }},
		{name: "in the owners' registry, which is all there is", who: a.owned(player), config: func(c *core.Config) { c.Owners = spillingOwners{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.who == nil {
				c.who = a.one()
			}
			store, log, handler := newShop(), &journal{}, &premium{}
			if c.script != nil {
				c.script(store)
			}
			gate := newGate(t, store, func(config *core.Config) {
				config.Logger = slog.New(slog.NewTextHandler(log, nil))
				if c.config != nil {
					c.config(config)
				}
			})
			conn := dial(t, a.serve(t, handler.at("/raids", a.require(gate, vip, c.who))))
			for range 2 { // and the connection goes on
				got, err := conn.do("GET", head("GET", "/raids", as("alice", "vip.alice")...))
				if err != nil {
					t.Fatal(err)
				}
				goldenUnavailable.want(t, got)
			}
			handler.wantRuns(t, 0)
			text := log.String()
			if !strings.Contains(text, "panic") {
				t.Errorf("the log does not tell of the panic:\n%s", text)
			}
			if strings.Contains(text, "vip.alice") {
				t.Errorf("the log holds the panic's value:\n%s", text)
			}
		})
	}
	t.Run("in Config.OnHandled", func(t *testing.T) {
		handler := &premium{}
		gate := newGate(t, newShop(), func(c *core.Config) { c.OnHandled = func(context.Context, core.Decision, int) { spills() } })
		conn := dial(t, a.serve(t, handler.at("/raids", a.require(gate, vip, a.one()))))
		for range 2 {
			got, err := conn.do("GET", head("GET", "/raids", as("alice", "vip.alice")...))
			if err != nil {
				t.Fatal(err)
			}
			wantLetIn(t, got)
		}
		handler.wantRuns(t, 2)
	})
	t.Run("in an error handler, which is the framework's to contain", func(t *testing.T) {
		handler := &premium{}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one(),
			a.withErrorHandler(func(core.Decision, core.Reply) core.Reply { panic("broken page") }))))
		got, err := dial(t, address).do("GET", head("GET", "/raids", "X-Player: alice"))
		if err == nil && got.code() != 500 {
			t.Errorf("got\n%s", got)
		}
		handler.wantRuns(t, 0)
		wantLetIn(t, get(t, address, as("alice", "vip.alice")...))
		handler.wantRuns(t, 1)
	})
}
