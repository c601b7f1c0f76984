package ginmw_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/ginmw"
)

// What stands in front finds the writer, the request and gin's own values as it left them.
func TestWhatStandsInFrontFindsItsOwnWriterAgain(t *testing.T) {
	for name, handler := range map[string]gin.HandlerFunc{
		"an answer": func(c *gin.Context) { c.String(200, "PREMIUM") },
		"a panic":   func(*gin.Context) { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			gin.SetMode(gin.ReleaseMode)
			gate := newGate(t, func(c *core.Config) { c.OnHandled = func(context.Context, core.Decision, int) {} })
			engine := gin.New()
			engine.GET("/", func(c *gin.Context) {
				writer := c.Writer
				defer func() {
					if v := recover(); v != nil && name != "a panic" {
						t.Errorf("panicked with %v", v)
					}
					if c.Writer != writer {
						t.Errorf("the writer is a %T", c.Writer)
					}
				}()
				c.Next()
			}, ginmw.Require(gate, vip, one), handler)
			engine.ServeHTTP(httptest.NewRecorder(), signed("vip.alice"))
		})
	}
}
