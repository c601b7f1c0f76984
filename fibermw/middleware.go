package fibermw

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
)

// Require lets a request through when r is granted to the caller that who names, with the decision in
// its UserContext (From, core.FromContext). Any other request is answered and the handler does not run. A nil gate,
// requirement or who, or an option that makes no sense, answers 503.
func Require(gate *core.Gate, r core.Requirement, who CredentialsFunc, opts ...Option) fiber.Handler {
	return middleware(gate, r, who, collect(opts))
}

// Attach lets every request through, with the decision in its UserContext, for handlers that show more
// to those who own more. A token that has to be looked up holds the request up for 50 ms at most.
func Attach(gate *core.Gate, r core.Requirement, who CredentialsFunc, opts ...Option) fiber.Handler {
	o := collect(opts)
	o.route.Attach = true
	return middleware(gate, r, who, o)
}

func middleware(gate *core.Gate, requirement core.Requirement, who CredentialsFunc, o options) fiber.Handler {
	if who == nil {
		o.route.Fault = errors.Join(o.route.Fault, errors.New("the credentials function is nil"))
	}
	o.route.Borrowed = true
	route := core.NewRoute(gate, requirement, o.route)
	return func(c *fiber.Ctx) error {
		// fiber's own contexts are pooled; only what the application set goes down.
		parent := c.UserContext()
		admission := route.Admit(parent, func() (core.Credentials, error) { return who(c) })
		if !admission.Open() {
			return o.fail(c, admission.Decision(), admission.Reply())
		}
		ctx := admission.Context(parent)
		c.SetUserContext(ctx)
		var err error
		if admission.Observed() {
			err = observe(c, func(status int) { admission.Handled(ctx, status) })
		} else {
			err = c.Next()
		}
		c.SetUserContext(parent)
		return err
	}
}

// From returns the decision of the innermost gate that c passed; false if it passed none.
func From(c *fiber.Ctx) (core.Decision, bool) { return core.FromContext(c.UserContext()) }

// WriteReply sends a reply as it is.
func WriteReply(c *fiber.Ctx, reply core.Reply) error {
	for _, f := range reply.Header {
		c.Set(f.Name, f.Value)
	}
	return c.Status(reply.Status).Send(reply.Body)
}

// observe runs the handlers that follow and reports their final status, 0 if one panics.
func observe(c *fiber.Ctx, report func(status int)) error {
	status := 0 // stands if a handler panics
	defer func() { report(status) }()
	err := c.Next()
	var coded *fiber.Error
	switch status = c.Response().StatusCode(); {
	case errors.As(err, &coded):
		status = coded.Code
	case err != nil:
		status = http.StatusInternalServerError // what fiber's error handler makes of it, by default
	case c.Context().Hijacked():
		status = http.StatusSwitchingProtocols
	}
	return err
}
