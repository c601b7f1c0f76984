package nethttpmw_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

func TestAttachNeverRefuses(t *testing.T) {
	const alice, token = "X-Player: alice", "X-Purchase-Token: vip.alice"
	good := func(t *testing.T) *core.Gate { return newGate(t, newShop(honest)) }
	for _, c := range []struct {
		name    string
		gate    func(*testing.T) *core.Gate // default: good
		r       core.Requirement            // default: vip
		who     nethttpmw.CredentialsFunc   // default: one
		lines   []string
		outcome core.Outcome
		reason  core.Reason
	}{
		{name: "an owner", lines: []string{alice, token}, outcome: core.Granted, reason: core.ReasonActive},
		{name: "without a token", lines: []string{alice}, outcome: core.Denied, reason: core.ReasonTokenMissing},
		{name: "with two tokens", lines: []string{alice, token, token}, outcome: core.Denied, reason: core.ReasonInvalidToken},
		{name: "without an account", lines: []string{token}, outcome: core.Denied, reason: core.ReasonAccountMissing},
		{name: "a stranger", lines: []string{alice, "X-Purchase-Token: vip.bob"}, outcome: core.Denied, reason: core.ReasonAccountMismatch},
		{name: "an unknown purchase", lines: []string{alice, "X-Purchase-Token: vip.nobody"}, outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "with the store down", gate: func(t *testing.T) *core.Gate { return newGate(t, newShop(failing(errors.New("down")))) },
			lines: []string{alice, token}, reason: core.ReasonUpstreamUnavailable},
		{name: "with a nil gate", gate: func(*testing.T) *core.Gate { return nil }, lines: []string{alice, token}, reason: core.ReasonMisconfigured},
		{name: "with a requirement of nothing", r: core.AnyOf(), lines: []string{alice, token}, reason: core.ReasonMisconfigured},
		{name: "with credentials that panic", who: func(*http.Request) (core.Credentials, error) { panic("broken") },
			lines: []string{alice, token}, reason: core.ReasonLookupFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.gate == nil {
				c.gate = good
			}
			if c.r == nil {
				c.r = vip
			}
			if c.who == nil {
				c.who = one
			}
			handler := &premium{do: func(w http.ResponseWriter, r *http.Request) {
				d, ok := nethttpmw.From(r)
				if !ok || d.Outcome != c.outcome || d.Reason != c.reason {
					t.Errorf("got %v %q, %v; want %v %q", d.Outcome, d.Reason, ok, c.outcome, c.reason)
				}
				w.WriteHeader(http.StatusAccepted)
			}}
			addr := serve(t, nethttpmw.Attach(c.gate(t), c.r, c.who)(handler))
			if a := get(t, addr, c.lines...); a.status != http.StatusAccepted {
				t.Errorf("got %d %s", a.status, a.body)
			}
			handler.wantRuns(t, 1)
		})
	}
}

// visit runs a gated handler in this goroutine: it returns what the handler was told and how long it
// had to wait for it.
func visit(t *testing.T, gated func(http.Handler) http.Handler, token string) (core.Decision, time.Duration) {
	t.Helper()
	r := httptest.NewRequest("GET", "/shop", nil)
	r.Header.Set("X-Player", "alice")
	r.Header.Set("X-Purchase-Token", token)
	var told core.Decision
	var waited time.Duration
	began := time.Now()
	handler := &premium{do: func(_ http.ResponseWriter, r *http.Request) {
		waited = time.Since(began)
		told, _ = nethttpmw.From(r)
	}}
	gated(handler).ServeHTTP(httptest.NewRecorder(), r)
	handler.wantRuns(t, 1)
	return told, waited
}

func TestAttachWaitsBrieflyForAColdToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		store := newShop(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			select {
			case <-release:
				return honest(ctx, p, token)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		gated := nethttpmw.Attach(newGate(t, store), vip, one)

		for i := range 2 { // the second one joins the look-up under way
			d, waited := visit(t, gated, "vip.alice")
			if d.Outcome != core.Undetermined || d.Reason != core.ReasonDeadline || waited != 50*time.Millisecond {
				t.Errorf("request %d: got %v %q after %v; want undetermined %q after 50ms", i+1, d.Outcome, d.Reason, waited, core.ReasonDeadline)
			}
		}
		close(release)
		synctest.Wait()
		if d, waited := visit(t, gated, "vip.alice"); !d.Granted() || d.Source != core.SourceMemory || waited != 0 {
			t.Errorf("after the answer: got %v %q from %q after %v", d.Outcome, d.Reason, d.Source, waited)
		}
		if n := store.lookups(); n != 1 {
			t.Errorf("the store was asked %d times, want once", n)
		}
	})
}

func TestAttachTakesAnAnswerThatComesInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gated := nethttpmw.Attach(newGate(t, newShop(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			time.Sleep(49 * time.Millisecond)
			return honest(ctx, p, token)
		})), vip, one)
		if d, waited := visit(t, gated, "vip.alice"); !d.Granted() || d.Source != core.SourceStore || waited != 49*time.Millisecond {
			t.Errorf("got %v %q from %q after %v", d.Outcome, d.Reason, d.Source, waited)
		}
	})
}

// Require, on the contrary, waits for as long as the gate's timeout lets it.
func TestRequireWaitsInFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gated := nethttpmw.Require(newGate(t, newShop(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			time.Sleep(2999 * time.Millisecond)
			return honest(ctx, p, token)
		})), vip, one)
		if d, waited := visit(t, gated, "vip.alice"); !d.Granted() || waited != 2999*time.Millisecond {
			t.Errorf("got %v %q after %v", d.Outcome, d.Reason, waited)
		}
	})
}
