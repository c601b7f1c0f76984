package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/health"
)

// open makes a gate in front of a store that knows no purchase.
func open(t *testing.T, c core.Config) (*core.Gate, *gatetest.Store) {
	t.Helper()
	store := gatetest.NewStore("shop")
	c.Stores = []core.Store{store}
	gate, err := core.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gate.Close(context.Background()) })
	return gate, store
}

func probes(t *testing.T, c health.Config) *health.Probes {
	t.Helper()
	p, err := health.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask sends a probe.
func ask(h http.Handler, method, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/readyz", nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// trip opens the gate's breaker.
func trip(gate *core.Gate, store *gatetest.Store) {
	store.Down(&core.StoreError{Reason: core.ReasonUpstreamUnavailable})
	gate.Check(context.Background(), core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}, core.Credentials{Account: "canary-account", Token: "canary-token"})
}

func TestEveryFaultOfAConfigurationIsReported(t *testing.T) {
	p, err := health.New(health.Config{Timeout: time.Hour})
	if p != nil || err == nil {
		t.Fatalf("got %v, %v", p, err)
	}
	for _, field := range []string{"Gate", "Timeout"} {
		if !strings.Contains(err.Error(), "health: Config."+field+" is ") {
			t.Errorf("nothing is said of %s: %v", field, err)
		}
	}
}

func TestWhatProbesAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, store := open(t, core.Config{Guard: core.Guard{TripAfter: 1, OpenFor: time.Hour}})
		usual := probes(t, health.Config{Gate: gate})
		strict := probes(t, health.Config{Gate: gate, DegradedIsUnavailable: true})
		for _, c := range []struct {
			name                  string
			happen                func()
			ready, strictly       int
			text                  string // the beginning
			state, what, findings string
		}{
			{"all well", func() {}, 200, 200, "ready\n", "ready", "", "[]"},
			{"degraded", func() { trip(gate, store) }, 200, 503, "degraded\nbreaker of shop: its circuit breaker is open (since 2000-01-01T00:00:00Z)\n", "degraded", "breaker", ""},
			{"not ready", func() { gate.Await("canned") }, 503, 503, "not_ready\nawaited: canned\nbreaker of shop: ", "not_ready", "awaited", ""},
		} {
			c.happen()
			if w := ask(usual.Live(), "GET", ""); w.Code != 200 || w.Body.String() != "ready\n" {
				t.Errorf("%s: alive is %d %q", c.name, w.Code, w.Body)
			}
			for _, kind := range []struct {
				probes *health.Probes
				want   int
			}{{usual, c.ready}, {strict, c.strictly}} {
				w := ask(kind.probes.Ready(), "GET", "*/*")
				if w.Code != kind.want || !strings.HasPrefix(w.Body.String(), c.text) {
					t.Errorf("%s: %d %q, want %d %q", c.name, w.Code, w.Body, kind.want, c.text)
				}
				for name, want := range map[string]string{"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8", "Vary": "Accept", "X-Content-Type-Options": "nosniff"} {
					if got := w.Header().Get(name); got != want {
						t.Errorf("%s: %s is %q, want %q", c.name, name, got, want)
					}
				}
				if head := ask(kind.probes.Ready(), "HEAD", ""); head.Code != kind.want || head.Body.Len() != 0 {
					t.Errorf("%s: HEAD is %d %q", c.name, head.Code, head.Body)
				}
			}
			w := ask(usual.Ready(), "GET", "application/json")
			var h struct {
				State    string
				Findings []struct {
					What, Store, State, Detail string
					Since                      time.Time
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil || w.Header().Get("Content-Type") != "application/json" {
				t.Fatalf("%s: %v, %q", c.name, err, w.Body)
			}
			if h.State != c.state || c.what != "" && (h.Findings[0].What != c.what || h.Findings[0].State != c.state) {
				t.Errorf("%s: %s", c.name, w.Body)
			}
			if c.findings != "" && !strings.Contains(w.Body.String(), `"findings":`+c.findings) {
				t.Errorf("%s: %s", c.name, w.Body)
			}
			if strings.Contains(w.Body.String(), "canary") {
				t.Errorf("%s: it holds a secret: %s", c.name, w.Body)
			}
		}
		if w := ask(usual.Ready(), "POST", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST is %d with %v", w.Code, w.Header())
		}
	})
}

// slow is a list of voids that is loaded for a minute.
type slow struct{ core.Voids }

func (slow) Load(ctx context.Context) (core.VoidLog, error) {
	select {
	case <-time.After(time.Minute):
		return core.VoidLog{}, nil
	case <-ctx.Done():
		return core.VoidLog{}, errors.New("canary")
	}
}

func TestAProbeWaitsNoLongerThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, _ := open(t, core.Config{Voids: slow{core.NewMemoryVoids()}})
		began := time.Now()
		w := ask(probes(t, health.Config{Gate: gate, Timeout: 2 * time.Second}).Ready(), "GET", "")
		if took := time.Since(began); w.Code != 503 || took != 2*time.Second || strings.Contains(w.Body.String(), "canary") {
			t.Errorf("%d after %v: %q", w.Code, took, w.Body)
		}
		time.Sleep(time.Minute)
	})
}

func TestProbesInTheFrameworks(t *testing.T) {
	gate, store := open(t, core.Config{Guard: core.Guard{TripAfter: 1}})
	trip(gate, store)
	ready := probes(t, health.Config{Gate: gate}).Ready()

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/readyz", gin.WrapH(ready))
	if w := ask(engine, "GET", ""); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "degraded\n") {
		t.Errorf("gin: %d %q", w.Code, w.Body)
	}

	app := fiber.New()
	app.Get("/readyz", adaptor.HTTPHandler(ready))
	resp, err := app.Test(httptest.NewRequest("GET", "/readyz", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("fiber: %d with %v", resp.StatusCode, resp.Header)
	}
}
