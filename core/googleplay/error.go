package googleplay

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// ErrMalformedAnswer is matched by the error of a call that was answered with success, but not with
// what the document promises.
var ErrMalformedAnswer = errors.New("malformed answer")

// ErrPaused is matched by the error of a call that was not made, because the store had asked to be left
// alone. Error.RetryAfter says for how long.
var ErrPaused = rest.ErrPaused

// Error is a call that failed. Find it with errors.As, and its reason with errors.Is (ErrNotFound and
// the others). Its text, and that of what it wraps, has no URL, no purchase token, no access token, no
// key and no body, and nothing else that the store wrote but reasons that are known: what a store quotes
// of somebody's purchase cannot be told from what it says.
type Error struct {
	// Op is the method as the document calls it ("purchases.products.get"); "getAccessToken" if a call
	// failed because there was no access token.
	Op string
	// Status is the HTTP status, 0 if there was no whole answer.
	Status int
	// Reason is the reason of the first error that the answer lists, or the error of RFC 6749; empty
	// if there was none. Google uses more of them than it documents; one that is not known here is not in
	// the text.
	Reason string
	// Message is what the store wrote, short and printable, and empty if it quoted a token or a secret.
	// It is not in the text, because it may quote the purchase.
	Message string
	// RetryAfter is when the store wants to be asked again, at most 1 min; 0 if it did not say.
	RetryAfter time.Duration

	purchase   bool  // the call was about one purchase
	change     bool  // and was to change it
	structured bool  // the answer was an error of the API, not a page
	cause      error // why there was no answer, or what is wrong with it
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("googleplay: " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	switch {
	case known(e.Reason):
		b.WriteString(", " + e.Reason)
	case e.Reason != "":
		b.WriteString(", a reason that is not known")
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Is matches the sentinel of what the answer comes to, whichever of its reasons it gave.
func (e *Error) Is(target error) bool {
	r := e.row()
	return r != nil && r.sentinel != nil && r.sentinel == target
}

// Unwrap returns why there was no whole answer (context.DeadlineExceeded for any time limit),
// ErrMalformedAnswer with what is wrong, or how a change ended (ErrNotDone, ErrOutcomeUnknown).
func (e *Error) Unwrap() error { return e.cause }
