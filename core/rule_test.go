package core_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

var (
	permanent  = core.Product{Store: "onestore", Kind: core.KindInApp, ID: "castle"}
	consumable = core.Product{Store: "onestore", Kind: core.KindInApp, ID: "gems_100"}.Consumable()
	fixedTerm  = core.Product{Store: "onestore", Kind: core.KindInApp, ID: "season_7"}.For(season)
	monthly    = core.Product{Store: "onestore", Kind: core.KindRecurring, ID: "vip_30d"}
	subscribed = core.Product{Store: "onestore", Kind: core.KindSubscription, ID: "vip_monthly"}
)

const (
	ms     = time.Millisecond
	day    = 24 * time.Hour
	season = 90 * day
)

// bought is when every purchase of these tests was made; ends is when those that end do.
var (
	bought = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ends   = bought.Add(30 * day)
	never  time.Time
)

// edit changes a purchase that otherwise grants.
type edit func(*core.Purchase)

func managedPurchase(edits ...edit) *core.Purchase {
	return edited(&core.Purchase{
		Token: "t", ID: "p1", State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: bought,
	}, edits)
}

func recurringPurchase(edits ...edit) *core.Purchase {
	return edited(&core.Purchase{
		Token: "t", ID: "p1", State: core.StatePurchased, Acknowledgement: core.Acknowledged,
		AutoRenewing: true, Quantity: 1, PurchasedAt: bought, ExpiresAt: ends,
	}, edits)
}

func subscriptionPurchase(edits ...edit) *core.Purchase {
	return edited(&core.Purchase{
		Token: "t", ID: "p1", State: core.StatePurchased, Payment: core.PaymentReceived,
		Acknowledgement: core.Acknowledged, AutoRenewing: true, Quantity: 1, PurchasedAt: bought, ExpiresAt: ends,
	}, edits)
}

func edited(p *core.Purchase, edits []edit) *core.Purchase {
	for _, e := range edits {
		e(p)
	}
	return p
}

func state(s core.State) edit          { return func(p *core.Purchase) { p.State = s } }
func consumed(c core.Consumption) edit { return func(p *core.Purchase) { p.Consumption = c } }
func payment(s core.Payment) edit      { return func(p *core.Purchase) { p.Payment = s } }
func expires(at time.Time) edit        { return func(p *core.Purchase) { p.ExpiresAt = at } }
func purchasedAt(at time.Time) edit    { return func(p *core.Purchase) { p.PurchasedAt = at } }
func canceledAt(at time.Time) edit     { return func(p *core.Purchase) { p.CanceledAt = at } }
func pauses(from, until time.Time) edit {
	return func(p *core.Purchase) { p.PausesAt, p.ResumesAt = from, until }
}
func unacknowledged(p *core.Purchase) { p.Acknowledgement = core.Unacknowledged }
func ackUnsaid(p *core.Purchase)      { p.Acknowledgement = core.AcknowledgementMissing }
func noRenewal(p *core.Purchase)      { p.AutoRenewing = false }
func neverPaid(p *core.Purchase)      { p.ID = "" }
func linked(p *core.Purchase)         { p.LinkedToken = "old" }

func ruleIn(product core.Product, p *core.Purchase, now time.Time) core.RuleInput {
	return core.RuleInput{Product: product, Purchase: p, Now: now}
}

func voided(i core.RuleInput) core.RuleInput     { i.Voided = true; return i }
func superseded(i core.RuleInput) core.RuleInput { i.Superseded = true; return i }

func ruleGrants(r core.Reason, until time.Time) core.Verdict {
	return core.Verdict{Outcome: core.Granted, Reason: r, ExpiresAt: until}
}

func owing(v core.Verdict) core.Verdict {
	v.AcknowledgeBy = bought.Add(72 * time.Hour)
	return v
}

func ruleDenies(r core.Reason) core.Verdict { return core.Verdict{Outcome: core.Denied, Reason: r} }
func ruleUnsure(r core.Reason) core.Verdict { return core.Verdict{Reason: r} }

type ruleCase struct {
	name string
	in   core.RuleInput
	want core.Verdict
}

func TestDefaultRuleOfManagedProducts(t *testing.T) {
	soon, overdue := bought.Add(time.Hour), bought.Add(72*time.Hour)
	runRule(t, []ruleCase{
		{"row 1: a permanent product, acknowledged, grants", ruleIn(permanent, managedPurchase(), soon), ruleGrants(core.ReasonOwned, never)},
		{"row 1: a consumable, acknowledged, grants", ruleIn(consumable, managedPurchase(), soon), ruleGrants(core.ReasonUnconsumed, never)},
		{"row 1: a term, acknowledged, grants", ruleIn(fixedTerm, managedPurchase(), soon), ruleGrants(core.ReasonTermActive, bought.Add(season))},
		{"row 1: an acknowledgement that the store does not mention owes nothing", ruleIn(permanent, managedPurchase(ackUnsaid), soon), ruleGrants(core.ReasonOwned, never)},
		{"row 2: a permanent product, unacknowledged, grants and owes", ruleIn(permanent, managedPurchase(unacknowledged), soon), owing(ruleGrants(core.ReasonActiveUnacknowledged, never))},
		{"row 2: a consumable, unacknowledged, grants and owes", ruleIn(consumable, managedPurchase(unacknowledged), soon), owing(ruleGrants(core.ReasonActiveUnacknowledged, never))},
		{"row 2: a term, unacknowledged, grants to its end and owes", ruleIn(fixedTerm, managedPurchase(unacknowledged), soon), owing(ruleGrants(core.ReasonActiveUnacknowledged, bought.Add(season)))},
		{"row 2: 72 hours less a millisecond is within", ruleIn(permanent, managedPurchase(unacknowledged), overdue.Add(-ms)), owing(ruleGrants(core.ReasonActiveUnacknowledged, never))},
		{"row 2: 72 hours exactly is within", ruleIn(permanent, managedPurchase(unacknowledged), overdue), owing(ruleGrants(core.ReasonActiveUnacknowledged, never))},
		{"row 3: 72 hours and a millisecond is overdue and still owned", ruleIn(permanent, managedPurchase(unacknowledged), overdue.Add(ms)), owing(ruleGrants(core.ReasonAckOverdue, never))},
		{"row 3: a year later it is still owned", ruleIn(consumable, managedPurchase(unacknowledged), bought.Add(365*day)), owing(ruleGrants(core.ReasonAckOverdue, never))},
		{"row 3: an overdue acknowledgement does not stretch a term", ruleIn(permanent.For(day), managedPurchase(unacknowledged), overdue.Add(ms)), ruleDenies(core.ReasonTermExpired)},
		{"row 4: a cancelled permanent product grants nothing", ruleIn(permanent, managedPurchase(state(core.StateCanceled)), soon), ruleDenies(core.ReasonPurchaseCanceled)},
		{"row 4: a cancelled consumable grants nothing", ruleIn(consumable, managedPurchase(state(core.StateCanceled)), soon), ruleDenies(core.ReasonPurchaseCanceled)},
		{"row 4: a cancelled term grants nothing", ruleIn(fixedTerm, managedPurchase(state(core.StateCanceled)), soon), ruleDenies(core.ReasonPurchaseCanceled)},
		{"row 4: cancelled by the store for want of an acknowledgement", ruleIn(permanent, managedPurchase(state(core.StateCanceled), unacknowledged), overdue.Add(ms)), ruleDenies(core.ReasonPurchaseCanceled)},
		{"row 5: a state that the store did not say is not a no", ruleIn(permanent, managedPurchase(state(core.StateMissing)), soon), ruleUnsure(core.ReasonMalformedUpstream)},
		{"row 5: a state that no document defines grants nothing", ruleIn(permanent, managedPurchase(state(core.StateUnrecognized)), soon), ruleDenies(core.ReasonUnknownState)},
		{"row 5: a State beyond the constants grants nothing", ruleIn(permanent, managedPurchase(state(99)), soon), ruleDenies(core.ReasonUnknownState)},
		{"a payment under way grants nothing", ruleIn(permanent, managedPurchase(state(core.StatePending)), soon), ruleDenies(core.ReasonPending)},
		{"row 6: an unconsumed consumable grants without end", ruleIn(consumable, managedPurchase(), bought.Add(10*365*day)), ruleGrants(core.ReasonUnconsumed, never)},
		{"row 7: a consumed consumable grants nothing", ruleIn(consumable, managedPurchase(consumed(core.Consumed)), soon), ruleDenies(core.ReasonConsumed)},
		{"row 7: a consumed consumable grants nothing, acknowledged or not", ruleIn(consumable, managedPurchase(consumed(core.Consumed), unacknowledged), soon), ruleDenies(core.ReasonConsumed)},
		{"row 8: a permanent product grants without end", ruleIn(permanent, managedPurchase(), bought.Add(10*365*day)), ruleGrants(core.ReasonOwned, never)},
		{"row 9: a consumed permanent product grants nothing", ruleIn(permanent, managedPurchase(consumed(core.Consumed)), soon), ruleDenies(core.ReasonConsumed)},
		{"a consumption that the store did not say is not a no", ruleIn(permanent, managedPurchase(consumed(core.ConsumptionMissing)), soon), ruleUnsure(core.ReasonMalformedUpstream)},
		{"a consumption that no document defines grants nothing", ruleIn(consumable, managedPurchase(consumed(core.ConsumptionUnrecognized)), soon), ruleDenies(core.ReasonUnknownState)},
		{"row 10: a term grants at the instant of purchase", ruleIn(fixedTerm, managedPurchase(), bought), ruleGrants(core.ReasonTermActive, bought.Add(season))},
		{"row 10: a term grants a millisecond before its end", ruleIn(fixedTerm, managedPurchase(), bought.Add(season-ms)), ruleGrants(core.ReasonTermActive, bought.Add(season))},
		{"row 10: a term grants at its last millisecond", ruleIn(fixedTerm, managedPurchase(), bought.Add(season)), ruleGrants(core.ReasonTermActive, bought.Add(season))},
		{"row 10: fractions of the last millisecond are inside", ruleIn(fixedTerm, managedPurchase(), bought.Add(season+ms-1)), ruleGrants(core.ReasonTermActive, bought.Add(season))},
		{"row 11: a term grants nothing a millisecond after its end", ruleIn(fixedTerm, managedPurchase(), bought.Add(season+ms)), ruleDenies(core.ReasonTermExpired)},
		{"row 12: a consumed term grants nothing, though it has not ended", ruleIn(fixedTerm, managedPurchase(consumed(core.Consumed)), soon), ruleDenies(core.ReasonConsumed)},
		{"row 13: a voided permanent product grants nothing", voided(ruleIn(permanent, managedPurchase(), soon)), ruleDenies(core.ReasonVoided)},
		{"row 13: a voided consumable grants nothing", voided(ruleIn(consumable, managedPurchase(), soon)), ruleDenies(core.ReasonVoided)},
		{"row 13: a voided term grants nothing", voided(ruleIn(fixedTerm, managedPurchase(), soon)), ruleDenies(core.ReasonVoided)},
		{"row 13: the void is judged before what the store forgot to say", voided(ruleIn(permanent, &core.Purchase{}, soon)), ruleDenies(core.ReasonVoided)},
		{"row 15: a purchase five minutes ahead is a clock's error", ruleIn(permanent, managedPurchase(), bought.Add(-5*time.Minute)), ruleGrants(core.ReasonOwned, never)},
		{"row 15: a millisecond more is no purchase to rely on", ruleIn(permanent, managedPurchase(), bought.Add(-5*time.Minute-ms)), ruleUnsure(core.ReasonClockSkew)},
		{"row 15: a consumable from the future grants nothing", ruleIn(consumable, managedPurchase(), bought.Add(-day)), ruleUnsure(core.ReasonClockSkew)},
		{"row 15: a term from the future grants nothing", ruleIn(fixedTerm, managedPurchase(), bought.Add(-day)), ruleUnsure(core.ReasonClockSkew)},
		{"a purchase without its time is not a no", ruleIn(permanent, managedPurchase(purchasedAt(never)), soon), ruleUnsure(core.ReasonMalformedUpstream)},
		{"a term that is not positive is our own fault", ruleIn(permanent.For(0), managedPurchase(), soon), ruleUnsure(core.ReasonMisconfigured)},
	})
}

func TestDefaultRuleOfRecurringProducts(t *testing.T) {
	inside := ends.Add(-day)
	runRule(t, []ruleCase{
		{"row 16: paid and renewing grants until the expiry", ruleIn(monthly, recurringPurchase(), inside), ruleGrants(core.ReasonActive, ends)},
		{"row 17: paid and not renewing grants until the expiry", ruleIn(monthly, recurringPurchase(noRenewal), inside), ruleGrants(core.ReasonCanceledNotExpired, ends)},
		{"row 18: a cancelled last payment grants nothing before the expiry", ruleIn(monthly, recurringPurchase(state(core.StateCanceled)), inside), ruleDenies(core.ReasonLastPaymentCanceled)},
		{"row 18: nor when it will not renew", ruleIn(monthly, recurringPurchase(state(core.StateCanceled), noRenewal), inside), ruleDenies(core.ReasonLastPaymentCanceled)},
		{"row 18: nor at the expiry itself", ruleIn(monthly, recurringPurchase(state(core.StateCanceled)), ends), ruleDenies(core.ReasonLastPaymentCanceled)},
		{"row 19: paid and past the expiry grants nothing (T-01)", ruleIn(monthly, recurringPurchase(), ends.Add(ms)), ruleDenies(core.ReasonExpired)},
		{"row 19: nor when it will not renew", ruleIn(monthly, recurringPurchase(noRenewal), ends.Add(day)), ruleDenies(core.ReasonExpired)},
		{"row 20: cancelled and past the expiry is expired", ruleIn(monthly, recurringPurchase(state(core.StateCanceled)), ends.Add(ms)), ruleDenies(core.ReasonExpired)},
		{"row 21: a millisecond before the expiry grants", ruleIn(monthly, recurringPurchase(), ends.Add(-ms)), ruleGrants(core.ReasonActive, ends)},
		{"row 21: the expiry itself grants", ruleIn(monthly, recurringPurchase(), ends), ruleGrants(core.ReasonActive, ends)},
		{"row 21: fractions of its millisecond are inside", ruleIn(monthly, recurringPurchase(), ends.Add(ms-1)), ruleGrants(core.ReasonActive, ends)},
		{"row 22: unacknowledged grants and owes", ruleIn(monthly, recurringPurchase(unacknowledged), bought.Add(time.Hour)), owing(ruleGrants(core.ReasonActiveUnacknowledged, ends))},
		{"row 22: unacknowledged grants and owes when it will not renew", ruleIn(monthly, recurringPurchase(unacknowledged, noRenewal), bought.Add(time.Hour)), owing(ruleGrants(core.ReasonActiveUnacknowledged, ends))},
		{"row 22: unacknowledged and past the expiry grants nothing", ruleIn(monthly, recurringPurchase(unacknowledged), ends.Add(ms)), ruleDenies(core.ReasonExpired)},
		{"row 23: an expiry that the store did not say is not a no", ruleIn(monthly, recurringPurchase(expires(never)), inside), ruleUnsure(core.ReasonMalformedUpstream)},
		{"row 23: a state that the store did not say is not a no", ruleIn(monthly, recurringPurchase(state(core.StateMissing)), inside), ruleUnsure(core.ReasonMalformedUpstream)},
		{"row 23: nor is it one past the expiry", ruleIn(monthly, recurringPurchase(state(core.StateMissing)), ends.Add(ms)), ruleUnsure(core.ReasonMalformedUpstream)},
		{"row 24: the last payment voided grants nothing", voided(ruleIn(monthly, recurringPurchase(), inside)), ruleDenies(core.ReasonVoided)},
		{"row 24: nor past the expiry", voided(ruleIn(monthly, recurringPurchase(), ends.Add(ms))), ruleDenies(core.ReasonVoided)},
		{"row 25: an older payment voided leaves the last one to grant", ruleIn(monthly, recurringPurchase(), inside), ruleGrants(core.ReasonActive, ends)},
		{"a payment under way grants nothing", ruleIn(monthly, recurringPurchase(state(core.StatePending)), inside), ruleDenies(core.ReasonPending)},
		{"a state that no document defines grants nothing", ruleIn(monthly, recurringPurchase(state(core.StateUnrecognized)), inside), ruleDenies(core.ReasonUnknownState)},
		{"a cancellation's time never decides (T-24)", ruleIn(monthly, recurringPurchase(canceledAt(bought)), inside), ruleGrants(core.ReasonActive, ends)},
	})
}

func TestDefaultRuleOfSubscriptions(t *testing.T) {
	inside, past := ends.Add(-day), ends.Add(ms)
	runRule(t, []ruleCase{
		{"row 26: paid and renewing grants until the expiry", ruleIn(subscribed, subscriptionPurchase(), inside), ruleGrants(core.ReasonActive, ends)},
		{"row 27: a free period grants", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentFree)), inside), ruleGrants(core.ReasonTrial, ends)},
		{"row 28: a deferred change of plan grants", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentDeferred)), inside), ruleGrants(core.ReasonDeferredChange, ends)},
		{"row 29: a failed payment before the expiry is the store's grace period", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentPending)), inside), ruleGrants(core.ReasonGracePeriod, ends)},
		{"row 29: the grace period ends with its last millisecond", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentPending)), ends), ruleGrants(core.ReasonGracePeriod, ends)},
		{"row 30: a subscription never paid grants nothing", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentPending), neverPaid), inside), ruleDenies(core.ReasonPaymentPending)},
		{"row 31: paid and not renewing grants until the expiry", ruleIn(subscribed, subscriptionPurchase(noRenewal), inside), ruleGrants(core.ReasonCanceledNotExpired, ends)},
		{"row 31: a free period that will not renew grants", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentFree)), inside), ruleGrants(core.ReasonCanceledNotExpired, ends)},
		{"row 31: a deferred change that will not renew grants", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentDeferred)), inside), ruleGrants(core.ReasonCanceledNotExpired, ends)},
		// No row has this combination; the store's own table of states gives access until the expiry.
		{"not renewing, with a failed payment, grants until the expiry", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentPending)), inside), ruleGrants(core.ReasonCanceledNotExpired, ends)},
		{"row 32: a pause that begins later grants", ruleIn(subscribed, subscriptionPurchase(pauses(ends, ends.Add(30*day))), inside), ruleGrants(core.ReasonPauseScheduled, ends)},
		{"row 32: a pause that began, before the expiry, is none yet", ruleIn(subscribed, subscriptionPurchase(pauses(inside, ends.Add(30*day))), inside), ruleGrants(core.ReasonActive, ends)},
		{"row 33: a running pause grants nothing", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentPending), pauses(ends, ends.Add(30*day))), past), ruleDenies(core.ReasonPaused)},
		{"row 33: a pause from this instant grants nothing", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentPending), pauses(past, ends.Add(30*day))), past), ruleDenies(core.ReasonPaused)},
		{"row 33: a running pause of a paid subscription grants nothing", ruleIn(subscribed, subscriptionPurchase(pauses(ends, ends.Add(30*day))), past), ruleDenies(core.ReasonPaused)},
		{"row 33: a pause that begins later is not the reason yet", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentPending), pauses(past.Add(ms), ends.Add(30*day))), past), ruleDenies(core.ReasonOnHold)},
		{"row 34: a failed payment past the expiry is on hold", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentPending)), past), ruleDenies(core.ReasonOnHold)},
		{"row 35: paid and past the expiry waits for its renewal", ruleIn(subscribed, subscriptionPurchase(), past), ruleDenies(core.ReasonRenewalPending)},
		{"row 35: so does a free period", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentFree)), past), ruleDenies(core.ReasonRenewalPending)},
		{"row 35: so does a deferred change", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentDeferred)), past), ruleDenies(core.ReasonRenewalPending)},
		{"row 36: not renewing, past the expiry, ended", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentNone)), past), ruleDenies(core.ReasonExpired)},
		{"row 36: not renewing, past the expiry, with a failed payment", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentPending)), past), ruleDenies(core.ReasonExpired)},
		{"row 36: not renewing, past the expiry, paid (T-57)", ruleIn(subscribed, subscriptionPurchase(noRenewal), past), ruleDenies(core.ReasonExpired)},
		{"row 36: not renewing, past the expiry, free", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentFree)), past), ruleDenies(core.ReasonExpired)},
		{"row 36: not renewing, past the expiry, deferred", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentDeferred)), past), ruleDenies(core.ReasonExpired)},
		{"row 36: not renewing, past the expiry, with a pause", ruleIn(subscribed, subscriptionPurchase(noRenewal, pauses(ends, ends.Add(day))), past), ruleDenies(core.ReasonExpired)},
		{"row 37: ended by its payment, not by its expiry, is a conflict", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentNone)), inside), ruleDenies(core.ReasonStateConflict)},
		{"row 37: so it is when it will not renew", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentNone), noRenewal), inside), ruleDenies(core.ReasonStateConflict)},
		{"row 38: a millisecond before the expiry grants", ruleIn(subscribed, subscriptionPurchase(), ends.Add(-ms)), ruleGrants(core.ReasonActive, ends)},
		{"row 38: the expiry itself grants", ruleIn(subscribed, subscriptionPurchase(), ends), ruleGrants(core.ReasonActive, ends)},
		{"row 38: fractions of its millisecond are inside", ruleIn(subscribed, subscriptionPurchase(), ends.Add(ms-1)), ruleGrants(core.ReasonActive, ends)},
		{"row 38: the next millisecond does not", ruleIn(subscribed, subscriptionPurchase(), ends.Add(ms)), ruleDenies(core.ReasonRenewalPending)},
		{"row 39: a cancellation's time does not end a paid one", ruleIn(subscribed, subscriptionPurchase(canceledAt(bought)), inside), ruleGrants(core.ReasonActive, ends)},
		{"row 39: nor a free period", ruleIn(subscribed, subscriptionPurchase(canceledAt(bought), payment(core.PaymentFree)), inside), ruleGrants(core.ReasonTrial, ends)},
		{"row 39: nor a deferred change", ruleIn(subscribed, subscriptionPurchase(canceledAt(bought), payment(core.PaymentDeferred)), inside), ruleGrants(core.ReasonDeferredChange, ends)},
		{"row 39: nor a grace period", ruleIn(subscribed, subscriptionPurchase(canceledAt(bought), payment(core.PaymentPending)), inside), ruleGrants(core.ReasonGracePeriod, ends)},
		{"row 40: unacknowledged and paid grants and owes", ruleIn(subscribed, subscriptionPurchase(unacknowledged), inside), owing(ruleGrants(core.ReasonActive, ends))},
		{"row 40: unacknowledged in a free period grants and owes", ruleIn(subscribed, subscriptionPurchase(unacknowledged, payment(core.PaymentFree)), inside), owing(ruleGrants(core.ReasonTrial, ends))},
		{"row 40: unacknowledged in a grace period grants and owes (T-71)", ruleIn(subscribed, subscriptionPurchase(unacknowledged, payment(core.PaymentPending)), inside), owing(ruleGrants(core.ReasonGracePeriod, ends))},
		{"row 40: unacknowledged and cancelled grants and owes", ruleIn(subscribed, subscriptionPurchase(unacknowledged, noRenewal), inside), owing(ruleGrants(core.ReasonCanceledNotExpired, ends))},
		{"row 40: unacknowledged on hold owes nothing", ruleIn(subscribed, subscriptionPurchase(unacknowledged, payment(core.PaymentPending)), past), ruleDenies(core.ReasonOnHold)},
		{"row 41: one that replaces another is judged by its own facts", ruleIn(subscribed, subscriptionPurchase(linked), inside), ruleGrants(core.ReasonActive, ends)},
		{"row 41: and denied by its own facts", ruleIn(subscribed, subscriptionPurchase(linked, noRenewal), past), ruleDenies(core.ReasonExpired)},
		{"row 42: a superseded one grants nothing before its expiry", superseded(ruleIn(subscribed, subscriptionPurchase(), inside)), ruleDenies(core.ReasonSuperseded)},
		{"row 42: superseded is judged before voided", voided(superseded(ruleIn(subscribed, subscriptionPurchase(), inside))), ruleDenies(core.ReasonSuperseded)},
		{"row 43: the old one of a deferred change grants", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentReceived)), inside), ruleGrants(core.ReasonActive, ends)},
		{"row 43: the new one that is not paid yet grants nothing", ruleIn(subscribed, subscriptionPurchase(linked, neverPaid, payment(core.PaymentPending)), inside), ruleDenies(core.ReasonPaymentPending)},
		{"row 43: the new one without a future expiry grants nothing", ruleIn(subscribed, subscriptionPurchase(linked, payment(core.PaymentDeferred), expires(bought)), inside), ruleDenies(core.ReasonRenewalPending)},
		{"row 44: refunded, as far as the store's answer tells, is expired", ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentNone), canceledAt(ends)), past), ruleDenies(core.ReasonExpired)},
		{"row 44: the same while it still calls itself renewing", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentNone), canceledAt(ends)), past), ruleDenies(core.ReasonExpired)},
		{"row 44: the voided list tells that it was revoked", voided(ruleIn(subscribed, subscriptionPurchase(noRenewal, payment(core.PaymentNone), canceledAt(ends)), past)), ruleDenies(core.ReasonRevoked)},
		{"row 45: the last payment voided grants nothing before the expiry", voided(ruleIn(subscribed, subscriptionPurchase(), inside)), ruleDenies(core.ReasonVoided)},
		{"row 45: voided at the expiry itself is not yet revoked", voided(ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentNone)), ends)), ruleDenies(core.ReasonVoided)},
		{"row 46: a deferred renewal grants until the larger expiry", ruleIn(subscribed, subscriptionPurchase(expires(ends.Add(7*day))), ends.Add(day)), ruleGrants(core.ReasonActive, ends.Add(7*day))},
		{"row 47: an expiry that the store did not say is not a no", ruleIn(subscribed, subscriptionPurchase(expires(never)), inside), ruleUnsure(core.ReasonMalformedUpstream)},
		{"row 47: nor is it one when nothing renews", ruleIn(subscribed, subscriptionPurchase(expires(never), noRenewal, payment(core.PaymentNone)), inside), ruleUnsure(core.ReasonMalformedUpstream)},
		{"row 48: a price not agreed to grants until the expiry", ruleIn(subscribed, subscriptionPurchase(), ends), ruleGrants(core.ReasonActive, ends)},
		{"row 48: and is expired afterwards", ruleIn(subscribed, subscriptionPurchase(noRenewal), past), ruleDenies(core.ReasonExpired)},
		{"a payment that no document defines grants nothing", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentUnrecognized)), inside), ruleDenies(core.ReasonUnknownState)},
		{"a Payment beyond the constants grants nothing", ruleIn(subscribed, subscriptionPurchase(payment(99)), inside), ruleDenies(core.ReasonUnknownState)},
		{"a payment that no document defines does not grant because it will end", ruleIn(subscribed, subscriptionPurchase(payment(core.PaymentUnrecognized), noRenewal), inside), ruleDenies(core.ReasonUnknownState)},
	})
}

// runRule also asks every question with its times written in other zones: instants decide, not clocks.
func runRule(t *testing.T, tests []ruleCase) {
	t.Helper()
	zones := []*time.Location{
		time.UTC, time.FixedZone("KST", 9*60*60), time.FixedZone("PST", -8*60*60), time.FixedZone("Kathmandu", 5*60*60+45*60),
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i, zone := range zones {
				asked := inZones(tt.in, zone, zones[(i+1)%len(zones)])
				before := *asked.Purchase
				if got := core.DefaultRule(asked); !sameVerdict(got, tt.want) {
					t.Errorf("now in %s: got %+v, want %+v", zone, got, tt.want)
				}
				if !reflect.DeepEqual(*asked.Purchase, before) {
					t.Errorf("the rule changed the purchase from %+v to %+v", before, *asked.Purchase)
				}
			}
		})
	}
}

// inZones writes now in one zone and the purchase's times in another. A zero time stays zero.
func inZones(i core.RuleInput, now, facts *time.Location) core.RuleInput {
	p := *i.Purchase
	for _, at := range []*time.Time{&p.PurchasedAt, &p.ExpiresAt, &p.PausesAt, &p.ResumesAt, &p.CanceledAt} {
		*at = at.In(facts)
	}
	i.Now, i.Purchase = i.Now.In(now), &p
	return i
}

func sameVerdict(a, b core.Verdict) bool {
	return a.Outcome == b.Outcome && a.Reason == b.Reason &&
		a.ExpiresAt.Equal(b.ExpiresAt) && a.AcknowledgeBy.Equal(b.AcknowledgeBy)
}

func TestNothingGrantsNothing(t *testing.T) {
	products := []core.Product{{}, permanent, consumable, fixedTerm, monthly, subscribed, {Kind: "lottery"}}
	nows := []time.Time{never, bought, time.UnixMilli(0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	purchases := map[string]*core.Purchase{"no purchase": nil, "the zero purchase": {}}
	for _, product := range products {
		for _, now := range nows {
			for name, p := range purchases {
				for flags := range 4 {
					asked := core.RuleInput{Product: product, Purchase: p, Now: now, Voided: flags&1 != 0, Superseded: flags&2 != 0}
					got := core.DefaultRule(asked)
					if got.Outcome == core.Granted || got.Reason == "" || !got.ExpiresAt.IsZero() || !got.AcknowledgeBy.IsZero() {
						t.Errorf("%s of %q at %v, flags %d: %+v", name, product, now, flags, got)
					}
					if flags == 0 && got.Outcome != core.Undetermined {
						t.Errorf("%s of %q at %v is %v, want undetermined: nobody said no", name, product, now, got.Outcome)
					}
				}
			}
		}
	}
	if got := core.DefaultRule(core.RuleInput{}); got.Outcome != core.Undetermined || got.Reason != core.ReasonMalformedUpstream {
		t.Errorf("the zero RuleInput is %+v, want undetermined", got)
	}
}

func TestAnUnknownKindIsOurOwnFault(t *testing.T) {
	for _, kind := range []core.Kind{"", "lottery", "INAPP", "all"} {
		for name, p := range map[string]*core.Purchase{"managed": managedPurchase(), "recurring": recurringPurchase(), "subscription": subscriptionPurchase()} {
			got := core.DefaultRule(ruleIn(core.Product{Store: "onestore", Kind: kind, ID: "x"}, p, bought.Add(day)))
			if want := ruleUnsure(core.ReasonMisconfigured); !sameVerdict(got, want) {
				t.Errorf("kind %q with a good %s purchase: %+v, want %+v", kind, name, got, want)
			}
		}
	}
}

// specGrants is the sum of all granting rows, written from the table and not from the rule.
func specGrants(i *core.RuleInput) bool {
	p := i.Purchase
	if i.Voided || i.Superseded || p.State != core.StatePurchased {
		return false // rows 4, 5, 13, 18, 20, 23, 24, 42, 45
	}
	begun := !p.PurchasedAt.IsZero() && !p.PurchasedAt.After(i.Now.Add(5*time.Minute)) // not row 15
	running := !p.ExpiresAt.IsZero() && !i.Now.After(p.ExpiresAt)                      // not rows 19, 23, 33-36, 44, 47
	switch i.Product {
	case permanent, consumable: // rows 1-3, 6, 8
		return begun && p.Consumption == core.Unconsumed
	case fixedTerm: // rows 1-3, 10
		return begun && p.Consumption == core.Unconsumed && !i.Now.After(p.PurchasedAt.Add(season))
	case monthly: // rows 16, 17, 21, 22, 25
		return running
	case subscribed: // rows 26-29, 31, 32, 38-41, 46, 48
		paid := p.Payment == core.PaymentReceived || p.Payment == core.PaymentFree || p.Payment == core.PaymentDeferred
		return running && (paid || p.Payment == core.PaymentPending && p.ID != "")
	}
	return false
}

// reasonsOf is which reasons the rule may give for an outcome.
var reasonsOf = map[core.Outcome][]core.Reason{
	core.Granted: {
		core.ReasonActive, core.ReasonActiveUnacknowledged, core.ReasonAckOverdue, core.ReasonOwned, core.ReasonUnconsumed,
		core.ReasonTermActive, core.ReasonCanceledNotExpired, core.ReasonTrial, core.ReasonDeferredChange,
		core.ReasonGracePeriod, core.ReasonPauseScheduled,
	},
	core.Denied: {
		core.ReasonPurchaseCanceled, core.ReasonUnknownState, core.ReasonConsumed, core.ReasonTermExpired, core.ReasonVoided,
		core.ReasonRevoked, core.ReasonSuperseded, core.ReasonLastPaymentCanceled, core.ReasonExpired,
		core.ReasonPaymentPending, core.ReasonPending, core.ReasonPaused, core.ReasonOnHold, core.ReasonRenewalPending,
		core.ReasonStateConflict, core.ReasonTestPurchase,
	},
	core.Undetermined: {core.ReasonMalformedUpstream, core.ReasonClockSkew, core.ReasonMisconfigured},
}

// Every value of every state, crossed with every kind and with the instants that matter: the rule
// grants exactly where the table does.
func TestDefaultRuleGrantsExactlyWhatTheTableGrants(t *testing.T) {
	products := []core.Product{permanent, consumable, fixedTerm, monthly, subscribed, {Store: "onestore", Kind: "lottery", ID: "x"}}
	now := bought.Add(day)
	purchased := []time.Time{never, now.Add(-season - ms), now.Add(-season), now.Add(-season + ms), now, now.Add(5 * time.Minute), now.Add(5*time.Minute + ms)}
	expiries := []time.Time{never, now.Add(-ms), now, now.Add(ms)}
	pauseStarts := []time.Time{never, now, now.Add(day)}

	allowed := map[core.Outcome]map[core.Reason]bool{}
	for outcome, reasons := range reasonsOf {
		allowed[outcome] = map[core.Reason]bool{}
		for _, r := range reasons {
			allowed[outcome][r] = true
		}
	}
	seen := map[core.Reason]bool{}
	failures := 0
	check := func(asked core.RuleInput) {
		got := core.DefaultRule(asked)
		seen[got.Reason] = true
		var fault string
		switch want := specGrants(&asked); {
		case want != (got.Outcome == core.Granted):
			fault = "the table decides otherwise"
		case !allowed[got.Outcome][got.Reason]:
			fault = "the reason is not one of the outcome's"
		case got.Outcome != core.Granted && (!got.ExpiresAt.IsZero() || !got.AcknowledgeBy.IsZero()):
			fault = "a right that is not granted has instants"
		case got.Outcome == core.Granted && !got.ExpiresAt.IsZero() && got.ExpiresAt.Before(asked.Now):
			fault = "a granted right has ended"
		default:
			return
		}
		if failures++; failures <= 10 {
			t.Errorf("%s: %v of %+v (voided %t, superseded %t) is %+v", fault, asked.Product, *asked.Purchase, asked.Voided, asked.Superseded, got)
		}
	}
	for _, product := range products {
		for s := range core.StateUnrecognized + 2 {
			for c := range core.ConsumptionUnrecognized + 2 {
				for pay := range core.PaymentUnrecognized + 2 {
					for _, at := range purchased {
						for _, end := range expiries {
							for _, pause := range pauseStarts {
								for bits := range 32 {
									p := core.Purchase{
										State: s, Consumption: c, Payment: pay, PurchasedAt: at, ExpiresAt: end, PausesAt: pause,
										Acknowledgement: core.Acknowledged, AutoRenewing: bits&1 != 0, ID: "p1",
									}
									if bits&2 != 0 {
										p.ID = ""
									}
									if bits&4 != 0 {
										p.Acknowledgement = core.Unacknowledged
									}
									check(core.RuleInput{Product: product, Purchase: &p, Now: now, Voided: bits&8 != 0, Superseded: bits&16 != 0})
								}
							}
						}
					}
				}
			}
		}
	}
	if failures > 10 {
		t.Errorf("and %d more", failures-10)
	}
	for outcome, reasons := range reasonsOf {
		for _, r := range reasons {
			if !seen[r] {
				t.Errorf("%v with reason %q never came up: the cross misses something", outcome, r)
			}
		}
	}
}

func TestDefaultRuleOfRefundsAndTesters(t *testing.T) {
	refunded := func(back, left int) edit {
		return func(p *core.Purchase) { p.Refunded, p.Quantity = back, left }
	}
	soon := bought.Add(time.Hour)
	runRule(t, []ruleCase{
		{"row 64: a purchase refunded in full grants nothing", ruleIn(permanent, managedPurchase(refunded(1, 0)), soon), ruleDenies(core.ReasonRefunded)},
		{"row 64: not even the store's word for the quantity saves it", ruleIn(consumable, managedPurchase(refunded(3, -1)), soon), ruleDenies(core.ReasonRefunded)},
		{"row 65: what is left of several grants", ruleIn(consumable, managedPurchase(refunded(2, 1)), soon), ruleGrants(core.ReasonPartiallyRefunded, never)},
		{"row 65: a debt of acknowledgement is named first", ruleIn(consumable, managedPurchase(refunded(2, 1), unacknowledged), soon), owing(ruleGrants(core.ReasonActiveUnacknowledged, never))},
		{"row 66: a quantity that the store did not say is no refund", ruleIn(consumable, managedPurchase(refunded(0, 0)), soon), ruleGrants(core.ReasonUnconsumed, never)},
		{"row 69: a tester's purchase grants nothing", ruleIn(permanent, managedPurchase(state(core.StateTest)), soon), ruleDenies(core.ReasonTestPurchase)},
		{"row 69: nor does a tester's subscription", ruleIn(subscribed, subscriptionPurchase(state(core.StateTest)), soon), ruleDenies(core.ReasonTestPurchase)},
		{"a subscription that was never paid needs no expiry", ruleIn(subscribed, subscriptionPurchase(state(core.StatePending), expires(never)), soon), ruleDenies(core.ReasonPending)},
		{"a subscription whose first payment was given up", ruleIn(subscribed, subscriptionPurchase(state(core.StateCanceled), expires(never)), soon), ruleDenies(core.ReasonPurchaseCanceled)},
	})
}

func TestDefaultRuleAllocatesNothing(t *testing.T) {
	tests := []ruleCase{
		{name: "a managed product", in: ruleIn(fixedTerm, managedPurchase(unacknowledged), bought)},
		{name: "a recurring product", in: ruleIn(monthly, recurringPurchase(), bought)},
		{name: "a subscription", in: ruleIn(subscribed, subscriptionPurchase(), bought)},
		{name: "a denial", in: ruleIn(subscribed, subscriptionPurchase(), ends.Add(ms))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if n := testing.AllocsPerRun(100, func() { core.DefaultRule(tt.in) }); n != 0 {
				t.Errorf("the rule allocates %v times, want 0", n)
			}
		})
	}
}
