package googleplay

import (
	"net/http"
	"strings"

	"github.com/skugate/skugate/core/internal/rest"
)

// refusal makes the error of an answer that is no success. secrets must not be quoted.
func refusal(op operation, a *rest.Answer, secrets ...string) *Error {
	e := &Error{Op: op.name, Status: a.Status, RetryAfter: a.RetryAfter(), purchase: op.purchase, change: op.purchase && op.method == http.MethodPost}
	o, err := rest.Parse(a.Body)
	if err != nil {
		return e
	}
	var reason, message string
	if inner := o.Object("error"); inner != nil { // the API's own shape
		e.structured = true
		reason, message = firstReason(inner), inner.Text("message")
	} else if reason = o.Text("error"); reason != "" { // RFC 6749's, of the token endpoint
		e.structured = op.name == getAccessToken.name
		message = o.Text("error_description")
	}
	e.Reason, e.Message = safeReason(reason, secrets), rest.SafeMessage(message, secrets)
	return e
}

// firstReason is the reason of the first error in "errors".
func firstReason(o *rest.Object) string {
	list := o.Objects("errors")
	if len(list) == 0 || o.Err() != nil {
		return ""
	}
	return list[0].Text("reason")
}

const maxReason = 64

// safeReason drops what cannot be a reason.
func safeReason(reason string, secrets []string) string {
	if len(reason) > maxReason || strings.ContainsFunc(reason, rest.NotWordRune) || rest.Quotes(reason, secrets) {
		return ""
	}
	return reason
}
