package googleplay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/skugate/skugate/core/internal/rest"
)

// How a change ended that was not simply done or refused.
var (
	// ErrNotDone: the answer was lost or refused the moment; asked again, the store says that nothing
	// has changed.
	ErrNotDone = errors.New("not done")
	// ErrOutcomeUnknown: the answer was lost and the store could not be asked again. It may be done.
	ErrOutcomeUnknown = errors.New("the outcome is unknown")
)

// change asks for a change of a purchase, and where its answer is lost asks the store what is the
// case. done does that. It never guesses: nil means that the store says so.
func (c *Client) change(ctx context.Context, op operation, body string, done func(context.Context) (bool, error), values ...string) error {
	u, failed := c.locate(op, values...)
	if failed != nil {
		return failed
	}
	err := c.ask(ctx, request{op: op, url: u, body: body, token: values[len(values)-1]}, func(a *rest.Answer) *Error {
		return accept(op, a)
	})
	var e *Error
	if !errors.As(err, &e) || !e.leavesOpen(op) {
		return err
	}
	is, err := done(ctx)
	switch {
	case err != nil:
		return e.ending(ErrOutcomeUnknown)
	case !is:
		return e.ending(ErrNotDone)
	default:
		return nil
	}
}

// accept judges the answer to a change: the document has an empty one.
func accept(op operation, a *rest.Answer) *Error {
	if len(a.Body) == 0 {
		return nil
	}
	_, failed := open(op, a)
	return failed
}

// leavesOpen tells whether the change may stand though its call failed. A change that is the same for
// whoever makes it may also have been made by somebody else.
func (e *Error) leavesOpen(op operation) bool {
	var lost *rest.NoAnswer
	switch {
	case e.Op != op.name: // there was no access token, so nothing was sent
		return false
	case errors.As(e.cause, &lost), e.Status == http.StatusRequestTimeout, e.Status >= 500, errors.Is(e, ErrMalformedAnswer):
		return true
	default:
		return op.idempotent && (errors.Is(e, ErrConcurrentUpdate) || errors.Is(e, ErrInvalidPurchaseState))
	}
}

// ending is the error with how the change ended.
func (e *Error) ending(how error) *Error {
	out := *e
	if out.cause = how; e.cause != nil {
		out.cause = fmt.Errorf("%w: %w", how, e.cause)
	}
	return &out
}

// payload is the optional body of an acknowledgement.
func payload(developerPayload string) string {
	if developerPayload == "" {
		return ""
	}
	body, err := json.Marshal(map[string]string{"developerPayload": developerPayload})
	if err != nil {
		return "" // a string can always be written
	}
	return string(body)
}
