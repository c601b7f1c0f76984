package fibermw_test

import (
	"bufio"
	"net"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/fibermw"
)

func TestAdapter(t *testing.T) {
	gatetest.RunAdapter(t, gatetest.Mount[*fiber.Ctx, fiber.Handler, fibermw.CredentialsFunc, fibermw.Option]{
		Require:          fibermw.Require,
		Attach:           fibermw.Attach,
		TokenHeader:      fibermw.TokenHeader,
		TokensHeader:     fibermw.TokensHeader,
		TokenLookup:      fibermw.TokenLookup,
		Owned:            fibermw.Owned,
		WithDeniedStatus: fibermw.WithDeniedStatus,
		WithConsumables:  fibermw.WithConsumables,
		WithErrorHandler: func(change func(core.Decision, core.Reply) core.Reply) fibermw.Option {
			if change == nil {
				return fibermw.WithErrorHandler(nil)
			}
			return fibermw.WithErrorHandler(func(c *fiber.Ctx, d core.Decision, reply core.Reply) error {
				if reply = change(d, reply); reply.Status != 0 {
					return fibermw.WriteReply(c, reply)
				}
				return nil
			})
		},
		Then: func(after func(gatetest.Request)) fiber.Handler {
			return func(c *fiber.Ctx) error {
				err := c.Next()
				d, found := fibermw.From(c)
				after(gatetest.Request{Context: c.UserContext(), Decision: d, Found: found})
				return err
			}
		},
		Header:      func(c *fiber.Ctx, name string) string { return c.Get(name) },
		Serve:       serve,
		StatusError: func(status int) error { return fiber.NewError(status) },
		NoHangUps:   "fasthttp does not tell a handler that its client is gone",
		Exceptions: []gatetest.Exception{
			{Case: "a token of 5 KB", Outcome: "431", Why: "fiber reads a request's head into 4,096 bytes unless fiber.Config.ReadBufferSize says otherwise"},
			{Case: "an Expect that nobody knows, and somebody else's token", Outcome: "403 not_owned", Why: "fasthttp leaves it to the handler"},
			{Case: "a Transfer-Encoding that is none, and somebody else's token", Outcome: "403 not_owned", Why: `fasthttp reads "identity" as no encoding`},
			{Case: "a refusal does not ask for a body that waits for leave", Outcome: "100", Why: "fasthttp reads the body before any handler runs"},
		},
	})
}

func serve(t *testing.T, routes []gatetest.Route[fiber.Handler]) string {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(recover.New())
	for _, route := range routes {
		handlers := []fiber.Handler{func(c *fiber.Ctx) error {
			for _, f := range route.Front {
				c.Set(f.Name, f.Value)
			}
			return c.Next()
		}}
		handlers = append(handlers, route.Gates...)
		app.All(route.Path, append(handlers, func(c *fiber.Ctx) error { return handle(c, route.Handler) })...)
	}
	return listen(t, app)
}

// listen serves app on a loopback port until the test ends and returns the address.
func listen(t *testing.T, app *fiber.App) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- app.Listener(listener) }()
	t.Cleanup(func() {
		// Shutdown looks for open connections every 100 ms only, and the tests' have been closed.
		for end := time.Now().Add(time.Second); app.Server().GetOpenConnectionsCount() > 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func handle(c *fiber.Ctx, handler gatetest.Handler) error {
	d, found := fibermw.From(c)
	header := func(name string) string { return c.Get(name) }
	response := handler(gatetest.Request{
		Method: c.Method(), Header: header, Body: string(c.Body()), Context: c.UserContext(), Decision: d, Found: found,
	})
	switch {
	case response.Err != nil:
		return response.Err
	case response.Hijack != nil:
		c.Context().HijackSetNoResponse(true)
		c.Context().Hijack(response.Hijack)
	case response.Stream != nil:
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			response.Stream(func(piece string) {
				_, _ = w.WriteString(piece)
				_ = w.Flush()
			})
		})
	default:
		if response.Status != 0 {
			c.Status(response.Status)
		}
		if response.Body != "" {
			return c.SendString(response.Body)
		}
	}
	return nil
}
