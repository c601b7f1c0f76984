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
func DefaultRule(in RuleInput) (v Verdict) {
	in.judge(&v)
	return v
}

// judge writes the verdict where it is wanted: it runs on every hit, and what is this large costs more to
// hand on than to find out.
func (in *RuleInput) judge(v *Verdict) {
	p := in.Purchase
	switch {
	case p == nil:
		v.undetermined(ReasonMalformedUpstream)
	case in.Superseded:
		v.denied(ReasonSuperseded)
	case in.Voided:
		v.denied(ReasonVoided)
		if in.Product.Kind == KindSubscription && p.Payment == PaymentNone && !within(in.Now, p.ExpiresAt) {
			v.denied(ReasonRevoked)
		}
	case in.Product.Kind == KindInApp:
		in.judgeManaged(v)
	case in.Product.Kind == KindRecurring:
		in.judgeRecurring(v)
	case in.Product.Kind == KindSubscription:
		in.judgeSubscription(v)
	default:
		v.undetermined(ReasonMisconfigured)
	}
}

// clockTolerance is how far in the future a purchase may lie after correction by the store's clock.
const clockTolerance = 5 * time.Minute

func (in *RuleInput) judgeManaged(v *Verdict) {
	p := in.Purchase
	switch {
	case p.State == StateMissing:
		v.undetermined(ReasonMalformedUpstream)
		return
	case p.State != StatePurchased:
		v.denied(p.State.refusal())
		return
	case p.Refunded > 0 && p.Quantity <= 0:
		v.denied(ReasonRefunded)
		return
	case p.Consumption == ConsumptionMissing:
		v.undetermined(ReasonMalformedUpstream)
		return
	case p.Consumption == Consumed:
		v.denied(ReasonConsumed)
		return
	case p.Consumption != Unconsumed:
		v.denied(ReasonUnknownState)
		return
	case p.PurchasedAt.IsZero():
		v.undetermined(ReasonMalformedUpstream)
		return
	case p.PurchasedAt.After(in.Now.Add(clockTolerance)):
		v.undetermined(ReasonClockSkew)
		return
	}

	v.granted(ReasonOwned, p)
	switch term := in.Product.term; {
	case in.Product.consumable:
		v.Reason = ReasonUnconsumed
	case term < 0:
		v.undetermined(ReasonMisconfigured)
		return
	case term > 0:
		v.ExpiresAt = p.PurchasedAt.Add(term)
		if !within(in.Now, v.ExpiresAt) {
			v.denied(ReasonTermExpired)
			return
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
}

// judgeRecurring needs both: an expiry that has not passed and a last payment that stands. The
// prose of the document says "or"; its example and its Korean original say "and".
func (in *RuleInput) judgeRecurring(v *Verdict) {
	p := in.Purchase
	switch {
	case p.ExpiresAt.IsZero() || p.State == StateMissing:
		v.undetermined(ReasonMalformedUpstream)
	case !within(in.Now, p.ExpiresAt):
		v.denied(ReasonExpired)
	case p.State == StateCanceled:
		v.denied(ReasonLastPaymentCanceled)
	case p.State == StatePending:
		v.denied(ReasonPending)
	case p.State != StatePurchased:
		v.denied(ReasonUnknownState)
	default:
		v.granted(ReasonActive, p)
		v.ExpiresAt = p.ExpiresAt
		switch {
		case !v.AcknowledgeBy.IsZero():
			v.Reason = ReasonActiveUnacknowledged
		case !p.AutoRenewing:
			v.Reason = ReasonCanceledNotExpired
		}
	}
}

// judgeSubscription lets the expiry alone decide: the store moves it forward for a grace period and
// back for hold, pause and revocation. The payment state only names the reason.
func (in *RuleInput) judgeSubscription(v *Verdict) {
	p := in.Purchase
	switch {
	case p.State == StatePending || p.State == StateCanceled || p.State == StateTest: // what was never paid need not have an expiry
		v.denied(p.State.refusal())
		return
	case p.ExpiresAt.IsZero() || p.State == StateMissing:
		v.undetermined(ReasonMalformedUpstream)
		return
	case !within(in.Now, p.ExpiresAt):
		v.denied(lapsedSubscription(in.Now, p))
		return
	case p.State != StatePurchased:
		v.denied(ReasonUnknownState)
		return
	}
	reason := ReasonActive
	switch p.Payment {
	case PaymentNone:
		v.denied(ReasonStateConflict)
		return
	case PaymentPending:
		if p.ID == "" {
			v.denied(ReasonPaymentPending) // never paid
			return
		}
		reason = ReasonGracePeriod
	case PaymentReceived:
		if p.PausesAt.After(in.Now) {
			reason = ReasonPauseScheduled
		}
	case PaymentFree:
		reason = ReasonTrial
	case PaymentDeferred:
		reason = ReasonDeferredChange
	default:
		v.denied(ReasonUnknownState)
		return
	}
	if !p.AutoRenewing {
		reason = ReasonCanceledNotExpired
	}
	v.granted(reason, p)
	v.ExpiresAt = p.ExpiresAt
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

func (v *Verdict) undetermined(r Reason) { *v = Verdict{Reason: r} }
func (v *Verdict) denied(r Reason)       { *v = Verdict{Outcome: Denied, Reason: r} }

func (v *Verdict) granted(r Reason, p *Purchase) {
	*v = Verdict{Outcome: Granted, Reason: r, AcknowledgeBy: p.acknowledgeBy()}
}

// within compares as the stores do, in whole milliseconds, the last one included.
func within(now, end time.Time) bool { return now.UnixMilli() <= end.UnixMilli() }
