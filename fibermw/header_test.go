package fibermw_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/fibermw"
)

// A middleware may translate what the client sends.
func TestAHeaderThatWasSetInFrontCounts(t *testing.T) {
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		c.Request().Header.Set("X-Purchase-Token", c.Query("ticket"))
		return c.Next()
	}, fibermw.Require(newGate(t), vip, one), func(c *fiber.Ctx) error { return c.SendStatus(204) })
	r := httptest.NewRequest("GET", "/?ticket=vip.alice", nil)
	r.Header.Set("X-Player", "alice")
	answer, err := app.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 204 {
		t.Errorf("got %d", answer.StatusCode)
	}
}

func TestAHeaderCountsHoweverItIsSpelledAlsoWhereFiberKeepsTheSpelling(t *testing.T) {
	app := fiber.New(fiber.Config{DisableHeaderNormalizing: true})
	player := func(c *fiber.Ctx) string { return "alice" }
	app.Get("/", fibermw.Require(newGate(t), vip, fibermw.TokenHeader("X-Purchase-Token", player)), func(c *fiber.Ctx) error { return c.SendStatus(204) })
	for name, c := range map[string]struct {
		spellings []string
		want      int
	}{
		"as in the program":          {[]string{"X-Purchase-Token"}, 204},
		"in lower case":              {[]string{"x-purchase-token"}, 204},
		"twice, each its own way":    {[]string{"X-Purchase-Token", "x-purchase-token"}, 400},
		"twice, the other way round": {[]string{"x-purchase-TOKEN", "X-Purchase-Token"}, 400},
		"not at all":                 {nil, 400},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			for _, spelled := range c.spellings {
				r.Header[spelled] = []string{"vip.alice"}
			}
			answer, err := app.Test(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != c.want {
				t.Errorf("got %d, want %d", answer.StatusCode, c.want)
			}
		})
	}
}
