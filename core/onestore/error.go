package onestore

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrMalformedAnswer is matched by the error of a call that was answered with success, but not with
// what the document promises.
var ErrMalformedAnswer = errors.New("malformed answer")

// Error is a call that failed. Find it with errors.As, and its code with errors.Is (ErrNoSuchData
// and the others). Its text, and that of what it wraps, has no URL, no purchase token, no access
// token, no secret and no body.
type Error struct {
	// Op is the endpoint as the document calls it; "getAccessToken" if a call failed because there
	// was no access token.
	Op string
	// Status is the HTTP status, 0 if there was no whole answer.
	Status int
	// Code is the response code, empty if there was none. Usually a standard one.
	Code string
	// Message is what the store wrote, made safe for a log: short, printable, and empty if it
	// quoted what must not be shown.
	Message string
	// RetryAfter is when the store wants to be asked again, at most 1 h; 0 if it did not say.
	RetryAfter time.Duration

	fields []string // that an InvalidRequest lists
	cause  error    // why there was no answer, or what is wrong with it
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("onestore: " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(", " + e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Is matches the sentinel of the standard code. ErrNoSuchData is matched only where it means that
// there is no such purchase.
func (e *Error) Is(target error) bool {
	for i := range codes {
		if codes[i].code == e.Code && codes[i].sentinel == target {
			return codes[i].class != classNoPurchase || e.saysNoPurchase()
		}
	}
	return false
}

// Unwrap returns why there was no whole answer (context.DeadlineExceeded for any time limit), or
// ErrMalformedAnswer with what is wrong.
func (e *Error) Unwrap() error { return e.cause }
