package nethttpmw_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

type traceKey struct{}

func TestGrantedRequestReachesTheHandlerOnce(t *testing.T) {
	gate := newGate(t, newShop(honest))
	handler := &premium{do: func(w http.ResponseWriter, r *http.Request) {
		byFrom, ok := nethttpmw.From(r)
		if !ok || !byFrom.Granted() || byFrom.Product != vip || byFrom.Purchase.Token != "vip.alice" {
			t.Errorf("From = %+v, %v", byFrom, ok)
		}
		byContext, ok := core.FromContext(r.Context())
		if !ok || byContext != byFrom {
			t.Errorf("core.FromContext = %+v, %v; want %+v", byContext, ok, byFrom)
		}
		if found, ok := core.Find(r.Context(), vip); !ok || found != byFrom {
			t.Errorf("core.Find = %+v, %v; want %+v", found, ok, byFrom)
		}
		if r.Context().Value(traceKey{}) != "trace" {
			t.Error("a value of the request's own context is lost")
		}
		if r.PathValue("id") != "7" {
			t.Errorf("the path value is %q, want 7", r.PathValue("id"))
		}
		_, _ = w.Write([]byte("PREMIUM"))
	}}
	mux := http.NewServeMux()
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, one)(handler))

	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), traceKey{}, "trace"))
		before := r.Context()
		mux.ServeHTTP(w, r)
		if r.Context() != before {
			t.Error("the original request has another context")
		}
		if d, ok := nethttpmw.From(r); ok {
			t.Errorf("the original request carries the decision %+v", d)
		}
	}))
	a := get(t, addr, "X-Player: alice", "X-Purchase-Token: vip.alice")
	if a.status != 200 || a.body != "PREMIUM" {
		t.Errorf("got %d %q, want 200 PREMIUM", a.status, a.body)
	}
	for _, name := range []string{"Cache-Control", "Retry-After"} {
		if v, ok := a.header[name]; ok {
			t.Errorf("the gate added %s %q to a granted answer", name, v)
		}
	}
	handler.wantRuns(t, 1)
}

func TestFromWithoutAGateFindsNothing(t *testing.T) {
	if d, ok := nethttpmw.From(httptest.NewRequest("GET", "/", nil)); ok || d.Granted() {
		t.Errorf("From = %+v, %v", d, ok)
	}
}

func TestNestedGatesAreBothFound(t *testing.T) {
	gate := newGate(t, newShop(honest))
	handler := &premium{do: func(_ http.ResponseWriter, r *http.Request) {
		if d, ok := nethttpmw.From(r); !ok || d.Product != pass {
			t.Errorf("From = %+v, %v; want the innermost gate's", d, ok)
		}
		for _, p := range []core.Product{vip, pass} {
			if d, ok := core.Find(r.Context(), p); !ok || d.Product != p || !d.Granted() {
				t.Errorf("core.Find(%v) = %+v, %v", p, d, ok)
			}
		}
		if d, ok := core.Find(r.Context(), gems); ok {
			t.Errorf("core.Find of what no gate asked for = %+v", d)
		}
	}}
	outer, inner := nethttpmw.Require(gate, vip, several), nethttpmw.Require(gate, pass, several)
	addr := serve(t, outer(inner(handler)))

	if a := get(t, addr, "X-Player: alice", "X-Purchase-Tokens: pass.alice, vip.alice"); a.status != 200 {
		t.Errorf("with both tokens: got %d %s", a.status, a.body)
	}
	handler.wantRuns(t, 1)
	for _, token := range []string{"vip.alice", "pass.alice"} {
		if a := get(t, addr, "X-Player: alice", "X-Purchase-Tokens: "+token); a.status != 403 {
			t.Errorf("with %s alone: got %d %s", token, a.status, a.body)
		}
	}
	handler.wantRuns(t, 1)
}

func TestEveryMethodIsGated(t *testing.T) {
	gate := newGate(t, newShop(honest))
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
		t.Run(method, func(t *testing.T) {
			handler := &premium{}
			c := dial(t, serve(t, nethttpmw.Require(gate, vip, one)(handler)))
			c.send(t, request(method))
			if a := c.final(t, method); a.status != 400 || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("without a token: got %d %v", a.status, a.header)
			}
			handler.wantRuns(t, 0)
			// On the same connection: a body after HEAD would be read as this answer.
			c.send(t, request(method, "X-Player: alice", "X-Purchase-Token: vip.alice"))
			if a := c.final(t, method); a.status != 200 {
				t.Errorf("with a token: got %d %s", a.status, a.body)
			}
			handler.wantRuns(t, 1)
		})
	}
}
