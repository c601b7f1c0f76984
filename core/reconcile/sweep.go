package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core"
)

const (
	// keepEntries is how long an entry is kept past its deadline.
	keepEntries = 7 * 24 * time.Hour
	// listLag is how far a store's list may be behind its other answers.
	listLag = 10 * time.Minute
)

// sweep compares the outbox with what stores list as unconfirmed, and reports what is in danger.
func (w *Worker) sweep(ctx context.Context) (r Report, err error) {
	box := w.gate.Outbox()
	if box == nil {
		return r, nil
	}
	var faults []error
	for _, store := range w.gate.Stores() {
		if err := w.sweepStore(ctx, box, store, &r); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			faults = append(faults, fmt.Errorf("the unconfirmed purchases of %q: %w", store, err))
		}
	}
	faults = append(faults, w.lookOver(ctx, box, &r))
	r.Pruned, err = box.Prune(ctx, time.Now().Add(-keepEntries))
	return r, errors.Join(append(faults, err)...)
}

// sweepStore makes entries of what the store lists and nobody knows, opens again what it should not list
// any more, and settles what somebody else acknowledged.
func (w *Worker) sweepStore(ctx context.Context, box core.Outbox, store core.StoreID, r *Report) error {
	call, cancel := context.WithTimeout(ctx, w.config.CallTimeout)
	defer cancel()
	begun := time.Now()
	from := w.storeNow(store).Add(-core.AcknowledgeWithin - 24*time.Hour)
	debts, err := w.gate.Unconfirmed(call, store, from, time.Time{})
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, d := range debts {
		listed[d.Token] = true
		if d.Check() != nil {
			continue
		}
		e, err := box.Record(ctx, d, false)
		if err != nil {
			return err
		}
		if e.State == core.DebtAcknowledged && begun.Sub(e.At) > listLag {
			e.State = core.DebtDelivered
			if err := box.Finish(ctx, e); err != nil {
				return err
			}
			r.Reopened++
		}
	}
	return w.settleOthers(ctx, box, store, listed, begun, from)
}

// settleOthers settles what was never delivered here and is not listed any more: a client acknowledged
// or consumed it, or it is gone.
func (w *Worker) settleOthers(ctx context.Context, box core.Outbox, store core.StoreID, listed map[string]bool, begun, from time.Time) error {
	var settled []core.OutboxEntry
	for e, err := range box.Unsettled(ctx) {
		if err != nil {
			return err
		}
		bought := e.By.Add(-core.AcknowledgeWithin)
		if e.Store == store && e.State == core.DebtIntended && !listed[e.Token] && bought.After(from) && begun.Sub(e.At) > listLag {
			settled = append(settled, e)
		}
	}
	for _, e := range settled {
		e.State = core.DebtAcknowledged
		if err := box.Finish(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// lookOver reports what nobody delivered, what is late, and what was abandoned.
func (w *Worker) lookOver(ctx context.Context, box core.Outbox, r *Report) error {
	now := map[core.StoreID]time.Time{}
	for _, store := range w.gate.Stores() {
		now[store] = w.storeNow(store)
	}
	left := func(e *core.OutboxEntry) time.Duration { return e.By.Sub(now[e.Store]) }
	near := func(e *core.OutboxEntry) bool { return left(e) < w.config.AlarmBefore }
	undelivered, overdue := 0, 0
	for e, err := range box.Unsettled(ctx) {
		if err != nil {
			return err
		}
		switch {
		case left(&e) <= 0: // the store has cancelled it
		case e.State == core.DebtAbandoned:
			r.Abandoned++
		case e.State == core.DebtIntended:
			if len(r.Undelivered) < maxListed {
				r.Undelivered = append(r.Undelivered, e)
			}
			if near(&e) {
				undelivered++
			}
		case near(&e):
			if len(r.Overdue) < maxListed {
				r.Overdue = append(r.Overdue, e)
			}
			overdue++
		}
	}
	w.gate.FoundDebts(core.DebtsFound{At: time.Now(), Undelivered: undelivered, Overdue: overdue, Abandoned: r.Abandoned})
	if undelivered > 0 {
		w.log.Error("skugate: purchases that nobody delivered are near their deadlines; their stores cancel and refund them then",
			slog.Int("purchases", undelivered), slog.Any("nearest", r.Undelivered[0].Debt))
	}
	if overdue > 0 {
		w.log.Error("skugate: purchases that were delivered are not acknowledged and near their deadlines",
			slog.Int("purchases", overdue), slog.Any("nearest", r.Overdue[0].Debt), slog.String("error", r.Overdue[0].Fault))
	}
	return nil
}
