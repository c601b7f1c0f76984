package core

import (
	"errors"
	"time"
)

// Purchase is what a store reported about one purchase token: facts, no judgement. A Store's
// look-up makes it, a Rule reads it. One Purchase is shared by everyone whom it concerns: treat it
// as read-only.
//
// The zero value of every state means "the store did not say", and none of those grants anything.
type Purchase struct {
	// Token is the purchase token that was asked about. It identifies a purchase to its store and
	// can be guessed: keep it out of logs.
	Token string `json:"-"`
	// ID is the store's id of the payment, of the last one for a product that renews.
	ID string
	// Label is what ties the purchase to an account at the store (ONE store: developerPayload).
	// Empty when the game set none.
	Label string

	// State is the state of the payment: of a managed product's only one, of a recurring product's
	// last one. ONE store reports none for a subscription; its State is StatePurchased then.
	State State
	// Consumption is reported for managed products only.
	Consumption Consumption
	// Acknowledgement is whether the game confirmed delivery. A store cancels a purchase that
	// nobody acknowledged within 72 hours (AcknowledgeWithin).
	Acknowledgement Acknowledgement
	// Payment is reported for subscriptions only.
	Payment Payment
	// AutoRenewing tells whether the store will charge again at ExpiresAt.
	AutoRenewing bool
	// Quantity is how many were bought at once, 1 where the store did not say; less what was Refunded.
	Quantity int
	// Refunded is how many of them the store gave the money back for though the purchase stands.
	Refunded int
	// Test marks a purchase that cost nothing because a tester made it.
	Test bool

	// PurchasedAt is when the purchase was made (a recurring product or subscription: first began).
	PurchasedAt time.Time
	// ExpiresAt is the store's end of access; zero for a managed product.
	ExpiresAt time.Time
	// PausesAt and ResumesAt frame a scheduled or running pause of a subscription; zero if there is none.
	PausesAt, ResumesAt time.Time
	// CanceledAt is when a renewal was cancelled. It never decides.
	CanceledAt time.Time

	// LinkedToken is the token that this purchase replaces after a change of plan.
	LinkedToken string

	// StoreTime is the store's own clock when it answered (the Date of the answer), zero if it did
	// not say. The gate measures expiries by it, unless it is more than 366 days away from ours.
	StoreTime time.Time
}

// AcknowledgeWithin is how long after a purchase a store waits for its acknowledgement before it
// cancels the purchase and refunds the player.
//
// Spec: 003_cae853c17ba7f40e.txt, "acknowledgePurchase".
const AcknowledgeWithin = 72 * time.Hour

// State is the state of a payment.
type State uint8

// The states of a payment.
const (
	StateMissing      State = iota // the store did not say
	StatePurchased                 // paid
	StateCanceled                  // cancelled or refunded
	StatePending                   // started, not yet paid
	StateTest                      // a tester's, at a client that does not count those
	StateUnrecognized              // a value that no document defines
)

// Consumption is whether a managed product was used up.
type Consumption uint8

// The states of consumption.
const (
	ConsumptionMissing      Consumption = iota // the store did not say
	Unconsumed                                 // not used up
	Consumed                                   // used up
	ConsumptionUnrecognized                    // a value that no document defines
)

// Acknowledgement is whether the game told the store that it delivered.
type Acknowledgement uint8

// The states of acknowledgement. It never blocks access.
const (
	AcknowledgementMissing Acknowledgement = iota // the store did not say
	Unacknowledged
	Acknowledged
)

// Payment is the state of a subscription's payment.
type Payment uint8

// The states of a subscription's payment.
//
// Spec: 003_cae853c17ba7f40e.txt, "getSubscriptionDetail", paymentState.
const (
	PaymentNone         Payment = iota // null or absent: the subscription ended
	PaymentPending                     // not completed: grace, hold or pause, by the expiry
	PaymentReceived                    // paid
	PaymentFree                        // in a free period
	PaymentDeferred                    // a deferred change of plan
	PaymentUnrecognized                // a value that no document defines
)

// owesAcknowledgement tells whether the store waits for one.
func (p *Purchase) owesAcknowledgement() bool {
	return p.Acknowledgement == Unacknowledged && !p.PurchasedAt.IsZero() && p.Consumption != Consumed
}

// acknowledgeBy is the deadline of the acknowledgement, zero when none is owed.
func (p *Purchase) acknowledgeBy() time.Time {
	if !p.owesAcknowledgement() {
		return time.Time{}
	}
	return p.PurchasedAt.Add(AcknowledgeWithin)
}

// Times outside of these are no times of a purchase, but seconds or microseconds taken for milliseconds,
// or nothing.
var (
	earliest = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
)

// credible says why a store client's answer about token cannot be one.
func (p *Purchase) credible(token string) error {
	malformed := func(what string) error {
		return &StoreError{Reason: ReasonMalformedUpstream, Err: errors.New("the store client returned " + what)}
	}
	switch {
	case p == nil:
		return malformed("neither a purchase nor an error")
	case p.Token != token: // voids and owners go by it
		return malformed("the purchase of another token")
	}
	for _, t := range [...]time.Time{p.PurchasedAt, p.ExpiresAt} {
		if !t.IsZero() && (t.Before(earliest) || !t.Before(latest)) {
			return malformed("a time that is none of a purchase")
		}
	}
	return nil
}
