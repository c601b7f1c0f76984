package main

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/status"
	"github.com/skugate/skugate/ginmw"
)

const vipProduct = "vip_monthly"

// vip is what premium routes ask for; vipAnywhere is the same right, sold at Google Play too.
var (
	vip = core.Entitlement("vip",
		onestore.Subscription(vipProduct),
		onestore.InApp("vip_forever"))
	vipAnywhere = core.Entitlement("vip",
		onestore.Subscription(vipProduct),
		onestore.InApp("vip_forever"),
		googleplay.Subscription(vipProduct))
)

// newGame is the game's API: one route for everybody, one for the owners of "vip", and one for its operators.
func newGame(gate *core.Gate, vip core.Requirement) (http.Handler, error) {
	// X-Player stands for the game's own authentication.
	player := func(c *gin.Context) string { return c.GetHeader("X-Player") }
	who := ginmw.TokenHeader("X-Purchase-Token", player)

	page, err := status.New(status.Config{Gate: gate, Title: "The village", Requirements: []core.Requirement{vip}})
	if err != nil {
		return nil, err
	}
	operators := gin.BasicAuth(gin.Accounts{"ops": "ops"}) // stands for whatever keeps players out

	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.GET("/", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"welcome": "to the village"}) })
	r.GET("/raids/:id", ginmw.Require(gate, vip, who), raid)
	r.Any("/ops/skugate", operators, gin.WrapH(page))
	return r, gate.Validate(vip)
}

// raid is premium: it runs for owners only, and finds what they own on the request.
func raid(c *gin.Context) {
	d, _ := ginmw.From(c)
	content := gin.H{"raid": c.Param("id"), "opened by": d.Product.ID, "bought at": d.Product.Store, "reason": d.Reason, "source": d.Source}
	if !d.ExpiresAt.IsZero() {
		content["vip until"] = d.ExpiresAt.UTC().Format(time.DateOnly)
	}
	c.JSON(http.StatusOK, content)
}
