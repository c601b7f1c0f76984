package core

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Acknowledger is a Store that can be told that a purchase was delivered.
type Acknowledger interface {
	// Acknowledge confirms token, a purchase of p. Nil means that the purchase stands and is
	// acknowledged, by this call or by another. A *StoreError with FaultNotFound or FaultTokenRefused
	// means that asking again will hardly help; after any other error it is safe to.
	Acknowledge(ctx context.Context, p Product, token string) error
}

// VoidLister is a Store that tells what it took back.
type VoidLister interface {
	// Voided lists what was taken back from one instant to another, by the store's clock, all pages of it.
	// A zero from, or one before what the store still tells: from there; a zero until: up to now. An
	// error is the last of the sequence. A void may come twice, and out of order.
	Voided(ctx context.Context, from, until time.Time) iter.Seq2[Void, error]
}

// UnconfirmedLister is a Store that tells which purchases nobody acknowledged or consumed yet.
type UnconfirmedLister interface {
	// Unconfirmed lists the purchases from one instant to another that wait for an acknowledgement, as
	// VoidLister does. An error that is errors.ErrUnsupported says that this client's market has no such
	// list.
	Unconfirmed(ctx context.Context, from, until time.Time) iter.Seq2[Debt, error]
}

// Stores lists the IDs of the gate's stores, in the order of Config.Stores.
func (g *Gate) Stores() []StoreID {
	if !g.usable() {
		return nil
	}
	ids := make([]StoreID, len(g.backends))
	for i, b := range g.backends {
		ids[i] = b.id
	}
	return ids
}

// Outbox returns Config.Outbox, nil if there is none.
func (g *Gate) Outbox() Outbox {
	if !g.usable() {
		return nil
	}
	return g.state.outbox
}

// Acknowledge tells a store that the purchase of d was delivered, behind the same bulkhead and breaker as
// every look-up; its failures do not open the breaker. It records nothing: package reconcile does. ctx must have a deadline. The error is a
// *StoreError, or matches errors.ErrUnsupported for a store that is no Acknowledger.
func (g *Gate) Acknowledge(ctx context.Context, d Debt) error {
	b, err := g.known(d.Store)
	if err != nil {
		return err
	}
	store, ok := b.store.(Acknowledger)
	if !ok {
		return unsupported(b.id, "acknowledge purchases")
	}
	err = b.work(ctx, func(ctx context.Context) error {
		return store.Acknowledge(ctx, Product{Store: d.Store, Kind: d.Kind, ID: d.Product}, d.Token)
	})
	if err == nil {
		b.acknowledged.Add(1)
		if left := time.Until(d.By) - time.Duration(b.skew.Load()); left < lateAcknowledgement {
			b.acknowledgedLate.Add(1)
		}
	}
	return err
}

// lateAcknowledgement is how close to its deadline an acknowledgement is worth a look.
const lateAcknowledgement = 24 * time.Hour

// ReadVoids reads a store's list of voids as VoidLister does, and puts them in force. If the list was read
// to its end, they are kept in Config.Voids together with checkpoint, unless that is zero, which VoidsRead
// then returns; if not, what was read of it is in force all the same. An error that is no *StoreError
// says that the list was read, and put in force, but not kept. It returns how many voids were listed, and against
// how many tokens that was news. It fails as Acknowledge does.
func (g *Gate) ReadVoids(ctx context.Context, store StoreID, from, until, checkpoint time.Time) (listed, news int, err error) {
	b, err := g.known(store)
	if err != nil {
		return 0, 0, err
	}
	lister, ok := b.store.(VoidLister)
	if !ok {
		return 0, 0, unsupported(store, "list voided purchases")
	}
	var voids []Void
	err = b.work(ctx, func(ctx context.Context) error {
		for v, err := range lister.Voided(ctx, from, until) {
			if err != nil {
				return err
			}
			if v.Store = store; checkLength(v.Token) == nil {
				voids = append(voids, v)
			}
		}
		return nil
	})
	var read map[StoreID]time.Time
	if err == nil && !checkpoint.IsZero() {
		read = map[StoreID]time.Time{store: checkpoint}
	}
	news, unkept := g.applyVoids(ctx, voids, read)
	return len(voids), news, errors.Join(err, unkept)
}

// VoidsRead is up to which instant a store's list of voids was read, zero if that is not known. It loads
// what is kept, as Ready does.
func (g *Gate) VoidsRead(ctx context.Context, store StoreID) (time.Time, error) {
	if _, err := g.known(store); err != nil {
		return time.Time{}, err
	}
	if err := g.state.load(ctx); err != nil && !g.state.remote {
		return time.Time{}, err
	}
	g.state.mu.Lock()
	defer g.state.mu.Unlock()
	return g.state.checkpoints[store], nil
}

// Unconfirmed reads a store's list of purchases that wait for an acknowledgement, as UnconfirmedLister
// does. It fails as Acknowledge does.
func (g *Gate) Unconfirmed(ctx context.Context, store StoreID, from, until time.Time) ([]Debt, error) {
	b, err := g.known(store)
	if err != nil {
		return nil, err
	}
	lister, ok := b.store.(UnconfirmedLister)
	if !ok {
		return nil, unsupported(store, "list unconfirmed purchases")
	}
	var debts []Debt
	var none error
	err = b.work(ctx, func(ctx context.Context) error {
		for d, err := range lister.Unconfirmed(ctx, from, until) {
			if errors.Is(err, errors.ErrUnsupported) {
				none = err // which says nothing of the store's health
				return nil
			}
			if err != nil {
				return err
			}
			d.Store = store
			debts = append(debts, d)
		}
		return nil
	})
	return debts, errors.Join(err, none)
}

// Save brings what stores said since the last Save to Config.Facts. Once an hour it also drops there, and
// in Config.Voids, what is too old to matter. A gate that is closed does the first by itself.
func (g *Gate) Save(ctx context.Context) error {
	if !g.usable() {
		return errNotMade
	}
	if err := g.state.snapshot.save(ctx); err != nil {
		return fmt.Errorf("core: Config.Facts: %w", err)
	}
	now := time.Now()
	last := g.state.pruned.Load()
	if time.Duration(now.UnixNano()-last).Abs() < time.Hour || !g.state.pruned.CompareAndSwap(last, now.UnixNano()) {
		return nil
	}
	errs := []error{g.state.snapshot.prune(ctx, now)}
	if voids := g.state.voids; voids != nil {
		var keep time.Duration
		for _, b := range g.backends {
			keep = max(keep, b.voids.keep)
		}
		_, err := await(ctx, g.state.voidCalls, func(ctx context.Context) (int, error) { return voids.Forget(ctx, now.Add(-keep)) })
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// work makes a worker's call through the guard.
func (b *backend) work(ctx context.Context, call func(context.Context) error) error {
	err := b.guard.doBehind(ctx, func(ctx context.Context) (err error) {
		b.worked.Add(1)
		defer func() {
			if v := recover(); v != nil {
				err = &StoreError{Reason: ReasonPanicked, Err: b.state.gate.recovered("the store client", v)}
			}
		}()
		return call(ctx)
	})
	if err == nil {
		b.hear(nil)
		return nil
	}
	se := asStoreError(err)
	b.workFailed.Add(1)
	b.hear(se)
	return se
}

func unsupported(id StoreID, what string) error {
	return fmt.Errorf("core: the store %q cannot %s: %w", id, what, errors.ErrUnsupported)
}
