package nethttpmw_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// spilling panics with what a log must not hold.
func spilling() { panic("value of vip.alice") }

// brokenOwners is a registry that panics.
type brokenOwners struct{ core.Owners }

func (brokenOwners) Owner(context.Context, core.StoreID, string) (core.Ownership, bool, error) {
	spilling()
	return core.Ownership{}, false, nil
}

func TestAPanicInTheEmbeddersCodeIsContained(t *testing.T) {
	unlabelled := lapsing(func(p *core.Purchase) { p.Label = "" })
	for _, c := range []struct {
		name   string
		who    nethttpmw.CredentialsFunc // default: one
		answer script                    // default: honest
		config func(*core.Config)
	}{
		{name: "in the account function of TokenHeader",
			who: nethttpmw.TokenHeader("X-Purchase-Token", func(*http.Request) string { spilling(); return "alice" })},
		{name: "in the account function of TokensHeader",
			who: nethttpmw.TokensHeader("X-Purchase-Token", func(*http.Request) string { spilling(); return "alice" })},
		{name: "in the account function of TokenLookup",
			who: nethttpmw.TokenLookup(func(*http.Request) string { spilling(); return "alice" }, nil)},
		{name: "in the look-up of TokenLookup",
			who: nethttpmw.TokenLookup(player, func(context.Context, string) ([]core.Token, error) { spilling(); return nil, nil })},
		{name: "in a credentials function",
			who: func(*http.Request) (core.Credentials, error) { spilling(); return core.Credentials{}, nil }},
		{name: "with http.ErrAbortHandler in a credentials function",
			who: func(*http.Request) (core.Credentials, error) { panic(http.ErrAbortHandler) }},
		{name: "because the account function is nil", who: nethttpmw.TokenHeader("X-Purchase-Token", nil)},
		{name: "because the look-up is nil", who: nethttpmw.TokenLookup(player, nil)},
		{name: "in the store", answer: func(context.Context, core.Product, string) (*core.Purchase, error) { spilling(); return nil, nil }},
		{name: "in the rule", config: func(c *core.Config) { c.Rule = func(core.RuleInput) core.Verdict { spilling(); return core.Verdict{} } }},
		{name: "in the override", config: func(c *core.Config) {
			c.Override = func(context.Context, string, core.Requirement) core.Outcome { spilling(); return core.Granted }
		}},
		{name: "in the owners' registry", answer: unlabelled, config: func(c *core.Config) { c.Owners = brokenOwners{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.who == nil {
				c.who = one
			}
			if c.answer == nil {
				c.answer = honest
			}
			var log safeBuffer
			gate := newGate(t, newShop(c.answer), func(config *core.Config) {
				config.Logger = slog.New(slog.NewTextHandler(&log, nil))
				if c.config != nil {
					c.config(config)
				}
			})
			handler := &premium{}
			addr := serve(t, nethttpmw.Require(gate, vip, c.who)(handler))
			for range 2 { // and the server goes on
				wantRefusal(t, get(t, addr, "X-Player: alice", "X-Purchase-Token: vip.alice"), 503, "1", bodyUnavailable)
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
}

// safeBuffer is a log that servers write and a test reads.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// noting sends on what h panics with, and panics on.
func noting(panics chan<- any, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				panics <- v
				panic(v)
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// An error handler is a handler: net/http contains its panic and drops the connection.
func TestAPanicInTheErrorHandlerIsTheServersToContain(t *testing.T) {
	handler := &premium{}
	gated := nethttpmw.Require(newGate(t, newShop(honest)), vip, one,
		nethttpmw.WithErrorHandler(func(http.ResponseWriter, *http.Request, core.Decision, core.Reply) { panic("broken page") }))(handler)
	panics := make(chan any, 1)
	addr := serve(t, noting(panics, gated))
	c := dial(t, addr)
	c.send(t, request("GET", "X-Player: alice"))
	if rest, err := io.ReadAll(c); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v; want a closed connection", rest, err)
	}
	if v := <-panics; v != "broken page" {
		t.Errorf("a front handler saw the panic %v", v)
	}
	handler.wantRuns(t, 0)
	if a := get(t, addr, "X-Player: alice", "X-Purchase-Token: vip.alice"); a.status != 200 {
		t.Errorf("afterwards: got %d %s", a.status, a.body)
	}
	handler.wantRuns(t, 1)
}
