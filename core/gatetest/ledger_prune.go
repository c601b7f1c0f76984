package gatetest

import (
	"time"

	"github.com/skugate/skugate/core/redeem"
)

// prunedLedger tests a ledger that is a redeem.Pruner; another one need not drop anything.
func prunedLedger(l *ledger) {
	if _, ok := l.Ledger.(redeem.Pruner); !ok {
		return
	}
	const month = 30 * 24 * time.Hour
	put := func(token string, state redeem.State, began, completed time.Time) redeem.Entry {
		e := ledgerEntry(token, "mina")
		e.Began = began
		e = l.swaps(e)
		e.State, e.CompletedAt = state, completed
		return l.swaps(e)
	}
	before := ledgerEpoch.Add(month)
	stay := []redeem.Entry{
		put("intended", redeem.Intended, ledgerEpoch.Add(time.Second), time.Time{}),
		put("consumed", redeem.Consumed, ledgerEpoch, time.Time{}),
		put("completed just now", redeem.Completed, ledgerEpoch, before),
		put("withdrawn just now", redeem.Withdrawn, before, time.Time{}),
	}
	gone := []redeem.Entry{
		put("completed", redeem.Completed, ledgerEpoch, before.Add(-time.Nanosecond)),
		put("withdrawn", redeem.Withdrawn, before.Add(-time.Nanosecond), time.Time{}),
	}
	for i := range 300 { // more than one page of anybody's
		gone = append(gone, put("completed "+string(rune('a'+i)), redeem.Completed, ledgerEpoch, ledgerEpoch))
	}
	for _, want := range []int{len(gone), 0} {
		if n, err := l.Ledger.(redeem.Pruner).Prune(l.Context(), before); err != nil || n != want {
			l.Errorf("Prune: %d, %v; want %d", n, err, want)
		}
	}
	l.again(func() {
		for _, e := range stay {
			l.has(e)
		}
		for _, e := range gone {
			if _, ok, err := l.Entry(l.Context(), e.Store, e.Token); ok || err != nil {
				l.Errorf("%q: still there: %v, %v", e.Token, ok, err)
			}
		}
		l.unfinished("mina", "consumed intended")
	})
	again := ledgerEntry("completed", "mina")
	l.swaps(again)
}
