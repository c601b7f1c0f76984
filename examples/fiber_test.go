package examples_test

import (
	"fmt"
	"io"
	"log"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/fibermw"
)

func Example_fiber() {
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"))

	player := func(c *fiber.Ctx) string { return c.Get("X-Player") } // your own authentication
	who := fibermw.TokenHeader("X-Purchase-Token", player)

	app := fiber.New()
	app.Get("/raids/:id", fibermw.Require(gate, vip, who), func(c *fiber.Ctx) error {
		d, _ := fibermw.From(c) // also core.FromContext(c.UserContext())
		return c.SendString("opened by " + d.Product.ID + "\n")
	})
	if err := gate.Validate(); err != nil {
		log.Fatal(err)
	}

	token := fake.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label(gate.Label("mina")))
	for _, player := range []string{"mina", "mallory"} {
		answer, err := app.Test(request(player, token))
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		fmt.Println(player, answer.StatusCode, string(body))
	}
	// Output:
	// mina 200 opened by vip_forever
	//
	// mallory 403 {"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip_monthly","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}
}
