package ginmw

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
)

// Require lets a request through when r is granted to the caller that who names, with the decision in
// its context (From, core.FromContext). Any other request is answered and aborted. A nil gate, requirement or
// who, or an option that makes no sense, answers 503.
func Require(gate *core.Gate, r core.Requirement, who CredentialsFunc, opts ...Option) gin.HandlerFunc {
	return middleware(gate, r, who, collect(opts))
}

// Attach lets every request through, with the decision in its context, for handlers that show more to
// those who own more. A token that has to be looked up holds the request up for 50 ms at most.
func Attach(gate *core.Gate, r core.Requirement, who CredentialsFunc, opts ...Option) gin.HandlerFunc {
	o := collect(opts)
	o.route.Attach = true
	return middleware(gate, r, who, o)
}

func middleware(gate *core.Gate, requirement core.Requirement, who CredentialsFunc, o options) gin.HandlerFunc {
	if who == nil {
		o.route.Fault = errors.Join(o.route.Fault, errors.New("the credentials function is nil"))
	}
	route := core.NewRoute(gate, requirement, o.route)
	return func(c *gin.Context) {
		// Only the request's own context goes down: gin's is pooled and dies with the request.
		before := c.Request
		admission := route.Admit(before.Context(), func() (core.Credentials, error) { return who(c) })
		if !admission.Open() {
			c.Abort()
			o.fail(c, admission.Decision(), admission.Reply())
			return
		}
		c.Request = o.attach(before, admission)
		if admission.Observed() {
			ctx := c.Request.Context()
			observe(c, func(status int) { admission.Handled(ctx, status) })
		} else {
			c.Next()
		}
		c.Request = before
	}
}

// From returns the decision of the innermost gate that c passed; false if it passed none.
func From(c *gin.Context) (core.Decision, bool) {
	if c.Request == nil { // a gin.Context that a test made
		return core.Decision{}, false
	}
	return core.FromContext(c.Request.Context())
}

// WriteReply sends a reply as it is.
func WriteReply(c *gin.Context, reply core.Reply) {
	reply.SetHeader(c.Writer.Header())
	c.Status(reply.Status)
	_, _ = c.Writer.Write(reply.Body) // the client may be gone; there is nobody to tell
}

// observe runs the handlers that follow and reports their final status, 0 if one panics.
func observe(c *gin.Context, report func(status int)) {
	w := &watched{ResponseWriter: c.Writer}
	c.Writer = w
	status := 0 // stands if a handler panics
	defer func() {
		c.Writer = w.ResponseWriter
		report(status)
	}()
	c.Next()
	if status = w.Status(); w.hijacked {
		status = http.StatusSwitchingProtocols
	}
}
