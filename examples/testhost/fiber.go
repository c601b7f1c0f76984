package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	fiberrecover "github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/fibermw"
)

type fiberServer struct{ app *fiber.App }

func (s fiberServer) serve(l net.Listener) error     { return s.app.Listener(l) }
func (s fiberServer) stop(ctx context.Context) error { return s.app.ShutdownWithContext(ctx) }

func newFiber(gate *core.Gate, routes []gated, admin []endpoint, g *game, log *slog.Logger) server {
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true,
		CaseSensitive:         true,
		StrictRouting:         true,
		// fiber's own handler sends an error's text to the client, and that of a request that cannot
		// be parsed quotes the request.
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			status := http.StatusInternalServerError
			var coded *fiber.Error
			if errors.As(err, &coded) {
				status = coded.Code
			}
			return c.Status(status).SendString(http.StatusText(status))
		},
	})
	// Workers of connections that are gone go soon: whoever counts goroutines need not wait for them.
	app.Server().MaxIdleWorkerDuration = 200 * time.Millisecond
	app.Use(fiberrecover.New(fiberrecover.Config{
		EnableStackTrace:  true, // this is how fiber hands a panic on
		StackTraceHandler: func(c *fiber.Ctx, _ any) { log.Error("a handler panicked", slog.String("route", c.Route().Path)) },
	}))
	who := func(c *fiber.Ctx) string {
		var values []string
		for _, v := range c.Request().Header.PeekAll(accountHeader) {
			values = append(values, string(v))
		}
		return oneAccount(values)
	}
	for _, r := range routes {
		credentials, mount := fibermw.TokenHeader(tokenHeader, who), fibermw.Require
		if r.several {
			credentials = fibermw.TokensHeader(tokensHeader, who)
		}
		if r.attach {
			mount = fibermw.Attach
		}
		var options []fibermw.Option
		if r.consumable {
			options = append(options, fibermw.WithConsumables())
		}
		app.Get(r.path, mount(gate, r.requirement, credentials, options...), func(c *fiber.Ctx) error {
			d, _ := fibermw.From(c)
			body, header := g.play(&r, d)
			for _, f := range header {
				c.Set(f.name, f.value)
			}
			return c.SendString(body)
		})
	}
	for _, e := range admin {
		app.Add(e.method, e.path, adaptor.HTTPHandlerFunc(e.handler))
		if e.below {
			app.Add(e.method, e.path+"/*", adaptor.HTTPHandlerFunc(e.handler))
		}
	}
	return fiberServer{app}
}
