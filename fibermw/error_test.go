package fibermw_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/fibermw"
)

func TestAReturnedErrorIsReportedAsTheStatusThatItHas(t *testing.T) {
	for name, c := range map[string]struct {
		handler  fiber.Handler
		reported int
	}{
		"a fiber error":         {func(*fiber.Ctx) error { return fiber.ErrTeapot }, 418},
		"a wrapped fiber error": {func(*fiber.Ctx) error { return fmt.Errorf("raid 7: %w", fiber.ErrConflict) }, 409},
		"any other error":       {func(*fiber.Ctx) error { return errors.New("raid 7 is broken") }, 500},
		"an error after a status": {func(c *fiber.Ctx) error {
			c.Status(202)
			return fiber.ErrGone
		}, 410},
		"no error": {func(c *fiber.Ctx) error { return c.SendStatus(202) }, 202},
	} {
		t.Run(name, func(t *testing.T) {
			reported := 0
			gate := newGate(t, func(config *core.Config) {
				config.OnHandled = func(_ context.Context, _ core.Decision, status int) { reported = status }
			})
			app := fiber.New()
			app.Get("/", fibermw.Require(gate, vip, one), c.handler)
			answer, err := app.Test(signed("vip.alice"))
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if reported != c.reported || answer.StatusCode != c.reported {
				t.Errorf("reported %d, answered %d; want %d", reported, answer.StatusCode, c.reported)
			}
		})
	}
}

// What the error handler of a gate returns is an error like any other handler's.
func TestTheErrorOfAnErrorHandlerGoesToFiber(t *testing.T) {
	app := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error { return c.Status(418).SendString(err.Error()) }})
	app.Get("/", fibermw.Require(newGate(t), vip, one, fibermw.WithErrorHandler(
		func(*fiber.Ctx, core.Decision, core.Reply) error { return errors.New("no tea") })),
		func(*fiber.Ctx) error { t.Error("the handler ran"); return nil })
	answer, err := app.Test(signed("vip.bob"))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 418 {
		t.Errorf("got %d", answer.StatusCode)
	}
}
