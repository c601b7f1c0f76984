package redeem

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/skugate/skugate/core"
)

// Redeemer spends consumables once. Make it with New, once, and share it: it is safe for concurrent use
// and starts no goroutine. A nil or zero Redeemer refuses every purchase as undetermined.
type Redeemer struct {
	config  Config
	self    string // names this instance in claims
	running running
	counts  counts
}

// Deliver grants what was bought. nil means that it is the player's for good, and only then: commit it
// before returning. It may run again for a redemption that it granted (see Redemption.Resumed), with the
// same Redemption.ID. Its context carries the redemption (FromContext) and the caller's values. It does not
// end when the caller leaves, because the purchase is spent by then; it ends with the instance's claim
// (Config.Lease).
type Deliver func(ctx context.Context, r Redemption) error

// Redeem spends the one purchase whose token c holds (Owned adds none), of the consumable p, for the
// account of c: it verifies it at the gate, records the intent, consumes it at the store, runs deliver
// and records that it is done. Whatever breaks in between, the next call for the same purchase and
// account takes up where that was, with the same Redemption.ID; another account is refused as soon as the
// intent is recorded.
//
// Without an error the purchase is delivered, now or, if CompletedAt lies before the call, earlier; deliver
// does not run then. The error is a *Refusal if deliver did not run, and deliver's own, wrapped, if it
// failed. A panic of deliver goes on to the caller, and the purchase can be redeemed again.
func (r *Redeemer) Redeem(ctx context.Context, p core.Product, c core.Credentials, deliver Deliver) (Redemption, error) {
	if !r.usable() {
		return Redemption{}, undetermined(p, core.ReasonMisconfigured, errNotMade)
	}
	a := &attempt{Redeemer: r, product: p, ctx: ctx, own: context.WithoutCancel(ctx)}
	outcome := errPanicked
	defer func() { r.counts.ended(a.ran, outcome) }()
	redemption, err := a.redeem(c, deliver)
	outcome = err
	return redemption, err
}

// redeem runs the attempt, if the arguments are such that it may.
func (a *attempt) redeem(c core.Credentials, deliver Deliver) (Redemption, error) {
	r, p := a.Redeemer, a.product
	if err := r.fault(p, deliver); err != nil {
		return Redemption{}, err
	}
	t, refusal := one(p, &c)
	if refusal != nil {
		return Redemption{}, refusal
	}
	// What is kept outlives the request, and under fiber its strings do not.
	t.Value = strings.Clone(t.Value)
	a.token, a.account, a.purchase = t, strings.Clone(c.Account), purchase{p.Store, t.Value}
	if !r.running.enter(a.purchase) {
		return Redemption{}, inProgress(p, 0)
	}
	defer r.running.leave(a.purchase)
	return a.run(deliver)
}

// Check says why purchases of p can never be redeemed here, or nil: the product is not configured as
// Consumable, or its store cannot consume. Call it at start.
func (r *Redeemer) Check(p core.Product) error {
	if !r.usable() {
		return errNotMade
	}
	return r.config.Gate.CheckConsumable(p)
}

func (r *Redeemer) usable() bool { return r != nil && r.config.Ledger != nil }

func (r *Redeemer) fault(p core.Product, deliver Deliver) error {
	switch {
	case deliver == nil:
		return undetermined(p, core.ReasonMisconfigured, errNoHandler)
	case !p.IsConsumable():
		return denied(p, core.ReasonNotConsumable, r.Check(p))
	}
	if err := r.Check(p); err != nil {
		return undetermined(p, core.ReasonMisconfigured, err)
	}
	return nil
}

// one finds the one token to redeem.
func one(p core.Product, c *core.Credentials) (core.Token, *Refusal) {
	tokens := c.Tokens
	if c.Token != "" {
		tokens = append([]core.Token{{Value: c.Token}}, tokens...)
	}
	if len(tokens) > 1 {
		return core.Token{}, denied(p, core.ReasonInvalidToken, fmt.Errorf("redeem: there are %d tokens, the limit is 1", len(tokens)))
	}
	var values []string
	if len(tokens) == 1 {
		values = []string{tokens[0].Value}
	}
	value, err := core.ParseToken(values)
	switch {
	case len(tokens) == 0:
		return core.Token{}, denied(p, core.ReasonTokenMissing, err)
	case err != nil || value != tokens[0].Value:
		return core.Token{}, denied(p, core.ReasonInvalidToken, err)
	case c.Account == "":
		return core.Token{}, denied(p, core.ReasonAccountMissing, nil)
	}
	return tokens[0], nil
}

// ask calls the ledger, which is the embedder's: a panic in it is a failure like any other. One that fails
// is said loudly: while it lasts nothing is redeemed.
func (r *Redeemer) ask(what string, call func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("redeem: the ledger panicked with a %T", v)
		}
		if err != nil {
			r.counts.ledgerFailed.Add(1)
			r.config.Logger.Error("skugate: the ledger of redemptions failed", slog.String("to", what), slog.Any("error", err))
		}
	}()
	return call()
}
