package gatetest

import (
	"cmp"
	"context"
	"testing"

	"github.com/skugate/skugate/core"
)

// adapter is a Mount without its type parameters: what the cases are written against. A who is the
// adapter's CredentialsFunc, an option its Option; nil stands for the nil of that type.
type adapter struct {
	require, attach           func(gate *core.Gate, r core.Requirement, who any, opts ...any) any
	tokenHeader, tokensHeader func(name string, account accountFunc) any
	tokenLookup               func(account accountFunc, tokens lookupFunc) any
	owned                     func(account accountFunc) any
	then                      func(after func(Request)) any
	credentials               func(func(header headerFunc) (core.Credentials, error)) any
	withDeniedStatus          func(int) any
	withConsumables           func() any
	withErrorHandler          func(func(core.Decision, core.Reply) core.Reply) any

	serve       func(t *testing.T, routes ...route) string
	statusError func(int) error
	noHangUps   string
	exceptions  []Exception

	documentation string
}

// route is a Route whose gates are the adapter's middleware.
type route struct {
	path    string
	front   []core.HeaderField
	gates   []any
	handler Handler
}

type (
	headerFunc  = func(name string) string
	accountFunc = func(header headerFunc) string
	lookupFunc  = func(ctx context.Context, account string) ([]core.Token, error)
)

func erase[C, M any, W ~func(C) (core.Credentials, error), O any](m Mount[C, M, W, O]) *adapter {
	header := func(c C) headerFunc {
		return func(name string) string { return m.Header(c, name) }
	}
	account := func(f accountFunc) func(C) string {
		if f == nil {
			return nil
		}
		return func(c C) string { return f(header(c)) }
	}
	middleware := func(build func(*core.Gate, core.Requirement, W, ...O) M) func(*core.Gate, core.Requirement, any, ...any) any {
		return func(g *core.Gate, r core.Requirement, who any, opts ...any) any {
			w, _ := who.(W)
			typed := make([]O, len(opts))
			for i := range opts {
				typed[i], _ = opts[i].(O)
			}
			return build(g, r, w, typed...)
		}
	}
	return &adapter{
		require:      middleware(m.Require),
		attach:       middleware(m.Attach),
		tokenHeader:  func(name string, f accountFunc) any { return m.TokenHeader(name, account(f)) },
		tokensHeader: func(name string, f accountFunc) any { return m.TokensHeader(name, account(f)) },
		tokenLookup:  func(f accountFunc, tokens lookupFunc) any { return m.TokenLookup(account(f), tokens) },
		owned:        func(f accountFunc) any { return m.Owned(account(f)) },
		then:         func(after func(Request)) any { return m.Then(after) },
		credentials: func(f func(headerFunc) (core.Credentials, error)) any {
			return W(func(c C) (core.Credentials, error) { return f(header(c)) })
		},
		withDeniedStatus: func(status int) any { return m.WithDeniedStatus(status) },
		withConsumables:  func() any { return m.WithConsumables() },
		withErrorHandler: func(change func(core.Decision, core.Reply) core.Reply) any { return m.WithErrorHandler(change) },
		serve: func(t *testing.T, routes ...route) string {
			typed := make([]Route[M], len(routes))
			for i, r := range routes {
				typed[i] = Route[M]{Path: r.path, Front: r.front, Handler: r.handler}
				for _, g := range r.gates {
					typed[i].Gates = append(typed[i].Gates, g.(M))
				}
			}
			return m.Serve(t, typed)
		},
		statusError: m.StatusError,
		noHangUps:   m.NoHangUps,
		exceptions:  m.Exceptions,

		documentation: cmp.Or(m.Documentation, documentation),
	}
}

// one is how the suite's clients present a token, unless a case says otherwise.
func (a *adapter) one() any { return a.tokenHeader("X-Purchase-Token", player) }

// player is the game's own authentication.
func player(header headerFunc) string { return header("X-Player") }
