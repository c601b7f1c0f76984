package fibermw_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/fibermw"
)

func TestRedeem(t *testing.T) {
	who := fibermw.TokenHeader("X-Purchase-Token", func(c *fiber.Ctx) string { return c.Get("X-Player") })
	gatetest.RunRedeem(t, func(t *testing.T, r *redeem.Redeemer, p core.Product, deniedStatus int, handle func(context.Context) int) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Use(recover.New())
		app.Post("/", fibermw.Redeem(r, p, who, fibermw.WithDeniedStatus(deniedStatus)), func(c *fiber.Ctx) error {
			switch status := handle(c.UserContext()); {
			case status >= 500:
				return fiber.NewError(status, "delivered")
			case status != 0:
				return c.Status(status).SendString("delivered")
			}
			return nil
		})
		return listen(t, app)
	})
}

func TestRedeemWithoutCredentialsIsReported(t *testing.T) {
	gate, err := core.New(core.Config{Stores: []core.Store{gatetest.NewStore("shop")}})
	if err != nil {
		t.Fatal(err)
	}
	redeemer, err := redeem.New(redeem.Config{Gate: gate, Ledger: redeem.NewMemoryLedger()})
	if err != nil {
		t.Fatal(err)
	}
	gems := core.Product{Store: "shop", Kind: core.KindInApp, ID: "gems"}.Consumable()
	fibermw.Redeem(redeemer, gems, nil, nil)
	if err := gate.Validate(); err == nil || !strings.Contains(err.Error(), "credentials function") || !strings.Contains(err.Error(), "option is nil") {
		t.Errorf("got %v", err)
	}
}
