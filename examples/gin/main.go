// Command gin gates one route of a gin server, in front of a fake ONE store in the same process.
package main

import (
	"fmt"
	"log"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/ginmw"
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

	player := func(c *gin.Context) string { return c.GetHeader("X-Player") } // your own authentication
	who := ginmw.TokenHeader("X-Purchase-Token", player)

	r := gin.Default()
	r.GET("/raids/:id", ginmw.Require(gate, vip, who), raid)
	if err := gate.Validate(vip); err != nil {
		log.Fatal(err)
	}

	token := fake.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label(gate.Label("mina")))
	fmt.Printf("curl -i -H 'X-Player: mina' -H 'X-Purchase-Token: %s' http://127.0.0.1:8080/raids/7\n", token)
	log.Fatal(r.Run("127.0.0.1:8080"))
}

func raid(c *gin.Context) {
	d, _ := ginmw.From(c)
	c.String(200, "raid %s, opened by %s\n", c.Param("id"), d.Product.ID)
}
