package fibermw_test

import (
	"bufio"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/fibermw"
)

// BenchmarkRequire measures one request from the router to the end of the handler, without a socket.
func BenchmarkRequire(b *testing.B) {
	lasting := func(c *core.Config) { // memory answers for as long as the benchmark runs
		c.Lifetimes = core.Lifetimes{Fresh: time.Hour, Denied: time.Hour, Absent: time.Hour}
	}
	hook := func(c *core.Config) { c.OnHandled = func(context.Context, core.Decision, int) {} }
	require := func(b *testing.B, change ...func(*core.Config)) fiber.Handler {
		return fibermw.Require(newGate(b, append(change, lasting)...), core.Entitlement("vip", vip), one)
	}
	for _, c := range []struct {
		name   string
		gate   func(b *testing.B) fiber.Handler
		token  string
		status int
	}{
		{"bare app", func(*testing.B) fiber.Handler { return (*fiber.Ctx).Next }, "vip.alice", 204},
		{"gated hit", func(b *testing.B) fiber.Handler { return require(b) }, "vip.alice", 204},
		{"gated hit observed", func(b *testing.B) fiber.Handler { return require(b, hook) }, "vip.alice", 204},
		{"refusal from memory", func(b *testing.B) fiber.Handler { return require(b) }, "vip.nobody", 403},
	} {
		b.Run(c.name, func(b *testing.B) {
			app := fiber.New()
			app.Get("/raids/:id", c.gate(b), func(c *fiber.Ctx) error { c.Status(fiber.StatusNoContent); return nil })
			serve := app.Handler()
			ctx := requestFor(serve)
			head := "GET /raids/7 HTTP/1.1\r\nHost: game\r\nX-Player: alice\r\nX-Purchase-Token: " + c.token + "\r\n\r\n"
			if err := ctx.Request.Read(bufio.NewReader(strings.NewReader(head))); err != nil {
				b.Fatal(err)
			}
			serve(ctx) // the store is asked once
			b.ReportAllocs()
			for b.Loop() {
				ctx.Response.Reset()
				ctx.ResetUserValues()
				serve(ctx)
				if got := ctx.Response.StatusCode(); got != c.status {
					b.Fatalf("got %d, want %d", got, c.status)
				}
			}
		})
	}
}

// requestFor makes an empty request of fasthttp's kind, which is not this module's to import.
func requestFor[T any](func(*T)) *T { return new(T) }
