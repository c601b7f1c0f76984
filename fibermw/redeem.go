package fibermw

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// Redeem makes the handlers that follow deliver what the consumable p is bought for: they run once the
// purchase that who names is consumed, with the redemption in their UserContext (redeem.FromContext), and have
// delivered if they answer with 2xx (or 101). Otherwise the next request of the same account runs them again
// with the same redemption. A purchase that was delivered is answered with 200 and its redemption's id. Any
// other request is answered as by Require, with 409 while another one redeems the purchase.
//
// The UserContext does not end when the application ends it: the purchase is spent by then.
func Redeem(redeemer *redeem.Redeemer, p core.Product, who CredentialsFunc, opts ...Option) fiber.Handler {
	o := collect(opts)
	if who == nil {
		o.route.Fault = errors.Join(o.route.Fault, errors.New("the credentials function is nil"))
	}
	route := redeem.NewRoute(redeemer, p, o.route)
	return func(c *fiber.Ctx) error {
		parent := c.UserContext()
		credentials := func() (core.Credentials, error) {
			found, err := who(c)
			return found.Clone(), err
		}
		var failed error
		outcome := route.Serve(parent, credentials, func(ctx context.Context) (status int) {
			c.SetUserContext(ctx)
			defer c.SetUserContext(parent)
			failed = observe(c, func(final int) { status = final })
			return status
		})
		switch {
		case outcome.Refused:
			return o.fail(c, outcome.Decision, outcome.Reply)
		case outcome.Reply.Status != 0:
			return WriteReply(c, outcome.Reply)
		}
		return failed
	}
}
