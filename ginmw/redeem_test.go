package ginmw_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/ginmw"
)

func TestRedeem(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	who := ginmw.TokenHeader("X-Purchase-Token", func(c *gin.Context) string { return c.GetHeader("X-Player") })
	gatetest.RunRedeem(t, func(t *testing.T, r *redeem.Redeemer, p core.Product, deniedStatus int, handle func(context.Context) int) string {
		engine := gin.New()
		engine.Use(gin.RecoveryWithWriter(io.Discard))
		engine.POST("/", ginmw.Redeem(r, p, who, ginmw.WithDeniedStatus(deniedStatus)), func(c *gin.Context) {
			if status := handle(c.Request.Context()); status != 0 {
				c.String(status, "delivered")
			}
		})
		return gatetest.ListenHTTP(t, engine)
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
	ginmw.Redeem(redeemer, gems, nil, nil)
	if err := gate.Validate(); err == nil || !strings.Contains(err.Error(), "credentials function") || !strings.Contains(err.Error(), "option is nil") {
		t.Errorf("got %v", err)
	}
}
