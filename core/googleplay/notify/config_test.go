package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/googleplay/notify"
)

func TestAFaultyConfigurationIsReportedWhole(t *testing.T) {
	gate, err := core.New(core.Config{Stores: []core.Store{gatetest.NewStore("play")}})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close(context.Background())
	good := notify.Config{Gate: gate, Store: "play", PackageName: "com.example.game", Secret: secret}
	with := func(change func(*notify.Config)) notify.Config {
		c := good
		change(&c)
		return c
	}
	for _, c := range []struct {
		name   string
		config notify.Config
		says   []string // nil: it is fine
	}{
		{"nothing", notify.Config{}, []string{"Gate is nil", "PackageName is not set", "anybody could send"}},
		{"a store that the gate does not have", with(func(c *notify.Config) { c.Store = "" }), []string{`Store is "googleplay"`}},
		{"a short secret", with(func(c *notify.Config) { c.Secret = "canary" }), []string{"Secret has 6 bytes"}},
		{"a header without a secret", with(func(c *notify.Config) { c.Secret, c.SecretHeader = "", "X-A" }), []string{"SecretHeader", "anybody could send"}},
		{"limits that are none", with(func(c *notify.Config) { c.PerToken.Every, c.Overall.Every = -1, 1 }), []string{"PerToken.Every is -1ns", "Overall.Every is 1ns"}},
		{"a secret alone", good, nil},
		{"a check alone", with(func(c *notify.Config) { c.Secret, c.Verify = "", func(*http.Request) error { return nil } }), nil},
	} {
		h, err := notify.New(c.config)
		if (h == nil) != (c.says != nil) || (err == nil) != (c.says == nil) {
			t.Errorf("%s: got %v, %v", c.name, h, err)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v does not say %q", c.name, err, part)
			}
		}
		if err != nil && (strings.Contains(err.Error(), "canary") || len(strings.Split(err.Error(), "\n")) != len(c.says)) {
			t.Errorf("%s: the error is %v", c.name, err)
		}
	}
}

func TestNothingPrintsTheSecret(t *testing.T) {
	d := open(t, nil)
	c := notify.Config{PackageName: "com.example.game", Secret: secret}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "handler", d.h)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", c, c, c, &c), fmt.Sprintf("%v %+v %#v", d.h, *d.h, d.h), log.String()} {
		if strings.Contains(text, "canary") {
			t.Errorf("it prints %s", text)
		}
	}
}

func TestEachFrameworkMountsTheHandler(t *testing.T) {
	gin.SetMode(gin.TestMode)
	for name, mount := range map[string]func(h http.Handler) func(*http.Request) (int, error){
		"net/http": func(h http.Handler) func(*http.Request) (int, error) {
			mux := http.NewServeMux()
			mux.Handle("/play/", http.StripPrefix("/play", h))
			return record(mux)
		},
		"gin": func(h http.Handler) func(*http.Request) (int, error) {
			r := gin.New()
			r.Any("/play/*path", gin.WrapH(http.StripPrefix("/play", h)))
			return record(r)
		},
		"fiber": func(h http.Handler) func(*http.Request) (int, error) {
			app := fiber.New()
			app.All("/play/*", adaptor.HTTPHandler(http.StripPrefix("/play", h)))
			return func(r *http.Request) (int, error) {
				res, err := app.Test(r, -1)
				if err != nil {
					return 0, err
				}
				return res.StatusCode, res.Body.Close()
			}
		},
	} {
		d := open(t, func(c *notify.Config) {
			c.OnNotification = func(ctx context.Context, _ notify.Notification) error {
				if ctx.Done() != nil {
					t.Errorf("%s: the context is the framework's own: %v", name, ctx)
				}
				return nil
			}
		})
		serve := mount(d.h)
		token := d.store.Buy(googleplaytest.Subscription("vip"))
		for _, c := range []struct {
			method, path string
			status       int
		}{{"POST", path, 200}, {"POST", "/notifications/wrong", 403}, {"GET", path, 405}, {"POST", "/else", 404}} {
			if got, err := serve(request(c.method, "/play"+c.path, "application/json", string(d.store.SubscriptionNotification(token, 2)))); got != c.status || err != nil {
				t.Errorf("%s, %s %s: %d, %v, want %d", name, c.method, c.path, got, err, c.status)
			}
		}
		d.want("told", len(d.gate.told), 1)
	}
}

func record(h http.Handler) func(*http.Request) (int, error) {
	return func(r *http.Request) (int, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, nil
	}
}
