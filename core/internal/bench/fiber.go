package main

import (
	"context"
	"time"

	fiberjwt "github.com/gofiber/contrib/jwt"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/keyauth"
	"github.com/gofiber/fiber/v2/middleware/limiter"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/fibermw"
)

const (
	bareFiber = "fiber: bare"
	gateFiber = "fiber: gate"
	aFiber    = "fiber: A"
)

func application(handlers ...fiber.Handler) *fiber.App {
	app := fiber.New()
	app.Get("/raids/:id", handlers...)
	return app
}

func okFiber(read func(c *fiber.Ctx) bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if read(c) {
			c.Status(fiber.StatusNoContent)
		}
		return nil
	}
}

var yesFiber = okFiber(func(*fiber.Ctx) bool { return true })

var whoFiber = fibermw.TokenHeader("X-Purchase-Token", func(c *fiber.Ctx) string { return c.Get("X-Player") })

func fiberRows(gate *core.Gate, a *straight, token string) []*row {
	gated := application(fibermw.Require(gate, vip, whoFiber), okFiber(func(c *fiber.Ctx) bool {
		d, found := core.FromContext(c.UserContext())
		return found && d.Granted()
	}))
	straightFiber := application(func(c *fiber.Ctx) error {
		b := a.hit(c.Get("X-Purchase-Token"))
		if b == nil || b.account != c.Get("X-Player") {
			return c.SendStatus(fiber.StatusForbidden)
		}
		c.Locals("bought", b)
		c.SetUserContext(context.WithValue(c.UserContext(), handKey{}, b))
		return c.Next()
	}, okFiber(func(c *fiber.Ctx) bool {
		b, ok := c.UserContext().Value(handKey{}).(*bought)
		return ok && b.account == account
	}))
	return []*row{
		{name: bareFiber, bench: servesFiber(application(yesFiber), token, 204)},
		{name: aFiber, bare: bareFiber, base: aFiber, bench: servesFiber(straightFiber, token, 204)},
		{name: gateFiber, bare: bareFiber, base: aFiber, goal: "0.50", bench: servesFiber(gated, token, 204)},
		{name: "fiber: refusal from memory", bare: bareFiber, base: floor, goal: "1.20", bench: servesFiber(gated, unknownToken(0), 403)},
	}
}

func fiberPeers(token string) []*row {
	var rows []*row
	add := func(name, goal string, handlers ...fiber.Handler) {
		rows = append(rows, &row{name: "fiber: " + name, bare: bareFiber, base: gateFiber, goal: goal, bench: servesFiber(application(handlers...), token, 204)})
	}
	add("gofiber/contrib/jwt, HS256", "45", fiberjwt.New(fiberjwt.Config{SigningKey: fiberjwt.SigningKey{Key: jwtSecret}}), yesFiber)
	add("limiter, memory", "3", limiter.New(limiter.Config{Max: 1 << 40, Expiration: time.Hour, KeyGenerator: func(c *fiber.Ctx) string { return c.Get("X-Player") }}), yesFiber)
	add("keyauth against one constant", "", keyauth.New(keyauth.Config{
		KeyLookup: "header:X-Player",
		Validator: func(_ *fiber.Ctx, key string) (bool, error) { return key == account, nil },
	}), yesFiber)
	return rows
}
