package onestore

import (
	"slices"
	"strings"

	"github.com/skugate/skugate/core/internal/rest"
)

// refusal makes the error of an answer that is no success. secrets must not be quoted.
func refusal(op operation, a *rest.Answer, o *rest.Object, secrets ...string) *Error {
	e := &Error{Op: op.name, Status: a.Status, RetryAfter: a.RetryAfter(), change: op.result}
	if o == nil {
		return e
	}
	// The document nests code and message in "error"; its table is flat, and RFC 6749 has a string.
	code, message := o.Text("code"), o.Text("message")
	if inner := o.Object("error"); inner != nil {
		code, message = inner.Text("code"), inner.Text("message")
	} else if s := o.Text("error"); s != "" {
		code, message = s, o.Text("error_description")
	}
	e.Code, e.Message = safeCode(code, secrets), safeMessage(message, secrets)
	e.fields = listed(message)
	return e
}

const (
	maxCode  = 64
	idLength = 20 // of every purchase token and id that was seen
)

// safeCode drops what cannot be a code: that is a word of letters, in RFC 6749 with underscores.
func safeCode(code string, secrets []string) string {
	if len(code) > maxCode || strings.ContainsFunc(code, notCodeRune) || rest.Quotes(code, secrets) {
		return ""
	}
	return code
}

func notCodeRune(r rune) bool { return rest.NotWordRune(r) || isDigit(r) || r == '.' || r == '-' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// safeMessage makes a short line, or nothing. It may still quote a purchase's payload, which nobody can
// recognise.
func safeMessage(message string, secrets []string) string {
	if namesPurchase(message) {
		return ""
	}
	return rest.SafeMessage(message, secrets)
}

// namesPurchase tells whether message may hold a purchase token or id that was not in the request: a
// word as long as one, with digits.
func namesPurchase(message string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(message, rest.NotWordRune), func(word string) bool {
		return len(word) >= idLength && strings.ContainsFunc(word, isDigit)
	})
}

// listed are the names in "Request parameters are invalid. [ field1, field2, ... ]".
func listed(message string) []string {
	_, rest, ok := strings.Cut(message, "[")
	list, _, closed := strings.Cut(rest, "]")
	if !ok || !closed {
		return nil
	}
	fields := strings.Split(list, ",")
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields
}
