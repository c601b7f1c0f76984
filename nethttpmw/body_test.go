package nethttpmw_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/skugate/skugate/nethttpmw"
)

// sealed is a body that fails the test when it is read or closed.
type sealed struct{ t *testing.T }

func (s sealed) Read([]byte) (int, error) { s.t.Error("the gate read the body"); return 0, io.EOF }
func (s sealed) Close() error             { s.t.Error("the gate closed the body"); return nil }

func TestTheGateLeavesTheRequestBodyAlone(t *testing.T) {
	gate := newGate(t, newShop(honest))
	for token, runs := range map[string]int64{"vip.alice": 1, "vip.bob": 0, "": 0} {
		body := sealed{t}
		handler := &premium{do: func(_ http.ResponseWriter, r *http.Request) {
			if r.Body != io.ReadCloser(body) {
				t.Error("the handler got another body")
			}
		}}
		r := httptest.NewRequest("POST", "/raids/7", nil)
		r.Body = body
		r.Header.Set("X-Player", "alice")
		r.Header.Set("X-Purchase-Token", token)
		nethttpmw.Require(gate, vip, one)(handler).ServeHTTP(httptest.NewRecorder(), r)
		handler.wantRuns(t, runs)
	}
}

// A client that waits for leave to send its body gets it from the handler, never from the gate.
func TestABodyThatIsWaitingForLeaveIsNotAskedForByARefusal(t *testing.T) {
	handler := &premium{do: func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }}
	addr := serve(t, nethttpmw.Require(newGate(t, newShop(honest)), vip, one)(handler))
	head := func(token string) string {
		return request("POST", "Expect: 100-continue", "Content-Length: 4", "X-Player: alice", "X-Purchase-Token: "+token)
	}

	refused := dial(t, addr)
	refused.send(t, head("vip.bob"))
	if a, err := refused.receive("POST"); err != nil || a.status != 403 {
		t.Errorf("a refusal begins with %d, %v; want 403 at once", a.status, err)
	}
	handler.wantRuns(t, 0)

	granted := dial(t, addr)
	granted.send(t, head("vip.alice"))
	if a, err := granted.receive("POST"); err != nil || a.status != http.StatusContinue {
		t.Fatalf("got %d, %v; want 100", a.status, err)
	}
	granted.send(t, "BODY")
	if a := granted.final(t, "POST"); a.status != 200 || a.body != "BODY" {
		t.Errorf("got %d %q, want 200 BODY", a.status, a.body)
	}
	handler.wantRuns(t, 1)
}
