package onestore

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

// What became of a call that was to change a purchase and failed. The error of one that the store
// simply refused matches neither.
var (
	// ErrOutcomeUnknown: the store may have done it. Look the purchase up before asking again.
	ErrOutcomeUnknown = errors.New("it is not known whether the store did it")
	// ErrNotDone: the purchase was looked up after the failure, and it is not done.
	ErrNotDone = errors.New("a look-up showed that it is not done")
)

// Error is a call that failed. Find it with errors.As, and its code with errors.Is (ErrNoSuchData
// and the others). Its text, and that of what it wraps, has no URL, no purchase token, no access
// token, no secret and no body, and nothing else that the store wrote but codes that are documented:
// what a store quotes of somebody's purchase cannot be told from what it says.
type Error struct {
	// Op is the endpoint as the document calls it; "getAccessToken" if a call failed because there
	// was no access token.
	Op string
	// Status is the HTTP status, 0 if there was no whole answer.
	Status int
	// Code is the response code, empty if there was none. Usually a standard one; any other is not in
	// the text.
	Code string
	// Message is what the store wrote, short and printable, and empty if it quoted a token or a secret.
	// It is not in the text, because it may quote the purchase: its developerPayload, for instance.
	Message string
	// RetryAfter is when the store wants to be asked again, at most 1 min; 0 if it did not say.
	RetryAfter time.Duration

	change  bool     // it was to change a purchase
	fields  []string // that an InvalidRequest lists
	outcome error    // ErrOutcomeUnknown, ErrNotDone or nil
	cause   error    // why there was no answer, or what is wrong with it
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("onestore: " + e.Op)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	switch {
	case documented(e.Code):
		b.WriteString(", " + e.Code)
	case e.Code != "":
		b.WriteString(", a code that is not documented")
	}
	for _, err := range e.Unwrap() {
		b.WriteString(": " + err.Error())
	}
	return b.String()
}

// Is matches the sentinel of the standard code. ErrNoSuchData is matched only where it means that
// there is no such purchase.
func (e *Error) Is(target error) bool {
	row := codeNamed(e.Code)
	return row.sentinel != nil && row.sentinel == target && (row.class != classNoPurchase || e.saysNoPurchase())
}

// Unwrap returns what is known of the outcome, and why there was no whole answer
// (context.DeadlineExceeded for any time limit) or what is wrong with it (ErrMalformedAnswer).
func (e *Error) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.outcome, e.cause} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// with returns a copy that says what became of the call, and how that is known.
func (e *Error) with(outcome, because error) *Error {
	c := *e
	c.outcome = outcome
	switch {
	case c.cause == nil:
		c.cause = because
	case because != nil:
		c.cause = fmt.Errorf("%w; %w", c.cause, because)
	}
	return &c
}
