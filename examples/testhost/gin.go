package main

import (
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/ginmw"
)

func newGin(gate *core.Gate, routes []gated, admin []endpoint, g *game, log *slog.Logger) server {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	// gin's own recovery logs the request's headers, and with them the purchase token.
	engine.Use(gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, _ any) {
		log.Error("a handler panicked", slog.String("route", c.FullPath()))
		c.AbortWithStatus(http.StatusInternalServerError)
	}))
	who := func(c *gin.Context) string { return oneAccount(c.Request.Header[accountHeader]) }
	for _, r := range routes {
		credentials, mount := ginmw.TokenHeader(tokenHeader, who), ginmw.Require
		if r.several {
			credentials = ginmw.TokensHeader(tokensHeader, who)
		}
		if r.attach {
			mount = ginmw.Attach
		}
		var options []ginmw.Option
		if r.consumable {
			options = append(options, ginmw.WithConsumables())
		}
		engine.GET(r.path, mount(gate, r.requirement, credentials, options...), func(c *gin.Context) {
			d, _ := ginmw.From(c)
			body, header := g.play(&r, d)
			for _, f := range header {
				c.Header(f.name, f.value)
			}
			c.String(http.StatusOK, body)
		})
	}
	for _, e := range admin {
		engine.Handle(e.method, e.path, gin.WrapH(e.handler))
		if e.below {
			engine.Handle(e.method, e.path+"/*below", gin.WrapH(e.handler))
		}
	}
	return newHTTPServer(engine)
}
