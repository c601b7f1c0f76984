package nethttpmw_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

func TestWithDeniedStatusChangesDenialsOnly(t *testing.T) {
	paymentRequired := func(body string) string { return strings.Replace(body, `"status":403`, `"status":402`, 1) }
	handler := &premium{}
	addr := serve(t, nethttpmw.Require(newGate(t, newShop(honest)), vip, one, nethttpmw.WithDeniedStatus(402))(handler))
	const alice = "X-Player: alice"
	wantRefusal(t, get(t, addr, alice, "X-Purchase-Token: vip.bob"), 402, "", paymentRequired(bodyNotOwned))
	wantRefusal(t, get(t, addr, alice, "X-Purchase-Token: vip.nobody"), 402, "", paymentRequired(bodyNotOwned))
	wantRefusal(t, get(t, addr, alice), 400, "", bodyMissing)
	wantRefusal(t, get(t, addr, alice, "X-Purchase-Token: a,b"), 400, "", bodyMalformed)
	wantRefusal(t, get(t, addr, "X-Purchase-Token: vip.alice"), 401, "", bodyNoAccount)

	down := serve(t, nethttpmw.Require(newGate(t, newShop(failing(errors.New("down")))), vip, one, nethttpmw.WithDeniedStatus(402))(handler))
	wantRefusal(t, get(t, down, alice, "X-Purchase-Token: vip.alice"), 503, "1", bodyUnavailable)
	handler.wantRuns(t, 0)
}

func TestWithErrorHandlerAnswersInsteadOfTheReply(t *testing.T) {
	gate, handler := newGate(t, newShop(honest)), &premium{}
	addr := serve(t, nethttpmw.Require(gate, vip, one, nethttpmw.WithErrorHandler(
		func(w http.ResponseWriter, r *http.Request, d core.Decision, reply core.Reply) {
			if _, ok := nethttpmw.From(r); ok {
				t.Error("the error handler's request carries a decision as if it had been let in")
			}
			switch d.Reason {
			case core.ReasonAccountMismatch: // a detail that the reply does not tell
				w.Header().Set("X-Status", http.StatusText(reply.Status))
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "not yours")
			case core.ReasonTokenMissing:
				// Says nothing: even then the handler does not run.
			default:
				w.Header().Set("X-Page", "own")
				nethttpmw.WriteReply(w, reply)
			}
		}))(handler))

	const alice = "X-Player: alice"
	if a := get(t, addr, alice, "X-Purchase-Token: vip.bob"); a.status != 418 || a.body != "not yours" || a.header.Get("X-Status") != "Forbidden" {
		t.Errorf("its own answer: got %d %q %v", a.status, a.body, a.header)
	}
	if a := get(t, addr, alice); a.status != 200 || a.body != "" {
		t.Errorf("no answer: got %d %q", a.status, a.body)
	}
	a := get(t, addr, alice, "X-Purchase-Token: vip.nobody")
	wantRefusal(t, a, 403, "", bodyNotOwned)
	if a.header.Get("X-Page") != "own" {
		t.Error("the header that the error handler set is lost")
	}
	handler.wantRuns(t, 0)
	if a := get(t, addr, alice, "X-Purchase-Token: vip.alice"); a.status != 200 || a.body != "PREMIUM" {
		t.Errorf("granted: got %d %q", a.status, a.body)
	}
}

func TestWithConsumables(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []nethttpmw.Option
		ok   bool
	}{
		{"a consumable that nobody allowed is a fault at start", nil, false},
		{"a consumable that the route allows is none", []nethttpmw.Option{nethttpmw.WithConsumables()}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var consumed atomic.Bool
			gate := newGate(t, newShop(lapsing(func(p *core.Purchase) {
				if consumed.Load() {
					p.Consumption = core.Consumed
				}
			})))
			handler := &premium{}
			addr := serve(t, nethttpmw.Require(gate, gems, one, c.opts...)(handler))
			err := gate.Validate()
			if (err == nil) != c.ok {
				t.Errorf("Validate: %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "consumable") {
				t.Errorf("Validate does not say what is wrong: %v", err)
			}
			lines := []string{"X-Player: alice", "X-Purchase-Token: gems.alice"}
			for range 2 {
				if a := get(t, addr, lines...); a.status != 200 {
					t.Errorf("unconsumed: got %d %s", a.status, a.body)
				}
			}
			consumed.Store(true)
			if err := gate.Invalidate(t.Context(), gems, "gems.alice"); err != nil {
				t.Fatal(err)
			}
			if a := get(t, addr, lines...); outcome(a) != "403 consumed" {
				t.Errorf("consumed: got %d %s", a.status, a.body)
			}
			handler.wantRuns(t, 2)
		})
	}
}
