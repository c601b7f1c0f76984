package googleplay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/skugate/skugate/core/internal/rest"
)

// How a change ended that was not simply done or refused.
var (
	// ErrNotDone: asked again, the store shows that the change was not made.
	ErrNotDone = errors.New("not done")
	// ErrOutcomeUnknown: the answer was lost, and nothing shows whether the change was made.
	ErrOutcomeUnknown = errors.New("the outcome is unknown")
)

// change asks for a change of a purchase. It is made once at most, whatever becomes of it.
func (c *Client) change(ctx context.Context, op operation, body string, values ...string) error {
	u, failed := c.locate(op, values...)
	if failed != nil {
		return failed
	}
	err := c.ask(ctx, request{op: op, url: u, body: body, token: values[len(values)-1]}, func(a *rest.Answer) *Error {
		return accept(op, a)
	})
	var e *Error
	if errors.As(err, &e) && e.lost(op) {
		return e.ending(ErrOutcomeUnknown, e.cause)
	}
	return err
}

// settle finds out what became of a change that failed with err, if that is in question: its answer was
// lost, or the purchase is in a state in which it may be done already. done asks the store.
func settle(err error, done func() (bool, error)) error {
	var e *Error
	if !errors.As(err, &e) || !errors.Is(e, ErrOutcomeUnknown) && !errors.Is(e, ErrConcurrentUpdate) && !errors.Is(e, ErrInvalidPurchaseState) {
		return err
	}
	made, err := done()
	var look *Error
	switch {
	case err == nil && made:
		return nil
	case err == nil, errors.As(err, &look) && look.aboutPurchase():
		return e.ending(ErrNotDone, err)
	default:
		return e.ending(ErrOutcomeUnknown, err)
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

// ending is the error with how the change ended, and why it is not known better.
func (e *Error) ending(how, why error) *Error {
	out := *e
	if out.cause = how; why != nil {
		out.cause = fmt.Errorf("%w: %w", how, why)
	}
	return &out
}

// payload is the optional body of an acknowledgement.
func payload(developerPayload string) string {
	if developerPayload == "" {
		return ""
	}
	quoted, _ := json.Marshal(developerPayload) // a string can always be written
	return `{"developerPayload":` + string(quoted) + "}"
}
