package nethttpmw

import (
	"errors"
	"net/http"

	"github.com/skugate/skugate/core"
)

// Require lets a request through when r is granted to the caller that who names, with the decision in
// its context (From, core.FromContext). Any other request is answered and the handler does not run.
// A nil gate, requirement or who, or an option that makes no sense, answers 503.
func Require(gate *core.Gate, r core.Requirement, who CredentialsFunc, opts ...Option) func(http.Handler) http.Handler {
	return middleware(gate, r, who, collect(opts))
}

// Attach lets every request through, with the decision in its context, for handlers that show more to
// those who own more. A token that has to be looked up holds the request up for 50 ms at most.
func Attach(gate *core.Gate, r core.Requirement, who CredentialsFunc, opts ...Option) func(http.Handler) http.Handler {
	o := collect(opts)
	o.route.Attach = true
	return middleware(gate, r, who, o)
}

func middleware(gate *core.Gate, requirement core.Requirement, who CredentialsFunc, o options) func(http.Handler) http.Handler {
	if who == nil {
		o.route.Fault = errors.Join(o.route.Fault, errors.New("the credentials function is nil"))
	}
	route := core.NewRoute(gate, requirement, o.route)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			admission := route.Admit(r.Context(), func() (core.Credentials, error) { return who(r) })
			if !admission.Open() {
				o.fail(w, r, admission.Decision(), admission.Reply())
				return
			}
			r = o.attach(r, admission)
			if admission.Observed() {
				observe(w, r, next, func(status int) { admission.Handled(r.Context(), status) })
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// From returns the decision of the innermost gate that r passed; false if it passed none.
func From(r *http.Request) (core.Decision, bool) { return core.FromContext(r.Context()) }

// WriteReply sends a reply as it is.
func WriteReply(w http.ResponseWriter, reply core.Reply) {
	reply.SetHeader(w.Header())
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // the client may be gone; there is nobody to tell
}
