package reconcile

import (
	"time"

	"github.com/skugate/skugate/core"
)

// Report is what a round did and found.
type Report struct {
	// Acknowledged deliveries are known to their stores since this round. Failed is how many tries did
	// not end so. Abandoned entries were refused for good at some time: an operator has to look.
	Acknowledged, Failed, Abandoned int

	// Voids is against how many tokens something was listed that was not known before.
	Voids int
	// Gaps are spans that no store tells about any more because nobody asked in time: what was voided in
	// them shows only when the purchase is looked up.
	Gaps map[core.StoreID]time.Duration
	// Silent stores have listed no void at all for a day or more, though purchases were found there. A
	// small game may have none; a wrong market or missing rights look the same.
	Silent []core.StoreID

	// Undelivered purchases are paid for, and no handler delivered them yet; their stores cancel them at
	// their deadlines, the nearest of which comes first. Overdue ones were delivered, and could not be
	// acknowledged although the deadline is near (Config.AlarmBefore). Each has 100 entries at most.
	Undelivered, Overdue []core.OutboxEntry
	// Reopened entries had been acknowledged and are listed by their store as if they were not.
	Reopened int
	// Pruned entries were dropped because their deadlines are long past.
	Pruned int
}

// maxListed is how many entries a report lists of a kind.
const maxListed = 100

func (r *Report) add(more Report) {
	r.Acknowledged += more.Acknowledged
	r.Failed += more.Failed
	r.Abandoned += more.Abandoned
	r.Voids += more.Voids
	for store, gap := range more.Gaps {
		r.gap(store, gap)
	}
	r.Silent = append(r.Silent, more.Silent...)
	r.Undelivered = append(r.Undelivered, more.Undelivered...)
	r.Overdue = append(r.Overdue, more.Overdue...)
	r.Reopened += more.Reopened
	r.Pruned += more.Pruned
}

func (r *Report) gap(store core.StoreID, d time.Duration) {
	if r.Gaps == nil {
		r.Gaps = map[core.StoreID]time.Duration{}
	}
	r.Gaps[store] = d
}
