package ginmw_test

import (
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/ginmw"
)

func TestAdapter(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	gatetest.RunAdapter(t, gatetest.Mount[*gin.Context, gin.HandlerFunc, ginmw.CredentialsFunc, ginmw.Option]{
		Require:          ginmw.Require,
		Attach:           ginmw.Attach,
		TokenHeader:      ginmw.TokenHeader,
		TokensHeader:     ginmw.TokensHeader,
		TokenLookup:      ginmw.TokenLookup,
		Owned:            ginmw.Owned,
		WithDeniedStatus: ginmw.WithDeniedStatus,
		WithConsumables:  ginmw.WithConsumables,
		WithErrorHandler: func(change func(core.Decision, core.Reply) core.Reply) ginmw.Option {
			if change == nil {
				return ginmw.WithErrorHandler(nil)
			}
			return ginmw.WithErrorHandler(func(c *gin.Context, d core.Decision, reply core.Reply) {
				if reply = change(d, reply); reply.Status != 0 {
					ginmw.WriteReply(c, reply)
				}
			})
		},
		Then: func(after func(gatetest.Request)) gin.HandlerFunc {
			return func(c *gin.Context) {
				c.Next()
				d, found := ginmw.From(c)
				after(gatetest.Request{Context: c.Request.Context(), Decision: d, Found: found})
			}
		},
		Header: func(c *gin.Context, name string) string { return c.GetHeader(name) },
		Serve: func(t *testing.T, routes []gatetest.Route[gin.HandlerFunc]) string {
			engine := gin.New()
			for _, route := range routes {
				handlers := gin.HandlersChain{func(c *gin.Context) {
					for _, f := range route.Front {
						c.Header(f.Name, f.Value)
					}
				}}
				handlers = append(handlers, route.Gates...)
				engine.Any(route.Path, append(handlers, func(c *gin.Context) {
					d, found := ginmw.From(c)
					_ = route.Handler.ServeHTTP(c.Writer, c.Request, d, found) // gin has no errors of handlers
				})...)
			}
			return gatetest.ListenHTTP(t, engine)
		},
	})
}
