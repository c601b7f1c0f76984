package main

import (
	"context"
	"net/http"
	"time"

	ginjwt "github.com/appleboy/gin-jwt/v2"
	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/gin-gonic/gin"
	"github.com/ulule/limiter/v3"
	ulule "github.com/ulule/limiter/v3/drivers/middleware/gin"
	"github.com/ulule/limiter/v3/drivers/store/memory"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/ginmw"
)

const (
	bareGin = "gin: bare"
	gateGin = "gin: gate"
	aGin    = "gin: A"
)

func engine(handlers ...gin.HandlerFunc) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/raids/:id", handlers...)
	return e
}

func okGin(read func(c *gin.Context) bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		if read(c) {
			c.Status(http.StatusNoContent)
		}
	}
}

var yesGin = okGin(func(*gin.Context) bool { return true })

var whoGin = ginmw.TokenHeader("X-Purchase-Token", func(c *gin.Context) string { return c.GetHeader("X-Player") })

func ginRows(gate *core.Gate, a *straight, token string) []*row {
	gated := func(opts ...ginmw.Option) http.Handler {
		return engine(ginmw.Require(gate, vip, whoGin, opts...), okGin(func(c *gin.Context) bool {
			d, found := core.FromContext(c.Request.Context())
			return found && d.Granted()
		}))
	}
	// Readable from gin's own store and from the request's context, as the gate's is.
	straightGin := engine(func(c *gin.Context) {
		b := a.hit(c.GetHeader("X-Purchase-Token"))
		if b == nil || b.account != c.GetHeader("X-Player") {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		c.Set("bought", b)
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), handKey{}, b))
	}, okGin(func(c *gin.Context) bool {
		b, ok := c.Request.Context().Value(handKey{}).(*bought)
		return ok && b.account == account
	}))
	return []*row{
		{name: bareGin, bench: serves(engine(yesGin), token, 204)},
		{name: aGin, bare: bareGin, base: aGin, bench: serves(straightGin, token, 204)},
		{name: gateGin, bare: bareGin, base: aGin, goal: "0.55", bench: serves(gated(), token, 204)},
		{name: "gin: gate, in place", bare: bareGin, base: aGin, goal: "0.25", bench: serves(gated(ginmw.WithRequestInPlace()), token, 204)},
		{name: "gin: refusal from memory", bare: bareGin, base: floor, goal: "1.20", bench: serves(gated(), unknownToken(0), 403)},
	}
}

const casbinModel = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
`

func ginPeers(token string) []*row {
	var rows []*row
	add := func(name, goal string, handlers ...gin.HandlerFunc) {
		rows = append(rows, &row{name: "gin: " + name, bare: bareGin, base: gateGin, goal: goal, bench: serves(engine(handlers...), token, 204)})
	}
	auth, err := ginjwt.New(&ginjwt.GinJWTMiddleware{Realm: "game", Key: jwtSecret, Timeout: time.Hour, MaxRefresh: time.Hour, IdentityKey: "identity"})
	must(err)
	add("appleboy/gin-jwt v2, HS256", "20", auth.MiddlewareFunc(), yesGin)

	policy := func() model.Model {
		m, err := model.NewModelFromString(casbinModel)
		must(err)
		return m
	}
	enforcer, err := casbin.NewEnforcer(policy())
	must(err)
	cached, err := casbin.NewCachedEnforcer(policy())
	must(err)
	for _, e := range []casbin.IEnforcer{enforcer, cached} {
		_, err = e.AddPolicy(account, "raids", "GET")
		must(err)
	}
	enforce := func(e interface {
		Enforce(...any) (bool, error)
	}) gin.HandlerFunc {
		return func(c *gin.Context) {
			if ok, err := e.Enforce(c.GetHeader("X-Player"), "raids", c.Request.Method); err != nil || !ok {
				c.AbortWithStatus(http.StatusForbidden)
			}
		}
	}
	add("casbin v2 enforcer", "10", enforce(enforcer), yesGin)
	add("casbin v2 cached enforcer", "", enforce(cached), yesGin)
	add("ulule/limiter, memory", "3", ulule.NewMiddleware(limiter.New(memory.NewStore(), limiter.Rate{Period: time.Hour, Limit: 1 << 40})), yesGin)
	return rows
}
