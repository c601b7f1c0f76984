package redeem

import (
	"errors"
	"fmt"
	"time"

	"github.com/skugate/skugate/core"
)

// Refusal is the error of a purchase that was not redeemed now. Denied: it cannot be, as it is.
// Undetermined: it may be later, and nothing is lost. Find it with errors.As.
type Refusal struct {
	Decision core.Decision
}

// Error implements error. It names no token and no account.
func (r *Refusal) Error() string {
	if r.Decision.Err != nil {
		return fmt.Sprintf("redeem: %s: %s: %v", r.Decision.Outcome, r.Decision.Reason, r.Decision.Err)
	}
	return fmt.Sprintf("redeem: %s: %s", r.Decision.Outcome, r.Decision.Reason)
}

// Unwrap returns what kept the purchase from being redeemed, if that was an error.
func (r *Refusal) Unwrap() error { return r.Decision.Err }

func denied(p core.Product, reason core.Reason, err error) *Refusal {
	return &Refusal{core.Decision{Outcome: core.Denied, Reason: reason, Product: p, Err: err}}
}

func undetermined(p core.Product, reason core.Reason, err error) *Refusal {
	return &Refusal{core.Decision{Reason: reason, Product: p, Err: err, RetryAfter: time.Second}}
}

// inProgress tells when the attempt that is under way is over at the latest, if that is known.
func inProgress(p core.Product, wait time.Duration) *Refusal {
	return &Refusal{core.Decision{Reason: core.ReasonInProgress, Product: p, RetryAfter: max(wait, time.Second)}}
}

var (
	errNotMade   = errors.New("redeem: the redeemer is nil or was not made by redeem.New")
	errNoHandler = errors.New("redeem: there is no handler to deliver")
)
