package fibermw_test

import (
	"bufio"
	"net"
	"slices"
	"testing"

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
		WithDeniedStatus: fibermw.WithDeniedStatus,
		WithConsumables:  fibermw.WithConsumables,
		WithErrorHandler: func(change func(core.Decision, core.Reply) core.Reply) fibermw.Option {
			return fibermw.WithErrorHandler(func(c *fiber.Ctx, d core.Decision, reply core.Reply) error {
				return fibermw.WriteReply(c, change(d, reply))
			})
		},
		Header:      func(c *fiber.Ctx, name string) string { return c.Get(name) },
		Serve:       serve,
		StatusError: func(status int) error { return fiber.NewError(status) },
		NoHangUps:   "fasthttp has no such signal",
	})
}

func serve(t *testing.T, routes []gatetest.Route[fiber.Handler]) string {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(recover.New())
	for _, route := range routes {
		app.All(route.Path, append(slices.Clone(route.Gates), func(c *fiber.Ctx) error { return handle(c, route.Handler) })...)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- app.Listener(listener) }()
	t.Cleanup(func() {
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
