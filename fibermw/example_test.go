package fibermw_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/fibermw"
)

func Example() {
	fake := onestoretest.New(onestoretest.Config{}) // in production: ONE store itself
	store, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	if err != nil {
		log.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	defer gate.Close(context.Background())

	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"))
	player := func(c *fiber.Ctx) string { return c.Get("X-Player") } // the game's own authentication
	who := fibermw.TokenHeader("X-Purchase-Token", player)

	app := fiber.New()
	app.Get("/raids/:id", fibermw.Require(gate, vip, who), func(c *fiber.Ctx) error {
		d, _ := fibermw.From(c)
		return c.SendString("raid " + c.Params("id") + ", opened by " + d.Product.ID)
	})
	if err := gate.Validate(); err != nil { // after the routes are built
		log.Fatal(err)
	}

	token := fake.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label(gate.Label("mina")))
	for _, player := range []string{"mina", "mallory"} {
		request := httptest.NewRequest(http.MethodGet, "/raids/7", nil)
		request.Header.Set("X-Player", player)
		request.Header.Set("X-Purchase-Token", token)
		answer, err := app.Test(request)
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		fmt.Println(player, answer.StatusCode, string(body))
	}
	// Output:
	// mina 200 raid 7, opened by vip_forever
	// mallory 403 {"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip_monthly","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}
}
