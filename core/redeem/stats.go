package redeem

import (
	"errors"
	"sync/atomic"

	"github.com/skugate/skugate/core"
)

// Stats is what a Redeemer counted since it was made. Each call of Redeem that ended is one of Delivered,
// Repeated, Failed, Denied, InProgress and Undetermined; Resume calls it once for each purchase.
type Stats struct {
	Delivered uint64 // the handler ran and succeeded
	Repeated  uint64 // delivered before, so that the handler did not run
	Failed    uint64 // the handler failed or panicked: the player paid and has nothing yet
	Denied    uint64 // refused for good
	// InProgress: another request was working on the purchase. Undetermined: it could not be found out
	// whether it can be redeemed.
	InProgress, Undetermined uint64

	Resumed      uint64 // runs of the handler for a redemption that an earlier run had begun
	LedgerFailed uint64 // calls of the ledger that failed
	Running      int    // calls under way now
}

// Stats returns what was counted. The parts are not of one instant.
func (r *Redeemer) Stats() Stats {
	if r == nil {
		return Stats{}
	}
	c := &r.counts
	return Stats{
		Delivered: c.delivered.Load(), Repeated: c.repeated.Load(), Failed: c.failed.Load(), Denied: c.denied.Load(),
		InProgress: c.inProgress.Load(), Undetermined: c.undetermined.Load(),
		Resumed: c.resumed.Load(), LedgerFailed: c.ledgerFailed.Load(), Running: r.running.count(),
	}
}

type counts struct {
	delivered, repeated, failed, denied, inProgress, undetermined, resumed, ledgerFailed atomic.Uint64
}

// errPanicked is the outcome of a call that did not return.
var errPanicked = errors.New("redeem: the handler panicked")

// ended counts a call by its outcome; ran is whether the handler did.
func (c *counts) ended(ran bool, outcome error) {
	var refusal *Refusal
	switch errors.As(outcome, &refusal); {
	case refusal == nil && outcome != nil:
		c.failed.Add(1)
	case refusal == nil && ran:
		c.delivered.Add(1)
	case refusal == nil:
		c.repeated.Add(1)
	case refusal.Decision.Reason == core.ReasonInProgress:
		c.inProgress.Add(1)
	case refusal.Decision.Outcome == core.Denied:
		c.denied.Add(1)
	default:
		c.undetermined.Add(1)
	}
}
