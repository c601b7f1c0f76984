package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

var (
	errEmptyAccount = errors.New("core: an account is empty")

	// ErrOwned is returned by Gate.Bind for a purchase that belongs to another account.
	ErrOwned = errors.New("core: the purchase belongs to another account")
)

// boundTo tells whether account passed binding on this fact before, and nothing changed since.
func (b *backend) boundTo(f *fact, account string) bool {
	have := f.bound.Load()
	return have != nil && have.account == account && have.bindings == b.bindings.Load()
}

// bind judges whether the purchase is the account's. It returns the reason if it is not, and an
// error if that could not be found out. Only a granting purchase is recorded: whoever guesses the
// token of a lapsed one must not own it when its owner renews.
func (q *inquiry) bind(b *backend, t *Token, f *fact, granting bool) (Reason, error) {
	g, account := q.gate, q.account
	switch {
	case t.Known, q.why != toHandIn && b.boundTo(f, account):
		return "", nil
	case g.config.Binding == InsecureBindingOff && q.why != toHandIn:
		if granting && q.why.records() {
			b.audit(f, account, g.config.Labels)
		}
		return "", nil
	}
	bindings := b.bindings.Load() // before the registry is asked
	switch g.config.Labels.Match(f.purchase.Label, account) {
	case LabelMatches:
		if granting { // so that the registry can answer for the account later (Credentials.Owned, HoldOpen)
			if _, err := q.claim(b, f, q.why == toHandIn); err != nil {
				if q.why == toHandIn {
					return "", err
				}
				b.alarm(slog.LevelWarn, "the owners' registry cannot record", ReasonLookupFailed, err)
			}
		}
	case LabelMismatch:
		return ReasonAccountMismatch, nil
	default:
		reason, recorded, err := q.bindUnlabelled(b, f, granting)
		if err != nil || reason != "" || !recorded {
			return reason, err
		}
	}
	if q.why.records() {
		f.bound.Store(&bound{account: strings.Clone(account), bindings: bindings})
	}
	return "", nil
}

// bindUnlabelled asks the registry. recorded tells whether the account stands there as the owner.
func (q *inquiry) bindUnlabelled(b *backend, f *fact, granting bool) (_ Reason, recorded bool, _ error) {
	g, ctx, account, handIn := q.gate, q.context(), q.account, q.why == toHandIn
	owner, ok, err := g.config.Owners.Owner(ctx, b.id, f.purchase.Token)
	recorded = ok
	if err == nil && !ok && f.purchase.LinkedToken != "" {
		// A changed plan belongs to whom the plan before it belonged to.
		owner, ok, err = g.config.Owners.Owner(ctx, b.id, f.purchase.LinkedToken)
	}
	if err != nil {
		return "", false, err
	}
	if !ok && (handIn || g.config.Binding == BindingRecord) {
		owner = Ownership{Account: account} // to be recorded, if the purchase grants
	}
	owner.Bound = owner.Bound || handIn
	if (!recorded || handIn) && granting && owner.Account == account && (owner.Bound || g.config.Binding == BindingRecord) {
		if owner, err = q.claim(b, f, owner.Bound); err != nil {
			return "", false, err
		}
		recorded = true
	}
	switch {
	case g.config.Binding == BindingRequire && (owner.Account == "" || owner.Account == account && !owner.Bound):
		return ReasonAccountUnbound, false, nil
	case owner.Account != account:
		return ReasonAccountMismatch, false, nil
	}
	return "", recorded, nil
}

// claim records the account as the owner. Where nothing is to be recorded, it is taken to be.
func (q *inquiry) claim(b *backend, f *fact, bound bool) (Ownership, error) {
	o := Ownership{Store: b.id, Token: f.purchase.Token, Product: f.product.ID, Account: strings.Clone(q.account), Bound: bound}
	if !q.why.records() {
		if q.claimed == nil {
			q.claimed = map[ownerKey]Ownership{}
		}
		q.claimed[ownerKey{o.Store, o.Token}] = o
		return o, nil
	}
	return q.gate.config.Owners.Claim(q.context(), o)
}

// Bind records account as the owner of token, a purchase of p, in the server's own name: the only
// ownership that BindingRequire accepts for a purchase without a label. It does not ask the store.
// ErrOwned if another account owns it: Unbind first.
func (g *Gate) Bind(ctx context.Context, account string, p Product, token string) (err error) {
	b, err := g.known(p.Store)
	if err != nil {
		return err
	}
	defer func() {
		if v := recover(); v != nil {
			err = g.recovered("the store's CheckToken", v)
		}
	}()
	if account == "" {
		return errEmptyAccount
	}
	if err := cmp.Or(checkLength(token), b.store.CheckToken(token)); err != nil {
		return fmt.Errorf("core: Bind: %w", err)
	}
	token = strings.Clone(token)
	owner, err := g.config.Owners.Claim(ctx, Ownership{Store: p.Store, Token: token, Product: p.ID, Account: strings.Clone(account), Bound: true})
	b.bindings.Add(1)
	switch {
	case err != nil:
		return fmt.Errorf("core: Bind: %w", err)
	case owner.Account != account:
		return ErrOwned
	}
	if err := b.tellRebound(ctx, token); err != nil {
		return fmt.Errorf("core: Bind: %w", err)
	}
	return nil
}

// tellRebound tells the others that whose the purchase was counts no more.
func (b *backend) tellRebound(ctx context.Context, token string) error {
	return b.state.gate.crier.tell(ctx, News{Rebound: []TokenRef{{b.id, token}}})
}

// Unbind forgets who owns token. The next account to present it may become its owner, as
// Config.Binding says. It takes effect before it returns. An error may also say that Config.Peers were not
// told: do it again.
func (g *Gate) Unbind(ctx context.Context, store StoreID, token string) error {
	b, err := g.known(store)
	if err != nil {
		return err
	}
	err = g.config.Owners.Release(ctx, store, token)
	b.bindings.Add(1)
	if err == nil {
		err = b.tellRebound(ctx, strings.Clone(token))
	}
	if err != nil {
		return fmt.Errorf("core: Unbind: %w", err)
	}
	return nil
}
