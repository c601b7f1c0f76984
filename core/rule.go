package core

import "time"

// RuleInput is what a rule judges: one purchase at one instant.
type RuleInput struct {
	Product  Product
	Purchase *Purchase
	// Now is the store's clock. Stores count in milliseconds; the last one is inside.
	Now time.Time
	// Voided: the store's list of voided purchases names this payment.
	Voided bool
	// Superseded: another purchase replaced this one (Purchase.LinkedToken).
	Superseded bool
}

// Verdict is what a rule says of a purchase.
type Verdict struct {
	Outcome Outcome
	Reason  Reason
	// ExpiresAt is when a granted right ends; zero if it does not.
	ExpiresAt time.Time
	// AcknowledgeBy is set when the store waits for an acknowledgement.
	AcknowledgeBy time.Time
}

// Rule turns facts into a verdict. It runs on every request, so it is quick and pure, allocates
// nothing, and is safe for concurrent use. A verdict that is not about the facts but about not
// knowing them is Undetermined.
type Rule func(in RuleInput) Verdict

// DefaultRule is the rule of each kind as the stores define it. Replace Config.Rule with a function
// that calls it to refine it.
//
// Spec: 003_cae853c17ba7f40e.txt, the response tables of the three look-ups.
func DefaultRule(in RuleInput) Verdict {
	p := in.Purchase
	if p == nil {
		return Verdict{Reason: ReasonMalformedUpstream}
	}
	if in.Superseded {
		return denied(ReasonSuperseded)
	}
	if in.Voided {
		if in.Product.Kind == KindSubscription && p.Payment == PaymentNone && !within(in.Now, p.ExpiresAt) {
			return denied(ReasonRevoked)
		}
		return denied(ReasonVoided)
	}
	switch in.Product.Kind {
	case KindInApp:
		return managedRule(&in)
	case KindRecurring:
		return recurringRule(&in)
	case KindSubscription:
		return subscriptionRule(&in)
	default:
		return Verdict{Reason: ReasonMisconfigured}
	}
}

// clockTolerance is how far in the future a purchase may lie after correction by the store's clock.
const clockTolerance = 5 * time.Minute

func managedRule(in *RuleInput) Verdict {
	p := in.Purchase
	switch p.State {
	case StatePurchased:
	case StateMissing:
		return Verdict{Reason: ReasonMalformedUpstream}
	default:
		return denied(p.State.refusal())
	}
	if p.Refunded > 0 && p.Quantity <= 0 {
		return denied(ReasonRefunded)
	}
	switch p.Consumption {
	case Unconsumed:
	case ConsumptionMissing:
		return Verdict{Reason: ReasonMalformedUpstream}
	case Consumed:
		return denied(ReasonConsumed)
	default:
		return denied(ReasonUnknownState)
	}
	if p.PurchasedAt.IsZero() {
		return Verdict{Reason: ReasonMalformedUpstream}
	}
	if p.PurchasedAt.Sub(in.Now) > clockTolerance {
		return Verdict{Reason: ReasonClockSkew}
	}

	v := Verdict{Outcome: Granted, Reason: ReasonOwned, AcknowledgeBy: p.acknowledgeBy()}
	switch term := in.Product.term; {
	case in.Product.consumable:
		v.Reason = ReasonUnconsumed
	case term < 0:
		return Verdict{Reason: ReasonMisconfigured}
	case term > 0:
		v.ExpiresAt = p.PurchasedAt.Add(term)
		if !within(in.Now, v.ExpiresAt) {
			return denied(ReasonTermExpired)
		}
		v.Reason = ReasonTermActive
	}
	if p.Refunded > 0 {
		v.Reason = ReasonPartiallyRefunded
	}
	if !v.AcknowledgeBy.IsZero() {
		v.Reason = ReasonActiveUnacknowledged
		if !within(in.Now, v.AcknowledgeBy) {
			v.Reason = ReasonAckOverdue
		}
	}
	return v
}

// recurringRule needs both: an expiry that has not passed and a last payment that stands. The
// prose of the document says "or"; its example and its Korean original say "and".
func recurringRule(in *RuleInput) Verdict {
	p := in.Purchase
	switch {
	case p.ExpiresAt.IsZero() || p.State == StateMissing:
		return Verdict{Reason: ReasonMalformedUpstream}
	case !within(in.Now, p.ExpiresAt):
		return denied(ReasonExpired)
	case p.State == StateCanceled:
		return denied(ReasonLastPaymentCanceled)
	case p.State == StatePending:
		return denied(ReasonPending)
	case p.State != StatePurchased:
		return denied(ReasonUnknownState)
	}
	v := Verdict{Outcome: Granted, Reason: ReasonActive, ExpiresAt: p.ExpiresAt, AcknowledgeBy: p.acknowledgeBy()}
	switch {
	case !v.AcknowledgeBy.IsZero():
		v.Reason = ReasonActiveUnacknowledged
	case !p.AutoRenewing:
		v.Reason = ReasonCanceledNotExpired
	}
	return v
}

// subscriptionRule lets the expiry alone decide: the store moves it forward for a grace period and
// back for hold, pause and revocation. The payment state only names the reason.
func subscriptionRule(in *RuleInput) Verdict {
	p := in.Purchase
	switch p.State {
	case StatePending, StateCanceled, StateTest: // what was never paid need not have an expiry
		return denied(p.State.refusal())
	}
	if p.ExpiresAt.IsZero() || p.State == StateMissing {
		return Verdict{Reason: ReasonMalformedUpstream}
	}
	if !within(in.Now, p.ExpiresAt) {
		return denied(lapsedSubscription(in.Now, p))
	}
	if p.State != StatePurchased {
		return denied(ReasonUnknownState)
	}
	v := Verdict{Outcome: Granted, ExpiresAt: p.ExpiresAt, AcknowledgeBy: p.acknowledgeBy()}
	switch p.Payment {
	case PaymentNone:
		return denied(ReasonStateConflict)
	case PaymentPending:
		if p.ID == "" {
			return denied(ReasonPaymentPending) // never paid
		}
		v.Reason = ReasonGracePeriod
	case PaymentReceived:
		if v.Reason = ReasonActive; p.PausesAt.After(in.Now) {
			v.Reason = ReasonPauseScheduled
		}
	case PaymentFree:
		v.Reason = ReasonTrial
	case PaymentDeferred:
		v.Reason = ReasonDeferredChange
	default:
		return denied(ReasonUnknownState)
	}
	if !p.AutoRenewing {
		v.Reason = ReasonCanceledNotExpired
	}
	return v
}

func lapsedSubscription(now time.Time, p *Purchase) Reason {
	switch {
	case !p.AutoRenewing:
		return ReasonExpired
	case !p.PausesAt.IsZero() && !p.PausesAt.After(now):
		return ReasonPaused
	case p.Payment == PaymentNone:
		return ReasonExpired
	case p.Payment == PaymentPending:
		return ReasonOnHold
	default:
		return ReasonRenewalPending
	}
}

// refusal is why a payment in a state other than StatePurchased grants nothing.
func (s State) refusal() Reason {
	switch s {
	case StateCanceled:
		return ReasonPurchaseCanceled
	case StatePending:
		return ReasonPending
	case StateTest:
		return ReasonTestPurchase
	default:
		return ReasonUnknownState
	}
}

func denied(r Reason) Verdict { return Verdict{Outcome: Denied, Reason: r} }

// within compares as the stores do, in whole milliseconds, the last one included.
func within(now, end time.Time) bool { return now.UnixMilli() <= end.UnixMilli() }
