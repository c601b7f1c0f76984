package googleplay

import (
	"net/http"
	"strings"
	"unicode"

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
		reason, message = firstReason(a.Body), inner.Text("message")
	} else if reason = o.Text("error"); reason != "" { // RFC 6749's, of the token endpoint
		e.structured = op.name == getAccessToken.name
		message = o.Text("error_description")
	}
	e.Reason, e.Message = safeReason(reason, secrets), safeMessage(message, secrets)
	return e
}

// firstReason is the reason of the first error in {"error":{"errors":[…]}}.
func firstReason(body []byte) string {
	list, err := objects(body, "error", "errors")
	if err != nil || len(list) == 0 {
		return ""
	}
	return list[0].Text("reason")
}

const (
	maxReason  = 64
	maxMessage = 200
)

// safeReason drops what cannot be a reason.
func safeReason(reason string, secrets []string) string {
	if len(reason) > maxReason || strings.ContainsFunc(reason, notWordRune) || quotes(reason, secrets) {
		return ""
	}
	return reason
}

// safeMessage makes a line for a log, or nothing.
func safeMessage(message string, secrets []string) string {
	if quotes(message, secrets) || strings.Contains(message, "://") {
		return ""
	}
	message = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, message)
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "…"
	}
	return message
}

func quotes(s string, secrets []string) bool {
	s = strings.ToLower(s)
	for _, secret := range secrets {
		if secret != "" && strings.Contains(s, strings.ToLower(secret)) {
			return true
		}
	}
	return false
}
