package googleplay

import (
	"errors"
	"net/http"

	"github.com/skugate/skugate/core/internal/rest"
)

// advice is what the end of an attempt says about others. The access token's fetch has rules of its
// own, so that one is not repeated here, but the pause that it brought counts.
func (op operation) advice(err error) rest.Advice {
	var e *Error
	switch {
	case err == nil:
		return rest.Advice{Answered: true}
	case !errors.As(err, &e):
		return rest.Advice{}
	}
	advice := rest.Advice{Answered: e.Status != 0, Again: e.Op == op.name && e.passing(op)}
	if e.refusedForNow() || e.Status == http.StatusServiceUnavailable {
		advice.Pause = e.RetryAfter
	}
	return advice
}

// passing tells whether the same attempt may succeed a moment later. What changes a purchase is sent
// again only if the answer shows that it was not made.
//
// Spec: 002_14922676bb3a4460.txt, the table of errors.
func (e *Error) passing(op operation) bool {
	switch {
	case e.Status == http.StatusConflict, e.Status == http.StatusTooManyRequests:
		return e.class() == classUnavailable
	case !op.idempotent, e.refusedForNow():
		return false
	case e.Status == 0:
		return rest.Passing(e.cause)
	default:
		return e.class() == classUnavailable
	}
}

// refusedForNow: the store did not look at the call, because there were too many.
func (e *Error) refusedForNow() bool {
	return e.Status == http.StatusTooManyRequests || errors.Is(e, ErrQuota)
}

// lost tells whether the store may have made the change though its call failed.
func (e *Error) lost(op operation) bool {
	switch {
	case e.Op != op.name: // there was no access token, so nothing was sent
		return false
	case e.Status == 0:
		return rest.Doubtful(e.cause)
	default:
		return errors.Is(e, ErrMalformedAnswer) || e.Status == http.StatusRequestTimeout || e.Status >= 500
	}
}
