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
	t := trial{product: &in.Product, purchase: in.Purchase, now: in.Now, voided: in.Voided, superseded: in.Superseded}
	t.judge(&v)
	return v
}

// trial is a RuleInput that copies nothing. It runs on every hit, where handing on values as large as a
// RuleInput or a Verdict costs more than finding out what is in them.
type trial struct {
	product            *Product
	purchase           *Purchase
	now                time.Time
	voided, superseded bool
}

// judge fills in the verdict, which is zero before.
func (t *trial) judge(v *Verdict) {
	p := t.purchase
	switch {
	case p == nil:
		v.Reason = ReasonMalformedUpstream
	case t.superseded:
		v.denied(ReasonSuperseded)
	case t.voided:
		v.denied(ReasonVoided)
		if t.product.Kind == KindSubscription && p.Payment == PaymentNone && !within(t.now, p.ExpiresAt) {
			v.denied(ReasonRevoked)
		}
	case t.product.Kind == KindInApp:
		t.judgeManaged(v)
	case t.product.Kind == KindRecurring:
		t.judgeRecurring(v)
	case t.product.Kind == KindSubscription:
		t.judgeSubscription(v)
	default:
		v.Reason = ReasonMisconfigured
	}
}

// clockTolerance is how far in the future a purchase may lie after correction by the store's clock.
const clockTolerance = 5 * time.Minute

func (t *trial) judgeManaged(v *Verdict) {
	p, term := t.purchase, t.product.term
	switch {
	case p.State == StateMissing:
		v.Reason = ReasonMalformedUpstream
	case p.State != StatePurchased:
		v.denied(p.State.refusal())
	case p.Refunded > 0 && p.Quantity <= 0:
		v.denied(ReasonRefunded)
	case p.Consumption == ConsumptionMissing:
		v.Reason = ReasonMalformedUpstream
	case p.Consumption == Consumed:
		v.denied(ReasonConsumed)
	case p.Consumption != Unconsumed:
		v.denied(ReasonUnknownState)
	case p.PurchasedAt.IsZero():
		v.Reason = ReasonMalformedUpstream
	case p.PurchasedAt.After(t.now.Add(clockTolerance)):
		v.Reason = ReasonClockSkew
	case term < 0 && !t.product.consumable:
		v.Reason = ReasonMisconfigured
	case term > 0 && !t.product.consumable && !within(t.now, p.PurchasedAt.Add(term)):
		v.denied(ReasonTermExpired)
	default:
		v.Outcome = Granted
		t.owned(v)
	}
}

// owned names the reason of a managed product that grants, and its end.
func (t *trial) owned(v *Verdict) {
	p := t.purchase
	switch {
	case t.product.consumable:
		v.Reason = ReasonUnconsumed
	case t.product.term > 0:
		v.Reason, v.ExpiresAt = ReasonTermActive, p.PurchasedAt.Add(t.product.term)
	default:
		v.Reason = ReasonOwned
	}
	if p.Refunded > 0 {
		v.Reason = ReasonPartiallyRefunded
	}
	if p.owesAcknowledgement() {
		v.Reason, v.AcknowledgeBy = ReasonActiveUnacknowledged, p.acknowledgeBy()
		if !within(t.now, v.AcknowledgeBy) {
			v.Reason = ReasonAckOverdue
		}
	}
}

// judgeRecurring needs both: an expiry that has not passed and a last payment that stands. The
// prose of the document says "or"; its example and its Korean original say "and".
func (t *trial) judgeRecurring(v *Verdict) {
	p := t.purchase
	switch {
	case p.ExpiresAt.IsZero() || p.State == StateMissing:
		v.Reason = ReasonMalformedUpstream
	case !within(t.now, p.ExpiresAt):
		v.denied(ReasonExpired)
	case p.State == StateCanceled:
		v.denied(ReasonLastPaymentCanceled)
	case p.State == StatePending:
		v.denied(ReasonPending)
	case p.State != StatePurchased:
		v.denied(ReasonUnknownState)
	default:
		v.Outcome, v.Reason, v.ExpiresAt, v.AcknowledgeBy = Granted, ReasonActive, p.ExpiresAt, p.acknowledgeBy()
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
func (t *trial) judgeSubscription(v *Verdict) {
	p := t.purchase
	switch {
	case p.State == StatePending || p.State == StateCanceled || p.State == StateTest: // what was never paid need not have an expiry
		v.denied(p.State.refusal())
		return
	case p.ExpiresAt.IsZero() || p.State == StateMissing:
		v.Reason = ReasonMalformedUpstream
		return
	case !within(t.now, p.ExpiresAt):
		v.denied(lapsedSubscription(t.now, p))
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
		if p.PausesAt.After(t.now) {
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
	v.Outcome, v.Reason, v.ExpiresAt, v.AcknowledgeBy = Granted, reason, p.ExpiresAt, p.acknowledgeBy()
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

func (v *Verdict) denied(r Reason) { v.Outcome, v.Reason = Denied, r }

// within compares as the stores do, in whole milliseconds, the last one included.
func within(now, end time.Time) bool { return now.UnixMilli() <= end.UnixMilli() }
