package nethttpmw_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

func TestTokenLookup(t *testing.T) {
	answering := func(tokens []core.Token, err error) func(context.Context, string) ([]core.Token, error) {
		return func(context.Context, string) ([]core.Token, error) { return tokens, err }
	}
	const alice = "X-Player: alice"
	for _, c := range []struct {
		name    string
		tokens  func(context.Context, string) ([]core.Token, error)
		lines   []string
		status  int
		retry   string
		body    string // default: the handler's
		lookups int64  // of the game's records
	}{
		{name: "a token on record lets in", tokens: answering([]core.Token{{Value: "vip.alice"}}, nil),
			lines: []string{alice}, status: 200, lookups: 1},
		{name: "one of several lets in", tokens: answering([]core.Token{{Value: "vip.nobody"}, {Value: "pass.alice", Product: "pass"}, {Value: "vip.alice", Store: "shop", Product: "vip"}}, nil),
			lines: []string{alice}, status: 200, lookups: 1},
		{name: "the game's word binds a purchase that is labelled otherwise", tokens: answering([]core.Token{{Value: "vip.bob"}}, nil),
			lines: []string{alice}, status: 200, lookups: 1},
		{name: "no tokens on record is a denial", tokens: answering([]core.Token{}, nil),
			lines: []string{alice}, status: 403, body: bodyNotOwned, lookups: 1},
		{name: "nil is no tokens", tokens: answering(nil, nil),
			lines: []string{alice}, status: 403, body: bodyNotOwned, lookups: 1},
		{name: "a token that the request brings does not count", tokens: answering(nil, nil),
			lines: []string{alice, "X-Purchase-Token: vip.alice"}, status: 403, body: bodyNotOwned, lookups: 1},
		{name: "records that fail say nothing about the player", tokens: answering(nil, errors.New("db01 is down")),
			lines: []string{alice}, status: 503, retry: "1", body: bodyUnavailable, lookups: 1},
		{name: "tokens beside an error do not count", tokens: answering([]core.Token{{Value: "vip.alice"}}, errors.New("half read")),
			lines: []string{alice}, status: 503, retry: "1", body: bodyUnavailable, lookups: 1},
		{name: "without an account nothing is looked up", tokens: answering([]core.Token{{Value: "vip.alice"}}, nil),
			status: 401, body: bodyNoAccount},
	} {
		t.Run(c.name, func(t *testing.T) {
			type key struct{}
			var lookups atomic.Int64
			who := nethttpmw.TokenLookup(player, func(ctx context.Context, account string) ([]core.Token, error) {
				lookups.Add(1)
				if account != "alice" || ctx.Value(key{}) != "request" {
					t.Errorf("looked up for %q with the value %v", account, ctx.Value(key{}))
				}
				return c.tokens(ctx, account)
			})
			handler := &premium{}
			gated := nethttpmw.Require(newGate(t, newShop(honest)), vip, who)(handler)
			addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				gated.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "request")))
			}))
			a := get(t, addr, c.lines...)
			if c.status == 200 {
				if a.status != 200 || a.body != "PREMIUM" {
					t.Errorf("got %d %s, want 200", a.status, a.body)
				}
				handler.wantRuns(t, 1)
			} else {
				wantRefusal(t, a, c.status, c.retry, c.body)
				handler.wantRuns(t, 0)
			}
			if got := lookups.Load(); got != c.lookups {
				t.Errorf("the records were asked %d times, want %d", got, c.lookups)
			}
		})
	}
}
