package nethttpmw_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// dropping is a writer that keeps nothing but its header and the last status.
type dropping struct {
	header http.Header
	status int
}

func (d *dropping) Header() http.Header         { return d.header }
func (d *dropping) Write(b []byte) (int, error) { return len(b), nil }
func (d *dropping) WriteHeader(status int)      { d.status = status }

// BenchmarkRequire measures one request from the mux to the end of the answer, without a socket.
func BenchmarkRequire(b *testing.B) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	lasting := func(c *core.Config) { // memory answers for as long as the benchmark runs
		c.Lifetimes = core.Lifetimes{Fresh: time.Hour, Denied: time.Hour, Absent: time.Hour}
	}
	hook := func(c *core.Config) { c.OnHandled = func(context.Context, core.Decision, int) {} }
	require := func(b *testing.B, change ...func(*core.Config)) http.Handler {
		gate := newGate(b, append(change, lasting)...)
		return nethttpmw.Require(gate, core.Entitlement("vip", vip, pass), one)(handler)
	}
	for _, c := range []struct {
		name    string
		handler func(b *testing.B) http.Handler
		token   string
		status  int
	}{
		{"bare mux", func(*testing.B) http.Handler { return handler }, "vip.alice", 204},
		{"gated hit", func(b *testing.B) http.Handler { return require(b) }, "vip.alice", 204},
		{"gated hit observed", func(b *testing.B) http.Handler { return require(b, hook) }, "vip.alice", 204},
		{"refusal from memory", func(b *testing.B) http.Handler { return require(b) }, "vip.nobody", 403},
	} {
		b.Run(c.name, func(b *testing.B) {
			mux := http.NewServeMux()
			mux.Handle("GET /raids/{id}", c.handler(b))
			r := httptest.NewRequest("GET", "/raids/7", nil)
			r.Header.Set("X-Player", "alice")
			r.Header.Set("X-Purchase-Token", c.token)
			w := &dropping{header: http.Header{}}
			mux.ServeHTTP(w, r) // the store is asked once
			b.ReportAllocs()
			for b.Loop() {
				w.status = 0
				mux.ServeHTTP(w, r)
				if w.status != c.status {
					b.Fatalf("got %d, want %d", w.status, c.status)
				}
			}
		})
	}
}
