package googleplay

import (
	"errors"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/terms"
)

// meaning is what a class of errors means to a decision and to the circuit breaker.
//
// Everything that ends in a "no" is reported as a purchase that does not exist: Google refuses a made-up
// token with 400 as often as with 404, and only what counts as not found is remembered, and charged to
// the account that guesses.
var meaning = [...]struct {
	fault  core.StoreFault
	reason core.Reason
}{
	classUnavailable:   {core.FaultUnavailable, core.ReasonUpstreamUnavailable},
	classFault:         {core.FaultUnavailable, core.ReasonUpstreamFault},
	classMalformed:     {core.FaultUnavailable, core.ReasonMalformedUpstream},
	classMisconfigured: {core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	classAuth:          {core.FaultMisconfigured, core.ReasonUpstreamAuth},
	classNotFound:      {core.FaultNotFound, core.ReasonNotFound},
	classBadToken:      {core.FaultNotFound, core.ReasonInvalidToken},
	classMismatch:      {core.FaultNotFound, core.ReasonProductMismatch},
	classNotOwned:      {core.FaultNotFound, core.ReasonNotOwned},
}

// As makes a *core.StoreError of an *Error, so that whatever calls a Client through a gate's guard tells
// the circuit breaker the right thing.
func (e *Error) As(target any) bool {
	se, ok := target.(**core.StoreError)
	if ok {
		*se = storeError(e)
	}
	return ok
}

// storeError says what a failed call means to a decision.
func storeError(err error) *core.StoreError {
	if errors.Is(err, errMismatch) {
		m := meaning[classMismatch]
		return &core.StoreError{Fault: m.fault, Reason: m.reason, Err: err}
	}
	se := &core.StoreError{Fault: core.FaultUnavailable, Reason: core.ReasonUpstreamUnavailable, Err: err}
	var e *Error
	if !errors.As(err, &e) {
		return se
	}
	m := meaning[e.class()]
	se.Fault, se.Reason, se.RetryAfter = m.fault, m.reason, e.RetryAfter
	switch {
	case e.change && (errors.Is(e, ErrInvalidPurchaseState) || errors.Is(e, ErrConcurrentUpdate)): // the store works
		se.Fault, se.Reason = core.FaultTokenRefused, core.ReasonStateConflict
	case e.Status != 0:
	case errors.Is(err, ErrInvalidArgument):
		se.Fault, se.Reason = core.FaultTokenRefused, core.ReasonInvalidToken
	default:
		se.Reason = terms.Unanswered(err)
	}
	return se
}
