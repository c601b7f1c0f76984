package redeem

import (
	"context"
	"errors"

	"github.com/skugate/skugate/core"
)

// Resume delivers whatever the account began to redeem and has not got yet, the oldest first: call it when
// a player signs in. A consumed purchase is gone from the player's device, so that a client that was
// reinstalled, or lost its answer, has no token left to ask with. It returns what it delivered, and the
// errors of Redeem for the rest, joined; what another request is working on is neither.
func (r *Redeemer) Resume(ctx context.Context, account string, deliver Deliver) ([]Redemption, error) {
	switch {
	case !r.usable():
		return nil, errNotMade
	case deliver == nil:
		return nil, errNoHandler
	}
	entries, err := r.unfinished(ctx, account)
	if err != nil {
		return nil, err
	}
	var delivered []Redemption
	var failed []error
	for _, e := range entries {
		p := core.Product{Store: e.Store, Kind: core.KindInApp, ID: e.Product}.Consumable()
		redemption, err := r.Redeem(ctx, p, core.Credentials{Account: account, Token: e.Token}, deliver)
		var refused *Refusal
		switch {
		case err == nil:
			delivered = append(delivered, redemption)
		case errors.As(err, &refused) && refused.Decision.Reason == core.ReasonInProgress:
		default:
			failed = append(failed, err)
		}
	}
	return delivered, errors.Join(failed...)
}

func (r *Redeemer) unfinished(ctx context.Context, account string) ([]Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	var entries []Entry
	err := r.ask("list", func() (err error) {
		entries, err = r.config.Ledger.Unfinished(ctx, account)
		return err
	})
	return entries, err
}
