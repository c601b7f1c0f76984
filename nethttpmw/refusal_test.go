package nethttpmw_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// The bodies as they go over the wire.
const (
	bodyMissing      = `{"type":"about:blank","title":"A purchase token is required.","status":400,"reason":"purchase_token_missing","product":"vip","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`
	bodyMalformed    = `{"type":"about:blank","title":"The purchase token is malformed.","status":400,"reason":"purchase_token_malformed","product":"vip","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`
	bodyNoAccount    = `{"type":"about:blank","title":"The request names no account.","status":401,"reason":"account_missing","product":"vip","retryable":false,"iap":{"group":"client","code":101,"name":"AUTHORIZATION_ERROR"}}`
	bodyNotOwned     = `{"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`
	bodyExpired      = `{"type":"about:blank","title":"The purchase does not grant the product now.","status":403,"reason":"expired","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`
	bodyPending      = `{"type":"about:blank","title":"A payment for the product is not finished.","status":403,"reason":"payment_pending","product":"vip","retryable":true,"iap":{"group":"client","code":116,"name":"APP_STORE_REMAINS_PAYMENT"}}`
	bodyTooMany      = `{"type":"about:blank","title":"Too many unknown purchase tokens.","status":429,"reason":"too_many_unknown_tokens","product":"vip","retryable":true,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`
	bodyUnavailable  = `{"type":"about:blank","title":"The store cannot be asked right now.","status":503,"reason":"store_unavailable","product":"vip","retryable":true,"iap":{"group":"client","code":113,"name":"SERVER_NETWORK_FAIL"}}`
	bodyDeadline     = `{"type":"about:blank","title":"The store did not answer in time.","status":503,"reason":"store_unavailable","product":"vip","retryable":true,"iap":{"group":"client","code":100,"name":"NETWORK_TIMEOUT"}}`
	bodyMisconfigure = `{"type":"about:blank","title":"The server cannot ask the store.","status":503,"reason":"store_misconfigured","product":"vip","retryable":true,"iap":{"group":"web-console","code":5003,"name":"INVALID_AUTHENTICATED"}}`
)

// wantRefusal compares an answer byte for byte.
func wantRefusal(t *testing.T, a answer, status int, retryAfter, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got %d %s\nwant %d %s", a.status, a.body, status, body)
	}
	for name, want := range map[string]string{
		"Content-Type":   "application/problem+json",
		"Cache-Control":  "no-store",
		"Retry-After":    retryAfter,
		"Content-Length": strconv.Itoa(len(body)),
	} {
		if got := strings.Join(a.header[name], " | "); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	const alice, token = "X-Player: alice", "X-Purchase-Token: vip.alice"
	outage := &core.StoreError{RetryAfter: 6100 * time.Millisecond, Err: errors.New("secret detail")}
	for _, c := range []struct {
		name       string
		answer     script // default: honest
		config     func(*core.Config)
		before     [][]string // requests made earlier, whose answers do not matter
		lines      []string
		status     int
		retryAfter string
		body       string
		lookups    int
	}{
		{name: "without a token", lines: []string{alice}, status: 400, body: bodyMissing},
		{name: "without a token and an account", status: 400, body: bodyMissing},
		{name: "a token that no store can have issued", lines: []string{alice, "X-Purchase-Token: nodot"}, status: 400, body: bodyMalformed},
		{name: "two tokens", lines: []string{alice, token, token}, status: 400, body: bodyMalformed},
		{name: "without an account nothing is looked up", lines: []string{token}, status: 401, body: bodyNoAccount},
		{name: "an unknown purchase", lines: []string{alice, "X-Purchase-Token: vip.nobody"}, status: 403, body: bodyNotOwned, lookups: 1},
		{name: "a purchase of another product", lines: []string{alice, "X-Purchase-Token: pass.alice"}, status: 403, body: bodyNotOwned, lookups: 1},
		{name: "the purchase of another account", lines: []string{alice, "X-Purchase-Token: vip.bob"}, status: 403, body: bodyNotOwned, lookups: 1},
		{
			name:   "the lapsed purchase of another account is not told apart",
			answer: lapsing(func(p *core.Purchase) { p.ExpiresAt, p.AutoRenewing = time.Now().Add(-time.Minute), false }),
			lines:  []string{alice, "X-Purchase-Token: vip.bob"}, status: 403, body: bodyNotOwned, lookups: 1,
		},
		{
			name:   "a lapsed subscription",
			answer: lapsing(func(p *core.Purchase) { p.ExpiresAt, p.AutoRenewing = time.Now().Add(-time.Minute), false }),
			lines:  []string{alice, token}, status: 403, body: bodyExpired, lookups: 1,
		},
		{
			name:   "a payment under way",
			answer: lapsing(func(p *core.Purchase) { p.Payment, p.ID = core.PaymentPending, "" }),
			lines:  []string{alice, token}, status: 403, body: bodyPending, lookups: 1,
		},
		{
			name:   "the second unknown token of an account that may have one",
			config: func(c *core.Config) { c.UnknownTokens = core.UnknownTokens{Burst: 1, Every: 10 * time.Second} },
			before: [][]string{{alice, "X-Purchase-Token: first.nobody"}},
			lines:  []string{alice, "X-Purchase-Token: second.nobody"}, status: 429, retryAfter: "10", body: bodyTooMany, lookups: 1,
		},
		{
			name: "an outage, with the store's own wait rounded up", answer: failing(outage),
			lines: []string{alice, token}, status: 503, retryAfter: "7", body: bodyUnavailable, lookups: 1,
		},
		{
			name: "an outage of unknown length", answer: failing(errors.New("connection refused")),
			lines: []string{alice, token}, status: 503, retryAfter: "1", body: bodyUnavailable, lookups: 1,
		},
		{
			name: "an outage that the store says lasts a day", answer: failing(&core.StoreError{RetryAfter: 24 * time.Hour}),
			lines: []string{alice, token}, status: 503, retryAfter: "3600", body: bodyUnavailable, lookups: 1,
		},
		{
			name: "a store that says nothing", answer: failing(nil),
			lines: []string{alice, token}, status: 503, retryAfter: "1", body: bodyUnavailable, lookups: 1,
		},
		{
			name: "an open breaker", answer: failing(errors.New("down")),
			config: func(c *core.Config) { c.Guard = core.Guard{TripAfter: 1, OpenFor: time.Hour} },
			before: [][]string{{alice, token}},
			lines:  []string{alice, token}, status: 503, retryAfter: "3600", body: bodyUnavailable, lookups: 1,
		},
		{
			name: "a store that is too slow",
			answer: func(ctx context.Context, _ core.Product, _ string) (*core.Purchase, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
			config: func(c *core.Config) { c.Timeout = 10 * time.Millisecond },
			lines:  []string{alice, token}, status: 503, retryAfter: "1", body: bodyDeadline, lookups: 1,
		},
		{
			name: "credentials that the store refuses", answer: failing(&core.StoreError{Fault: core.FaultMisconfigured}),
			lines: []string{alice, token}, status: 503, retryAfter: "1", body: bodyMisconfigure, lookups: 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.answer == nil {
				c.answer = honest
			}
			store := newShop(c.answer)
			config := func(*core.Config) {}
			if c.config != nil {
				config = c.config
			}
			handler := &premium{}
			addr := serve(t, nethttpmw.Require(newGate(t, store, config), vip, one)(handler))
			for _, lines := range c.before {
				get(t, addr, lines...)
			}
			wantRefusal(t, get(t, addr, c.lines...), c.status, c.retryAfter, c.body)
			handler.wantRuns(t, 0)
			if got := store.lookups(); got != c.lookups {
				t.Errorf("the store was asked %d times, want %d", got, c.lookups)
			}
		})
	}
}

func TestAClosedGateRefuses(t *testing.T) {
	store, handler := newShop(honest), &premium{}
	gate := newGate(t, store)
	addr := serve(t, nethttpmw.Require(gate, vip, one)(handler))
	lines := []string{"X-Player: alice", "X-Purchase-Token: vip.alice"}
	if a := get(t, addr, lines...); a.status != 200 {
		t.Fatalf("before closing: got %d %s", a.status, a.body)
	}
	if err := gate.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, get(t, addr, lines...), 503, "1", bodyUnavailable)
	handler.wantRuns(t, 1)
}

func TestARefusalReplacesHeadersThatAFrontHandlerSet(t *testing.T) {
	handler := &premium{}
	gated := nethttpmw.Require(newGate(t, newShop(honest)), vip, one)(handler)
	addr := serve(t, before(gated, "Content-Type", "text/html", "Cache-Control", "public, max-age=3600", "X-Trace", "kept"))
	a := get(t, addr, "X-Player: alice")
	wantRefusal(t, a, 400, "", bodyMissing)
	if got := a.header.Get("X-Trace"); got != "kept" {
		t.Errorf("X-Trace is %q, want kept", got)
	}
}
