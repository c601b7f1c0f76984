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

// What a request costs that memory answers.
func TestAnOwnersRequestAllocatesNothing(t *testing.T) {
	type key struct{}
	for _, c := range []struct {
		name  string
		own   bool // the application set a context of its own
		token string
		want  int
		runs  float64
	}{
		{"an owner's", false, "vip.alice", 204, 0},
		{"an owner's, in an application with a context of its own", true, "vip.alice", 204, 1},
		{"a purchase that the store does not know", false, "vip.nobody", 403, 0},
		{"somebody else's purchase, copied out of fiber's memory", false, "vip.bob", 403, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			gate := newGate(t, func(c *core.Config) {
				c.Lifetimes = core.Lifetimes{Fresh: time.Hour, Denied: time.Hour, Absent: time.Hour}
			})
			parent := context.WithValue(context.Background(), key{}, 1)
			app := fiber.New()
			app.Get("/", func(fc *fiber.Ctx) error {
				if c.own {
					fc.SetUserContext(parent)
				}
				return fc.Next()
			}, fibermw.Require(gate, vip, one), func(fc *fiber.Ctx) error {
				d, ok := fibermw.From(fc)
				if e, found := core.FromContext(fc.UserContext()); !ok || !found || d != e || !d.Granted() {
					t.Errorf("From = %v, %v; core.FromContext = %v, %v", d.Reason, ok, e.Reason, found)
				}
				if own := fc.UserContext().Value(key{}) != nil; own != c.own {
					t.Errorf("the application's value is there: %v", own)
				}
				fc.Status(fiber.StatusNoContent)
				return nil
			})
			serve := app.Handler()
			ctx := requestFor(serve)
			head := "GET / HTTP/1.1\r\nHost: game\r\nX-Player: alice\r\nX-Purchase-Token: " + c.token + "\r\n\r\n"
			if err := ctx.Request.Read(bufio.NewReader(strings.NewReader(head))); err != nil {
				t.Fatal(err)
			}
			once := func() {
				ctx.Response.Reset()
				ctx.ResetUserValues()
				serve(ctx)
			}
			once() // the store is asked once
			if got := ctx.Response.StatusCode(); got != c.want {
				t.Fatalf("got %d, want %d", got, c.want)
			}
			allocs := testing.AllocsPerRun(1000, once)
			if raceEnabled {
				t.Skip("the race detector allocates")
			}
			if allocs != c.runs {
				t.Errorf("%v allocations, want %v", allocs, c.runs)
			}
		})
	}
}
