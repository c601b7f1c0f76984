package core

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// StoreFault says what a failed look-up means to a decision and to the circuit breaker.
type StoreFault uint8

// The kinds of failed look-ups. The zero value is the careful one.
const (
	// FaultUnavailable: the store is down, slow, limits us or talks nonsense. Undetermined; a
	// failure to the breaker.
	FaultUnavailable StoreFault = iota
	// FaultMisconfigured: our credentials, URL or rights were refused. Undetermined, loud; a failure
	// to the breaker, so that a wrong URL is not hammered.
	FaultMisconfigured
	// FaultNotFound: the store answered that there is no such purchase. Denied; healthy.
	FaultNotFound
	// FaultTokenRefused: the store answered that the token or its use is wrong. Denied; healthy.
	FaultTokenRefused
)

// StoreError is how a Store reports a failed look-up. Its text, and that of everything it wraps,
// carries no purchase token, no URL, no secret and no body.
type StoreError struct {
	Fault  StoreFault
	Reason Reason // the decision's reason; each fault has a default
	// RetryAfter is when to ask again, as far as the store said; zero if it did not.
	RetryAfter time.Duration
	Err        error
}

// Error implements error.
func (e *StoreError) Error() string {
	if e == nil {
		return "core: store: a nil *StoreError"
	}
	if e.Err == nil {
		return fmt.Sprintf("core: store: %s", e.reason())
	}
	return fmt.Sprintf("core: store: %s: %v", e.reason(), e.Err)
}

// Unwrap returns the store client's own error.
func (e *StoreError) Unwrap() error {
	if e == nil { // a store returned its typed nil as an error
		return nil
	}
	return e.Err
}

func (e *StoreError) reason() Reason {
	if e.Reason != "" {
		return e.Reason
	}
	switch e.Fault {
	case FaultNotFound:
		return ReasonNotFound
	case FaultTokenRefused:
		return ReasonInvalidToken
	case FaultMisconfigured:
		return ReasonUpstreamMisconfigured
	default:
		return ReasonUpstreamUnavailable
	}
}

// outcome is what the failed look-up comes to.
func (e *StoreError) outcome() Outcome {
	switch e.Fault {
	case FaultNotFound, FaultTokenRefused:
		return Denied
	default:
		return Undetermined
	}
}

// asStoreError gives every error of a look-up the shape that decisions are made of.
func asStoreError(err error) *StoreError {
	var se *StoreError
	switch {
	case errors.As(err, &se) && se != nil:
		return se
	case errors.Is(err, context.DeadlineExceeded):
		return &StoreError{Reason: ReasonDeadline, Err: err}
	default:
		return &StoreError{Err: err}
	}
}
