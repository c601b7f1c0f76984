package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"github.com/skugate/skugate/core"
)

// list is what the worker knows of one store's list of voids.
type list struct {
	nudged   chan struct{} // holds a token while somebody waits for a reading
	leave    *rate.Limiter // of readings that were asked for
	caughtUp func()        // tells the gate
	none     bool          // the store has no such list
	since    time.Time
	warned   time.Time // when its silence was last said
}

const (
	// reach is how far back every store tells, with an hour to spare for clocks that differ.
	//
	// Spec: 003_cae853c17ba7f40e.txt, "getVoidedPurchases": one month, which has 28 days at least.
	reach = 28*24*time.Hour - time.Hour
	// slice is how much of a list is read at once: what was read stays read when a later slice fails.
	slice = 7 * 24 * time.Hour
	// silence is how long a list may be empty before somebody should look.
	silence = 24 * time.Hour
	// ahead is how far a checkpoint may lie in the future: further, and a clock was wrong.
	ahead = 5 * time.Minute
)

// follow reads the lists of stores from where they were left.
func (w *Worker) follow(ctx context.Context, stores ...core.StoreID) (r Report, err error) {
	var faults []error
	for _, store := range stores {
		l := w.lists[store]
		if l.none {
			continue
		}
		err := w.followStore(ctx, store, l, &r)
		if errors.Is(err, errors.ErrUnsupported) {
			l.none, err = true, nil
			l.caughtUp()
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("the voided purchases of %q: %w", store, err))
		}
	}
	return r, errors.Join(faults...)
}

func (w *Worker) followStore(ctx context.Context, store core.StoreID, l *list, r *Report) error {
	read, err := w.gate.VoidsRead(ctx, store)
	if err != nil {
		return err
	}
	now := w.storeNow(store)
	from := read.Add(-w.config.Overlap)
	next := from
	switch {
	case !read.IsZero() && read.Sub(now) <= ahead && now.Sub(from) <= reach:
		l.caughtUp() // the rest is as late as any news is
	default: // everything that the store still tells
		if gap := now.Sub(read) - reach; !read.IsZero() && gap > 0 {
			r.gap(store, gap)
			w.log.Error("skugate: the voided purchases of a store were not read for so long that it tells only a part of them",
				slog.String("store", string(store)), slog.Duration("missing", gap))
		}
		from, next = time.Time{}, now.Add(-reach)
	}
	if l.since.IsZero() {
		l.since = now
	}
	var unkept error
	for last := false; !last; {
		begun := w.storeNow(store)
		until, checkpoint := next.Add(slice), next.Add(slice)
		if last = !until.Before(begun); last {
			until, checkpoint = time.Time{}, begun
		}
		if unkept != nil {
			checkpoint = time.Time{} // or what was not kept would be skipped
		}
		listed, news, err := w.readSlice(ctx, store, from, until, checkpoint)
		r.Voids += news
		if listed > 0 {
			l.since = begun
		}
		var unread *core.StoreError
		if errors.As(err, &unread) || errors.Is(err, errors.ErrUnsupported) {
			return errors.Join(err, unkept)
		}
		unkept = errors.Join(unkept, err)
		from, next = until, until
	}
	l.caughtUp()
	w.noteSilence(store, l, r)
	return unkept
}

func (w *Worker) readSlice(ctx context.Context, store core.StoreID, from, until, checkpoint time.Time) (listed, news int, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.config.CallTimeout)
	defer cancel()
	return w.gate.ReadVoids(ctx, store, from, until, checkpoint)
}

// noteSilence reports a list that has been empty for long although purchases were found.
func (w *Worker) noteSilence(store core.StoreID, l *list, r *Report) {
	now := w.storeNow(store)
	if now.Sub(l.since) < silence || w.stats(store).Purchases == 0 {
		return
	}
	r.Silent = append(r.Silent, store)
	if now.Sub(l.warned) >= silence {
		l.warned = now
		w.log.Warn("skugate: a store has listed no voided purchase for a day or more: are the market and the rights of the client right?",
			slog.String("store", string(store)), slog.Duration("for", now.Sub(l.since)))
	}
}

// stats is what the gate counted about a store.
func (w *Worker) stats(store core.StoreID) core.StoreStats {
	for _, s := range w.gate.Stats().Stores {
		if s.Store == store {
			return s
		}
	}
	return core.StoreStats{}
}

// storeNow is a store's clock, as far as it has shown it: what it lists and when it cancels goes by that.
func (w *Worker) storeNow(store core.StoreID) time.Time {
	return time.Now().Add(w.stats(store).ClockSkew)
}
