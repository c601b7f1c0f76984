// Command fiber gates one route of a fiber server, in front of a fake ONE store in the same process.
package main

import (
	"fmt"
	"log"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/fibermw"
)

func main() {
	fake := onestoretest.New(onestoretest.Config{})
	url, err := fake.Listen("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	store, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: url,
	})
	if err != nil {
		log.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"))

	player := func(c *fiber.Ctx) string { return c.Get("X-Player") } // your own authentication
	who := fibermw.TokenHeader("X-Purchase-Token", player)

	app := fiber.New()
	app.Get("/raids/:id", fibermw.Require(gate, vip, who), raid)
	if err := gate.Validate(vip); err != nil {
		log.Fatal(err)
	}

	token := fake.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label(gate.Label("mina")))
	fmt.Printf("curl -i -H 'X-Player: mina' -H 'X-Purchase-Token: %s' http://127.0.0.1:8080/raids/7\n", token)
	log.Fatal(app.Listen("127.0.0.1:8080"))
}

func raid(c *fiber.Ctx) error {
	d, _ := fibermw.From(c)
	return c.SendString(fmt.Sprintf("raid %s, opened by %s\n", c.Params("id"), d.Product.ID))
}
