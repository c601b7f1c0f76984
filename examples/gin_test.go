package examples_test

import (
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/ginmw"
)

func Example_gin() {
	gin.SetMode(gin.TestMode)
	gin.DefaultWriter = log.Writer() // its log of requests is no output of the example
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"))

	player := func(c *gin.Context) string { return c.GetHeader("X-Player") } // your own authentication
	who := ginmw.TokenHeader("X-Purchase-Token", player)

	r := gin.Default()
	r.GET("/raids/:id", ginmw.Require(gate, vip, who), func(c *gin.Context) {
		d, _ := ginmw.From(c) // also core.FromContext(c.Request.Context())
		c.String(200, "opened by %s\n", d.Product.ID)
	})
	if err := gate.Validate(); err != nil {
		log.Fatal(err)
	}

	token := fake.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label(gate.Label("mina")))
	for _, player := range []string{"mina", "mallory"} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, request(player, token))
		fmt.Println(player, w.Code, w.Body)
	}
	// Output:
	// mina 200 opened by vip_forever
	//
	// mallory 403 {"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip_monthly","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}
}
