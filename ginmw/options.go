package ginmw

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
)

// Option refines Require and Attach. One that makes no sense is reported by Gate.Validate, and the
// route answers 503.
type Option func(*options)

// ErrorHandler answers a request that was not let in. reply is what would be answered without it; the
// decision holds details that are not for the client.
type ErrorHandler func(c *gin.Context, d core.Decision, reply core.Reply)

type options struct {
	route core.RouteConfig
	fail  ErrorHandler
	// attach returns the request that the handlers get.
	attach func(*http.Request, core.Admission) *http.Request
}

// WithErrorHandler answers refused requests with h. Default: WriteReply.
func WithErrorHandler(h ErrorHandler) Option {
	return func(o *options) {
		if h == nil {
			o.route.Fault = errors.Join(o.route.Fault, errors.New("WithErrorHandler: the handler is nil"))
			return
		}
		o.fail = h
	}
}

// WithDeniedStatus answers a denial with 402 (Payment Required) or 403 (Forbidden, the default).
func WithDeniedStatus(status int) Option {
	return func(o *options) { o.route.DeniedStatus = status }
}

// WithConsumables says that a consumable may open the route, again and again until it is consumed.
func WithConsumables() Option {
	return func(o *options) { o.route.AllowConsumable = true }
}

// WithRequestInPlace puts the decision on the request as it came, instead of on the copy of it that the
// handlers get otherwise: one allocation of 24 bytes, not of some 350. net/http asks handlers to leave their
// request alone, so this is for a server that knows all that stands in front of the gate: whoever has the same
// request sees the decision too, even afterwards, and no other goroutine may use it while the gate passes it
// on. Redeem hands out a copy in any case.
func WithRequestInPlace() Option {
	return func(o *options) { o.attach = attachInPlace }
}

func collect(opts []Option) options {
	o := options{attach: attach, fail: func(c *gin.Context, _ core.Decision, reply core.Reply) { WriteReply(c, reply) }}
	for _, opt := range opts {
		if opt == nil {
			o.route.Fault = errors.Join(o.route.Fault, errors.New("an option is nil"))
			continue
		}
		opt(&o)
	}
	return o
}
