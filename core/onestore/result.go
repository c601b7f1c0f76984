package onestore

import (
	"context"
	"errors"

	"github.com/skugate/skugate/core/internal/rest"
)

// result is the answer of an operation that changes a purchase: that it was done.
//
// Spec: 003_cae853c17ba7f40e.txt, "标准响应代码". The tables print its members flat, the samples nested.
type result struct{}

func (*result) read(o *rest.Object, _ origin) {
	inner := o.Object("result")
	if inner == nil && !o.Has("result") {
		inner = o
	}
	if inner == nil || codeNamed(inner.Text("code")).class != classSuccess {
		o.Fault("result", "is not Success")
	}
}

// change asks op to change a purchase. It is asked once, whatever becomes of it.
func (c *Client) change(ctx context.Context, op operation, in input) error {
	_, err := call[result](ctx, c, op, in)
	return err
}

// found is what a look-up says about a purchase that was to be confirmed.
type found struct {
	done    bool
	payload *string // as far as the look-up shows it
}

// settle finds out what became of a confirmation that failed with err, if that is in question: the
// purchase was in another state, or the store may have done it.
func settle(err error, payload string, look func() (found, error)) error {
	var e *Error
	if !errors.As(err, &e) || e.outcome == nil && e.class() != classConflict {
		return err
	}
	f, err := look()
	switch {
	case errors.Is(err, ErrNoSuchData):
		return e.with(ErrNotDone, err)
	case err != nil:
		return e.with(ErrOutcomeUnknown, err)
	case !f.done:
		return e.with(ErrNotDone, nil)
	case payload != "" && f.payload != nil && *f.payload != "" && *f.payload != payload:
		return e.with(ErrNotDone, ErrDeveloperPayloadNotMatch)
	default:
		return nil
	}
}
