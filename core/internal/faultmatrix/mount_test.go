package faultmatrix_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	fiberrecover "github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/fibermw"
	"github.com/skugate/skugate/ginmw"
	"github.com/skugate/skugate/nethttpmw"
)

// inside are the parts of a gated route that a row wants to misbehave in the test's own process.
type inside struct {
	gate        *core.Gate
	requirement core.Requirement
	credentials func() (core.Credentials, error)
	handler     func() // answers PREMIUM when it returns
}

// mounts serve such a route at every path, on each framework, and return its URL.
var mounts = map[string]func(t *testing.T, in inside) string{
	"nethttp": func(t *testing.T, in inside) string {
		gate := nethttpmw.Require(in.gate, in.requirement, func(*http.Request) (core.Credentials, error) { return in.credentials() })
		return serveHTTP(t, gate(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			in.handler()
			_, _ = io.WriteString(w, "PREMIUM")
		})))
	},
	"gin": func(t *testing.T, in inside) string {
		gin.SetMode(gin.ReleaseMode)
		engine := gin.New()
		engine.Use(gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, _ any) { c.AbortWithStatus(http.StatusInternalServerError) }))
		engine.GET("/", ginmw.Require(in.gate, in.requirement, func(*gin.Context) (core.Credentials, error) { return in.credentials() }),
			func(c *gin.Context) {
				in.handler()
				c.String(http.StatusOK, "PREMIUM")
			})
		return serveHTTP(t, engine)
	},
	"fiber": func(t *testing.T, in inside) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Use(fiberrecover.New())
		app.Get("/", fibermw.Require(in.gate, in.requirement, func(*fiber.Ctx) (core.Credentials, error) { return in.credentials() }),
			func(c *fiber.Ctx) error {
				in.handler()
				return c.SendString("PREMIUM")
			})
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		stopped := make(chan error, 1)
		go func() { stopped <- app.Listener(listener) }()
		t.Cleanup(func() {
			if err := app.ShutdownWithTimeout(5 * time.Second); err != nil {
				t.Error(err)
			}
			<-stopped
		})
		return "http://" + listener.Addr().String()
	},
}

func serveHTTP(t *testing.T, h http.Handler) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		h.ServeHTTP(w, r)
	})}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		<-stopped
	})
	return "http://" + listener.Addr().String()
}

// fetch asks a mounted route. The status is 0 if there was no answer.
func fetch(url string) (status int, body string) {
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url + "/")
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(text)
}
