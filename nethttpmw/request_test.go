package nethttpmw_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

type traceKey struct{}

// A request is shared with whoever stands in front: it is copied, not changed.
func TestTheOriginalRequestStaysAsItWas(t *testing.T) {
	handler := &premium{do: func(_ http.ResponseWriter, r *http.Request) {
		if d, ok := nethttpmw.From(r); !ok || !d.Granted() {
			t.Errorf("From = %+v, %v", d, ok)
		}
		if r.Context().Value(traceKey{}) != "trace" {
			t.Error("a value of the request's own context is lost")
		}
		if r.PathValue("id") != "7" {
			t.Errorf("the path value is %q, want 7", r.PathValue("id"))
		}
	}}
	mux := http.NewServeMux()
	mux.Handle("GET /raids/{id}", nethttpmw.Require(newGate(t), vip, one)(handler))
	r := signed(httptest.NewRequest("GET", "/raids/7", nil), "vip.alice")
	r = r.WithContext(context.WithValue(r.Context(), traceKey{}, "trace"))
	before := r.Context()
	mux.ServeHTTP(httptest.NewRecorder(), r)
	handler.wantRuns(t, 1)
	if r.Context() != before {
		t.Error("the original request has another context")
	}
	if d, ok := nethttpmw.From(r); ok {
		t.Errorf("the original request carries the decision %+v", d)
	}
}

func TestTheErrorHandlersRequestCarriesNoDecision(t *testing.T) {
	handler := &premium{}
	gated := nethttpmw.Require(newGate(t), vip, one, nethttpmw.WithErrorHandler(
		func(w http.ResponseWriter, r *http.Request, d core.Decision, reply core.Reply) {
			if d, ok := nethttpmw.From(r); ok {
				t.Errorf("From = %+v, as if it had been let in", d)
			}
			nethttpmw.WriteReply(w, reply)
		}))(handler)
	if w := visit(gated, "vip.bob"); w.Code != 403 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	handler.wantRuns(t, 0)
}

// sealed is a body that fails the test when it is read or closed.
type sealed struct{ t *testing.T }

func (s sealed) Read([]byte) (int, error) { s.t.Error("the gate read the body"); return 0, io.EOF }
func (s sealed) Close() error             { s.t.Error("the gate closed the body"); return nil }

func TestTheGateLeavesTheRequestBodyAlone(t *testing.T) {
	gate := newGate(t)
	for token, runs := range map[string]int64{"vip.alice": 1, "vip.bob": 0, "": 0} {
		body := sealed{t}
		handler := &premium{do: func(_ http.ResponseWriter, r *http.Request) {
			if r.Body != io.ReadCloser(body) {
				t.Error("the handler got another body")
			}
		}}
		r := signed(httptest.NewRequest("POST", "/raids/7", nil), token)
		r.Body = body
		nethttpmw.Require(gate, vip, one)(handler).ServeHTTP(httptest.NewRecorder(), r)
		handler.wantRuns(t, runs)
	}
}

// A front handler, and net/http itself, sees the very value that a handler panicked with: to
// http.ErrAbortHandler that matters.
func TestAPanicOfTheHandlerGoesOnAsItIs(t *testing.T) {
	for name, config := range map[string]func(*core.Config){
		"observed":     observing(make(chan int, 1)),
		"not observed": func(*core.Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			gated := nethttpmw.Require(newGate(t, config), vip, one)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				panic(http.ErrAbortHandler)
			}))
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("a front handler saw the panic %v", v)
				}
			}()
			visit(gated, "vip.alice")
		})
	}
}
