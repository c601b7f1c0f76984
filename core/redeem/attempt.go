package redeem

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skugate/skugate/core"
)

// attempt is one call of Redeem.
type attempt struct {
	*Redeemer
	product  core.Product
	token    core.Token
	account  string
	purchase purchase
	ctx      context.Context // the caller's: until something is recorded
	own      context.Context // the same without its end: from then on

	entry Entry // as it stands in the ledger
	first bool  // this attempt recorded the intent, so nobody can have consumed for it before
	ran   bool  // the handler
}

func (a *attempt) run(deliver Deliver) (Redemption, error) {
	if refusal := a.claim(); refusal != nil {
		return Redemption{}, refusal
	}
	if a.entry.State == Intended {
		if refusal := a.consume(); refusal != nil {
			return Redemption{}, refusal
		}
	}
	if a.entry.State == Completed {
		return a.entry.redemption(a.product), nil
	}
	return a.deliver(deliver)
}

// maxConflicts bounds how often an attempt begins anew because another instance was quicker.
const maxConflicts = 4

// claim makes the entry this instance's, recording the intent if there is none. An entry that is Completed
// is left as it is.
func (a *attempt) claim() *Refusal {
	e, err := a.load()
	for range maxConflicts {
		if err != nil {
			return undetermined(a.product, core.ReasonLedgerFailed, err)
		}
		next, refusal := a.next(e)
		if refusal != nil || next.State == Completed {
			a.entry = next
			return refusal
		}
		var swapped bool
		if e, swapped, err = a.swap("claim", next); swapped {
			a.entry = e
			return nil
		}
	}
	return inProgress(a.product, 0)
}

// next is what the entry becomes when this instance claims it, or why it cannot be claimed. The ledger
// was asked before the rule: what the store calls consumed is the owner's to resume.
func (a *attempt) next(e Entry) (Entry, *Refusal) {
	if e.Version == 0 || e.State == Withdrawn {
		return a.intend(e)
	}
	a.first = false
	switch {
	case e.Account != a.account:
		return e, denied(a.product, core.ReasonAccountMismatch, nil)
	case e.Product != a.product.ID:
		return e, denied(a.product, core.ReasonProductMismatch, nil)
	case e.State == Completed:
		return e, nil
	}
	if wait := time.Until(e.HeldUntil); e.Holder != "" && e.Holder != a.self && wait > 0 {
		return e, inProgress(a.product, wait)
	}
	a.hold(&e)
	if e.State == Consumed {
		e.Attempts++
	}
	return e, nil
}

// intend judges a purchase that nobody redeems, and is the intent to.
func (a *attempt) intend(e Entry) (Entry, *Refusal) {
	d := a.config.Gate.CheckToConsume(a.ctx, a.product, core.Credentials{Account: a.account, Tokens: []core.Token{a.token}})
	if !d.Granted() {
		// Consumed may be another instance's doing, since we looked.
		if d.Outcome == core.Denied && d.Reason == core.ReasonConsumed {
			if now, err := a.load(); err != nil {
				return e, undetermined(a.product, core.ReasonLedgerFailed, err)
			} else if now.Version != e.Version {
				return a.next(now)
			}
		}
		return e, &Refusal{d}
	}
	switch p := d.Purchase; {
	case p == nil || p.Consumption != core.Unconsumed || p.Quantity < 1:
		return e, undetermined(a.product, core.ReasonMalformedUpstream, errors.New("redeem: there is no purchase, or it is not unconsumed, or its quantity not positive"))
	default:
		a.first = true
		next := Entry{
			Store: a.purchase.store, Token: a.purchase.token, Product: a.product.ID, Account: a.account, ID: identify(a.purchase),
			PurchaseID: p.ID, Quantity: p.Quantity, State: Intended, Began: time.Now(), Version: e.Version,
		}
		a.hold(&next)
		return next, nil
	}
}

// consume spends the purchase at its store, and records that.
func (a *attempt) consume() *Refusal {
	switch d := a.config.Gate.Consume(a.own, a.product, a.purchase.token); {
	case d.Granted():
	case d.Outcome == core.Denied && d.Reason == core.ReasonConsumed && !a.first:
		// By an attempt of ours whose answer was lost, or whose instance was.
	case d.Outcome == core.Denied && (d.Reason == core.ReasonConsumed || d.Reason == core.ReasonPurchaseCanceled):
		return a.put(&Refusal{d}, func(e *Entry) { e.State = Withdrawn; e.release() })
	default:
		return a.put(&Refusal{d}, (*Entry).release)
	}
	return a.put(nil, func(e *Entry) {
		e.State, e.ConsumedAt = Consumed, time.Now()
		e.Attempts++
		a.hold(e)
	})
}

// put changes the claimed entry. outcome is the attempt's if nothing is in its way: an instance that took
// the purchase over, or a ledger that fails.
func (a *attempt) put(outcome *Refusal, change func(*Entry)) *Refusal {
	next := a.entry
	change(&next)
	stands, swapped, err := a.swap(next.State.String(), next)
	switch {
	case err != nil && outcome == nil:
		return undetermined(a.product, core.ReasonLedgerFailed, err)
	case err != nil:
		return outcome
	case !swapped && (stands.State != Completed || stands.Account != a.account):
		return inProgress(a.product, time.Until(stands.HeldUntil))
	}
	a.entry = stands
	if !swapped { // whatever this attempt came to, another one delivered
		return nil
	}
	return outcome
}

// deliver runs the handler under the claim.
func (a *attempt) deliver(deliver Deliver) (Redemption, error) {
	done := false
	defer func() {
		if !done {
			_ = a.put(nil, (*Entry).release) // the claim ends by itself otherwise
		}
	}()
	redemption := a.entry.redemption(a.product)
	ctx, cancel := context.WithDeadline(NewContext(a.own, redemption), a.entry.HeldUntil)
	defer cancel()
	if a.ran = true; redemption.Resumed() {
		a.counts.resumed.Add(1)
	}
	if err := deliver(ctx, redemption); err != nil {
		return redemption, fmt.Errorf("redeem: not delivered: %w", err)
	}
	done = true
	redemption.CompletedAt = a.complete()
	return redemption, nil
}

// complete records the success, over whoever took the claim in the meantime: it is true of the redemption,
// not of the claim. If the ledger does not take it, the handler runs again some day, with the same id.
func (a *attempt) complete() time.Time {
	next := a.entry
	next.State, next.CompletedAt = Completed, time.Now()
	next.release()
	for range maxConflicts {
		stands, swapped, err := a.swap("complete", next)
		if swapped || err == nil && (stands.State == Completed || stands.ID != next.ID) {
			break
		}
		if err == nil {
			next.Version, next.Attempts = stands.Version, stands.Attempts
		}
	}
	return next.CompletedAt
}

// hold claims e for this instance.
func (a *attempt) hold(e *Entry) {
	e.Holder, e.HeldUntil = a.self, time.Now().Add(a.config.Lease)
}

func (e *Entry) release() { e.Holder, e.HeldUntil = "", time.Time{} }

// load reads the entry; its Version is 0 if there is none.
func (a *attempt) load() (Entry, error) {
	ctx, cancel := context.WithTimeout(a.ctx, a.config.Timeout)
	defer cancel()
	var e Entry
	err := a.ask("read", func() (err error) {
		e, _, err = a.config.Ledger.Entry(ctx, a.purchase.store, a.purchase.token)
		return err
	})
	return e, err
}

// swap is not cut short by a caller that leaves: what it leads to is recorded.
func (a *attempt) swap(what string, e Entry) (stands Entry, swapped bool, err error) {
	ctx, cancel := context.WithTimeout(a.own, a.config.Timeout)
	defer cancel()
	err = a.ask(what, func() (err error) {
		stands, swapped, err = a.config.Ledger.Swap(ctx, e)
		return err
	})
	return stands, swapped && err == nil, err
}
