package ginmw_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/ginmw"
)

// dropping is a writer that keeps nothing but its header and the last status.
type dropping struct {
	header http.Header
	status int
}

func (d *dropping) Header() http.Header         { return d.header }
func (d *dropping) Write(b []byte) (int, error) { return len(b), nil }
func (d *dropping) WriteHeader(status int)      { d.status = status }

// BenchmarkRequire measures one request from the router to the end of the answer, without a socket.
func BenchmarkRequire(b *testing.B) {
	gin.SetMode(gin.ReleaseMode)
	lasting := func(c *core.Config) { // memory answers for as long as the benchmark runs
		c.Lifetimes = core.Lifetimes{Fresh: time.Hour, Denied: time.Hour, Absent: time.Hour}
	}
	hook := func(c *core.Config) { c.OnHandled = func(context.Context, core.Decision, int) {} }
	require := func(b *testing.B, change ...func(*core.Config)) gin.HandlerFunc {
		return ginmw.Require(newGate(b, append(change, lasting)...), core.Entitlement("vip", vip), one)
	}
	for _, c := range []struct {
		name   string
		gate   func(b *testing.B) gin.HandlerFunc
		token  string
		status int
	}{
		{"bare engine", func(*testing.B) gin.HandlerFunc { return func(*gin.Context) {} }, "vip.alice", 204},
		{"gated hit", func(b *testing.B) gin.HandlerFunc { return require(b) }, "vip.alice", 204},
		{"gated hit observed", func(b *testing.B) gin.HandlerFunc { return require(b, hook) }, "vip.alice", 204},
		{"refusal from memory", func(b *testing.B) gin.HandlerFunc { return require(b) }, "vip.nobody", 403},
	} {
		b.Run(c.name, func(b *testing.B) {
			engine := gin.New()
			engine.GET("/", c.gate(b), func(c *gin.Context) { c.Status(http.StatusNoContent) })
			r := signed(c.token)
			w := &dropping{header: http.Header{}}
			engine.ServeHTTP(w, r) // the store is asked once
			b.ReportAllocs()
			for b.Loop() {
				w.status = 0
				engine.ServeHTTP(w, r)
				if w.status != c.status {
					b.Fatalf("got %d, want %d", w.status, c.status)
				}
			}
		})
	}
}
