package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

// owed is the acknowledgements that a decision owes, with what is recorded of each. It is shared by all
// decisions on the same facts, so that each debt is recorded once.
type owed struct{ debts []*debt }

type debt struct {
	Debt
	recorded atomic.Uint32 // the DebtState that the outbox surely has: 0, DebtIntended or DebtDelivered
}

// below tells whether some debt is not recorded as s yet.
func (o *owed) below(s DebtState) bool {
	return o != nil && slices.ContainsFunc(o.debts, func(d *debt) bool { return d.recorded.Load() < uint32(s) })
}

// owes is what a purchase owes, nil if nothing or if there is no outbox.
func (s *state) owes(store StoreID, p *Product, purchase *Purchase) *owed {
	by := purchase.acknowledgeBy()
	if s.outbox == nil || by.IsZero() {
		return nil
	}
	d := &debt{Debt: Debt{
		Store: store, Token: purchase.Token, Product: p.ID, Kind: p.Kind, PurchaseID: purchase.ID, By: by,
	}}
	if p.consumable { // what only opens a route is settled when it is consumed, elsewhere and unseen
		d.recorded.Store(uint32(DebtIntended))
	}
	return &owed{[]*debt{d}}
}

// owing adds to a granted decision what the other parts that it stands on owe.
func (q *inquiry) owing(r *ruling) *ruling {
	if q.gate.state.outbox == nil {
		return r
	}
	var all owed
	for _, leaf := range q.plan.root.granting(q.findings, 0, nil) {
		if f := &q.findings[leaf]; f.fact != nil && !f.verdict.AcknowledgeBy.IsZero() && f.fact.owed.below(DebtDelivered) {
			all.debts = append(all.debts, f.fact.owed.debts...)
		}
	}
	if o := r.owed(); len(all.debts) == 0 || o != nil && len(all.debts) == 1 && all.debts[0] == o.debts[0] {
		return r
	}
	return r.with(func(d *Decision) { d.owed = &all })
}

// intend records that what is owed is about to be delivered. It refuses nobody.
func (g *Gate) intend(ctx context.Context, o *owed) {
	if o.below(DebtIntended) {
		_ = g.record(ctx, o, DebtIntended)
	}
}

// intendHit is intend for a check that had to wait for nothing so far.
func (g *Gate) intendHit(ctx context.Context, o *owed) {
	if o.below(DebtIntended) {
		ctx, cancel := context.WithTimeout(ctx, g.config.Timeout)
		defer cancel()
		g.intend(ctx, o)
	}
}

// record brings the outbox up to s for each debt.
func (g *Gate) record(ctx context.Context, o *owed, s DebtState) error {
	var faults []error
	for _, d := range o.debts {
		if d.recorded.Load() >= uint32(s) {
			continue
		}
		stands, err := await(ctx, g.state.outboxCalls, func(ctx context.Context) (OutboxEntry, error) {
			return g.state.outbox.Record(ctx, d.Debt, s == DebtDelivered)
		})
		if err != nil {
			g.state.unrecorded.Add(1)
			faults = append(faults, err)
			continue
		}
		reached := min(stands.State, DebtDelivered) // settled ones need no more records either
		if was := d.recorded.Swap(uint32(reached)); was < uint32(reached) {
			g.state.recorded[s-DebtIntended].Add(1)
		}
	}
	err := errors.Join(faults...)
	if err != nil && ctx.Err() == nil && g.said.due(unrecorded{}, time.Now()) {
		g.log.Error("skugate: the outbox cannot record; what is not recorded as delivered is not acknowledged, and its store cancels it at its deadline",
			slog.String("record", s.String()), slog.Any("error", err))
	}
	return err
}

// unrecorded is a cause that is logged.
type unrecorded struct{}

var errNotGranted = errors.New("core: Delivered: the decision does not grant, so nothing was delivered")

// Delivered records in Config.Outbox that the player has what d grants, so that its stores are told.
// Adapters do so after a handler that succeeded; a program without HTTP calls it after its own write, or
// before it answers. It may be called again, and does nothing for a decision that owes nothing or a gate
// without an outbox. It returns within Config.Timeout; with an error nothing was recorded, and the
// delivery is to be reported again, by the next success at the latest.
func (g *Gate) Delivered(ctx context.Context, d Decision) error {
	switch {
	case !g.usable():
		return errNotMade
	case !d.Granted():
		return errNotGranted
	case g.state.outbox == nil:
		return nil
	}
	o := d.owed
	if o == nil && d.Purchase != nil && !d.AcknowledgeBy.IsZero() { // made by hand, or by another gate
		o = &owed{[]*debt{{Debt: Debt{
			Store: d.Product.Store, Token: d.Purchase.Token, Product: d.Product.ID, Kind: d.Product.Kind, PurchaseID: d.Purchase.ID, By: d.AcknowledgeBy,
		}}}}
	}
	if !o.below(DebtDelivered) {
		return nil
	}
	// The player has it, whether or not the request is still there.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.config.Timeout)
	defer cancel()
	if err := g.record(ctx, o, DebtDelivered); err != nil {
		return fmt.Errorf("core: Delivered: %w", err)
	}
	return nil
}
