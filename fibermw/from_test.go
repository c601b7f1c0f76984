package fibermw_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/fibermw"
)

func TestFromFindsWhatTheTestOfAHandlerPutThere(t *testing.T) {
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		if d, ok := fibermw.From(c); ok || d.Granted() {
			t.Errorf("without a decision: %+v, %v", d, ok)
		}
		c.SetUserContext(core.NewContext(c.UserContext(), core.Decision{Outcome: core.Granted, Product: vip}))
		return c.Next()
	}, func(c *fiber.Ctx) error {
		if d, ok := fibermw.From(c); !ok || !d.Granted() || d.Product != vip {
			t.Errorf("got %+v, %v", d, ok)
		}
		return nil
	})
	answer, err := app.Test(signed("vip.alice"))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Errorf("got %d", answer.StatusCode)
	}
}
