package onestore

import (
	"errors"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/terms"
)

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
	se := &core.StoreError{Fault: core.FaultUnavailable, Reason: core.ReasonUpstreamUnavailable, Err: err}
	var e *Error
	if !errors.As(err, &e) {
		return se
	}
	se.RetryAfter = e.RetryAfter
	c := e.class()
	if !e.change && (c == classConflict || c == classPayload) {
		c = classMisconfigured // no look-up is answered like that
	}
	switch c {
	case classNoPurchase:
		se.Fault, se.Reason = core.FaultNotFound, core.ReasonNotFound
	case classConflict:
		se.Fault, se.Reason = core.FaultTokenRefused, core.ReasonStateConflict
	case classPayload:
		se.Fault, se.Reason = core.FaultTokenRefused, core.ReasonAccountMismatch
	case classBadParameter:
		se.Fault, se.Reason = core.FaultTokenRefused, core.ReasonInvalidToken
	case classMisconfigured:
		se.Fault, se.Reason = core.FaultMisconfigured, core.ReasonUpstreamMisconfigured
	case classAuth:
		se.Fault, se.Reason = core.FaultMisconfigured, core.ReasonUpstreamAuth
	case classBlocked:
		se.Fault, se.Reason = core.FaultMisconfigured, core.ReasonUpstreamBlocked
	case classMalformed:
		se.Reason = core.ReasonMalformedUpstream
	case classFault:
		se.Reason = core.ReasonUpstreamFault
	default:
		if se.Reason = terms.Unanswered(err); errors.Is(err, ErrInvalidArgument) {
			se.Fault, se.Reason = core.FaultTokenRefused, core.ReasonInvalidToken
		}
	}
	return se
}
