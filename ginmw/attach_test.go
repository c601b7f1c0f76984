package ginmw_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/ginmw"
)

// What a request costs that memory answers, over an engine with nothing in front of the handler.
func TestARequestAnsweredFromMemoryAllocatesAtMostOnce(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	lasting := func(c *core.Config) {
		c.Lifetimes = core.Lifetimes{Fresh: time.Hour, Denied: time.Hour, Absent: time.Hour}
	}
	type key struct{}
	for _, c := range []struct {
		name  string
		opts  []ginmw.Option
		token string
		want  int
		runs  float64
	}{
		{"an owner's", nil, "vip.alice", 204, 1},
		{"an owner's, in place", []ginmw.Option{ginmw.WithRequestInPlace()}, "vip.alice", 204, 1},
		{"a purchase that the store does not know", nil, "vip.nobody", 403, 0},
		{"somebody else's purchase", nil, "vip.bob", 403, 0},
		{"somebody else's purchase, answered with 402", []ginmw.Option{ginmw.WithDeniedStatus(402)}, "vip.bob", 402, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			gate := newGate(t, lasting)
			engine := gin.New()
			engine.GET("/", ginmw.Require(gate, vip, one, c.opts...), func(gc *gin.Context) {
				d, ok := ginmw.From(gc)
				if e, found := core.FromContext(gc.Request.Context()); !ok || !found || d != e || !d.Granted() {
					t.Errorf("From = %v, %v; core.FromContext = %v, %v", d.Reason, ok, e.Reason, found)
				}
				gc.Status(http.StatusNoContent)
			})
			original := httptest.NewRequest("GET", "/", nil)
			original = original.WithContext(context.WithValue(original.Context(), key{}, 1)) // as a server's
			original.Header.Set("X-Player", "alice")
			original.Header.Set("X-Purchase-Token", c.token)
			r, w := new(http.Request), &dropping{header: http.Header{}}
			serve := func() {
				*r = *original // nothing that is put on it piles up
				engine.ServeHTTP(w, r)
			}
			serve() // the store is asked once
			if w.status != c.want {
				t.Fatalf("got %d, want %d", w.status, c.want)
			}
			allocs := testing.AllocsPerRun(1000, serve)
			if raceEnabled {
				t.Skip("the race detector allocates")
			}
			if allocs != c.runs {
				t.Errorf("%v allocations, want %v", allocs, c.runs)
			}
		})
	}
}

func TestWithRequestInPlace(t *testing.T) {
	gate := newGate(t)
	inner := core.Entitlement("inner", vip)
	var got *http.Request
	in := ginmw.WithRequestInPlace()
	engine := gin.New()
	engine.GET("/", ginmw.Require(gate, vip, one, in), ginmw.Require(gate, inner, one, in), func(c *gin.Context) {
		got = c.Request
		for _, requirement := range []core.Requirement{vip, inner} {
			if d, ok := core.Find(c.Request.Context(), requirement); !ok || !d.Granted() {
				t.Errorf("%v: found %v, %v", requirement, d.Reason, ok)
			}
		}
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Player", "alice")
	r.Header.Set("X-Purchase-Token", "vip.alice")
	engine.ServeHTTP(httptest.NewRecorder(), r)
	if got != r {
		t.Error("the handler got a copy of the request")
	}
	if d, ok := core.FromContext(r.Context()); !ok || !d.Granted() {
		t.Errorf("afterwards the request has the decision %v, %v", d.Reason, ok)
	}

	refused := httptest.NewRequest("GET", "/", nil)
	engine.ServeHTTP(httptest.NewRecorder(), refused)
	if _, ok := core.FromContext(refused.Context()); ok {
		t.Error("a request that was not let in has a decision")
	}
}
