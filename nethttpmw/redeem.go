package nethttpmw

import (
	"context"
	"errors"
	"net/http"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// Redeem makes a handler that delivers what the consumable p is bought for: it runs once the purchase that
// who names is consumed, with the redemption in its context (redeem.FromContext), and has delivered if it
// answers with 2xx (or 101). Otherwise the next request of the same account runs it again with the same
// redemption. A purchase that was delivered is answered with 200 and its redemption's id. Any other request is
// answered as by Require, with 409 while another one redeems the purchase.
//
// The handler's context does not end when the client leaves: the purchase is spent by then.
func Redeem(redeemer *redeem.Redeemer, p core.Product, who CredentialsFunc, opts ...Option) func(http.Handler) http.Handler {
	o := collect(opts)
	if who == nil {
		o.route.Fault = errors.Join(o.route.Fault, errors.New("the credentials function is nil"))
	}
	route := redeem.NewRoute(redeemer, p, o.route)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			credentials := func() (core.Credentials, error) { return who(r) }
			outcome := route.Serve(r.Context(), credentials, func(ctx context.Context) (status int) {
				observe(w, r.WithContext(ctx), next, func(final int) { status = final })
				return status
			})
			switch {
			case outcome.Refused:
				o.fail(w, r, outcome.Decision, outcome.Reply)
			case outcome.Reply.Status != 0:
				WriteReply(w, outcome.Reply)
			}
		})
	}
}
