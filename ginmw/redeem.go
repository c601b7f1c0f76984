package ginmw

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// Redeem makes the handlers that follow deliver what the consumable p is bought for: they run once the
// purchase that who names is consumed, with the redemption in the request's context (redeem.FromContext), and
// have delivered if they answer with 2xx (or 101). Otherwise the next request of the same account runs them
// again with the same redemption. A purchase that was delivered is answered with 200 and its redemption's id.
// Any other request is answered as by Require, with 409 while another one redeems the purchase.
//
// The request's context does not end when the client leaves: the purchase is spent by then.
func Redeem(redeemer *redeem.Redeemer, p core.Product, who CredentialsFunc, opts ...Option) gin.HandlerFunc {
	o := collect(opts)
	if who == nil {
		o.route.Fault = errors.Join(o.route.Fault, errors.New("the credentials function is nil"))
	}
	route := redeem.NewRoute(redeemer, p, o.route)
	return func(c *gin.Context) {
		before := c.Request
		credentials := func() (core.Credentials, error) { return who(c) }
		outcome := route.Serve(before.Context(), credentials, func(ctx context.Context) (status int) {
			c.Request = before.WithContext(ctx)
			defer func() { c.Request = before }()
			observe(c, func(final int) { status = final })
			return status
		})
		switch {
		case outcome.Refused:
			c.Abort()
			o.fail(c, outcome.Decision, outcome.Reply)
		case outcome.Reply.Status != 0:
			c.Abort()
			WriteReply(c, outcome.Reply)
		}
	}
}
