package gatetest

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core/redeem"
)

// RunLedger tests that a ledger does what redeem.Ledger says. empty returns a ledger without entries, one of
// its own for each test; t.Cleanup closes it. A ledger that is kept somewhere passes a reopen as well, as
// for RunOwners.
func RunLedger(t *testing.T, empty func(t *testing.T) redeem.Ledger, reopen ...func(t *testing.T, l redeem.Ledger) redeem.Ledger) {
	run := func(name string, test func(*ledger)) {
		t.Run(name, func(t *testing.T) { test(&ledger{t, empty(t), reopen}) })
	}
	run("an empty ledger knows no purchase", emptyLedger)
	run("an entry comes back as it was put", entryKept)
	run("the first entry stands", firstEntry)
	run("a swap from an older version changes nothing", staleSwap)
	run("a swap of an entry that is not there puts none", ghostSwap)
	run("no store and token run into each other here either", entriesApart)
	run("an entry that names no purchase or nobody is refused", namelessEntry)
	run("unfinished are those of the account, the oldest first", unfinishedEntries)
	run("of many swaps at once one wins each version", parallelSwaps)
	run("one that prunes drops what was finished before, and nothing else", prunedLedger)
}

// ledger is a ledger under test.
type ledger struct {
	*testing.T
	redeem.Ledger
	reopen []func(*testing.T, redeem.Ledger) redeem.Ledger
}

// again runs check, and once more on what is kept.
func (l *ledger) again(check func()) {
	l.Helper()
	check()
	for _, reopen := range l.reopen {
		l.Ledger = reopen(l.T, l.Ledger)
		check()
	}
}

var ledgerEpoch = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// ledgerEntry is the first version of an entry.
func ledgerEntry(token, account string) redeem.Entry {
	return redeem.Entry{
		Store: "onestore", Token: token, Product: "gems 100 \u2014 보석", Account: account, ID: "id of " + token, PurchaseID: "payment of " + token,
		Quantity: 3, State: redeem.Intended, Holder: "instance 1", HeldUntil: ledgerEpoch.Add(time.Minute), Began: ledgerEpoch,
	}
}

func (l *ledger) swaps(e redeem.Entry) redeem.Entry {
	l.Helper()
	stands, swapped, err := l.Swap(l.Context(), e)
	if err != nil || !swapped {
		l.Fatalf("Swap: swapped %v, %v", swapped, err)
	}
	return stands
}

func (l *ledger) has(want redeem.Entry) {
	l.Helper()
	got, ok, err := l.Entry(l.Context(), want.Store, want.Token)
	if err != nil || !ok || !sameEntry(got, want) {
		l.Errorf("Entry:\n got %+v, %v, %v\nwant %+v", got, ok, err, want)
	}
}

// sameEntry compares instants as instants: a ledger may return them in another zone.
func sameEntry(a, b redeem.Entry) bool {
	for _, at := range []func(*redeem.Entry) *time.Time{
		func(e *redeem.Entry) *time.Time { return &e.HeldUntil },
		func(e *redeem.Entry) *time.Time { return &e.Began },
		func(e *redeem.Entry) *time.Time { return &e.ConsumedAt },
		func(e *redeem.Entry) *time.Time { return &e.CompletedAt },
	} {
		if !at(&a).Equal(*at(&b)) {
			return false
		}
		*at(&a), *at(&b) = time.Time{}, time.Time{}
	}
	return reflect.DeepEqual(a, b)
}

func emptyLedger(l *ledger) {
	if e, ok, err := l.Entry(l.Context(), "onestore", "t1"); ok || err != nil || !sameEntry(e, redeem.Entry{}) {
		l.Errorf("Entry: %+v, %v, %v", e, ok, err)
	}
	if es, err := l.Unfinished(l.Context(), "mina"); len(es) != 0 || err != nil {
		l.Errorf("Unfinished: %v, %v", es, err)
	}
}

func entryKept(l *ledger) {
	e := ledgerEntry("t1", "미나\x00\xff/ of guild")
	want := e
	for _, change := range []func(*redeem.Entry){
		func(*redeem.Entry) {},
		func(e *redeem.Entry) {
			e.State, e.ConsumedAt, e.Attempts = redeem.Consumed, ledgerEpoch.Add(time.Second), 1
		},
		func(e *redeem.Entry) { e.Holder, e.HeldUntil = "", time.Time{} },
		func(e *redeem.Entry) { e.State, e.CompletedAt = redeem.Completed, ledgerEpoch.Add(2*time.Second) },
		func(e *redeem.Entry) { e.State, e.Account = redeem.Withdrawn, "somebody else" },
	} {
		change(&want)
		got := l.swaps(want)
		if want.Version++; !sameEntry(got, want) {
			l.Fatalf("Swap:\n got %+v\nwant %+v", got, want)
		}
		l.has(want)
	}
	l.again(func() { l.has(want) })
}

func firstEntry(l *ledger) {
	first := l.swaps(ledgerEntry("t1", "mina"))
	stands, swapped, err := l.Swap(l.Context(), ledgerEntry("t1", "mallory"))
	if err != nil || swapped || !sameEntry(stands, first) {
		l.Errorf("the second: %+v, %v, %v", stands, swapped, err)
	}
	l.has(first)
}

func staleSwap(l *ledger) {
	first := l.swaps(ledgerEntry("t1", "mina"))
	second := l.swaps(first)
	late := first
	late.State = redeem.Completed
	stands, swapped, err := l.Swap(l.Context(), late)
	if err != nil || swapped || !sameEntry(stands, second) {
		l.Errorf("from the older version: %+v, %v, %v", stands, swapped, err)
	}
	l.has(second)
}

func ghostSwap(l *ledger) {
	e := ledgerEntry("t1", "mina")
	e.Version = 7
	stands, swapped, err := l.Swap(l.Context(), e)
	if err != nil || swapped || !sameEntry(stands, redeem.Entry{}) {
		l.Errorf("got %+v, %v, %v", stands, swapped, err)
	}
	emptyLedger(l)
}

func entriesApart(l *ledger) {
	entries := []redeem.Entry{ledgerEntry("t1", "mina"), ledgerEntry("t1", "mina"), ledgerEntry("t2", "mina"), ledgerEntry("orex", "mina"), ledgerEntry("x", "mina")}
	entries[1].Store = "googleplay"
	entries[3].Store, entries[4].Store = "onest", "onestore" // joined carelessly, one name
	for i, e := range entries {
		entries[i] = l.swaps(e)
	}
	l.again(func() {
		for _, e := range entries {
			l.has(e)
		}
	})
}

func namelessEntry(l *ledger) {
	for name, empty := range map[string]func(*redeem.Entry){
		"store":   func(e *redeem.Entry) { e.Store = "" },
		"token":   func(e *redeem.Entry) { e.Token = "" },
		"account": func(e *redeem.Entry) { e.Account = "" },
	} {
		e := ledgerEntry("t1", "mina")
		empty(&e)
		if _, swapped, err := l.Swap(l.Context(), e); err == nil || swapped || strings.Contains(err.Error(), "mina") {
			l.Errorf("without a %s: swapped %v, %v", name, swapped, err)
		}
	}
	emptyLedger(l)
}

func unfinishedEntries(l *ledger) {
	put := func(token, account string, age time.Duration, states ...redeem.State) {
		e := ledgerEntry(token, account)
		e.Began = ledgerEpoch.Add(-age)
		for _, s := range states {
			e.State = s
			e = l.swaps(e)
		}
	}
	put("young", "mina", 1*time.Minute, redeem.Intended)
	put("old", "mina", 3*time.Minute, redeem.Intended, redeem.Consumed)
	put("middle", "mina", 2*time.Minute, redeem.Intended, redeem.Intended)
	put("done", "mina", 4*time.Minute, redeem.Intended, redeem.Consumed, redeem.Completed)
	put("gone", "mina", 5*time.Minute, redeem.Intended, redeem.Withdrawn)
	put("another's", "minamina", 6*time.Minute, redeem.Consumed)
	put("back", "mina", 0, redeem.Withdrawn, redeem.Intended)

	// A withdrawn purchase may be redeemed by another account.
	moved := ledgerEntry("moved", "mina")
	moved.State = redeem.Withdrawn
	moved = l.swaps(moved)
	moved.State, moved.Account, moved.Began = redeem.Intended, "minamina", ledgerEpoch
	l.swaps(moved)

	l.again(func() {
		l.unfinished("mina", "old middle young back")
		l.unfinished("minamina", "another's moved")
		l.unfinished("min", "")
	})
}

func (l *ledger) unfinished(account, want string) {
	l.Helper()
	es, err := l.Unfinished(l.Context(), account)
	if err != nil {
		l.Fatal(err)
	}
	got := make([]string, len(es))
	for i, e := range es {
		got[i] = e.Token
		l.has(e)
	}
	if got := strings.Join(got, " "); got != want {
		l.Errorf("unfinished of %s: %q, want %q", account, got, want)
	}
}

func parallelSwaps(l *ledger) {
	const writers, swaps = 8, 10
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[uint64]int{}
	for w := range writers {
		wg.Go(func() {
			e := ledgerEntry("t1", "mina")
			for done := 0; done < swaps; {
				e.Attempts = w
				stands, swapped, err := l.Swap(l.Context(), e)
				if err != nil {
					l.Error(err)
					return
				}
				if e = stands; swapped {
					mu.Lock()
					won[stands.Version]++
					mu.Unlock()
					done++
				}
			}
		})
	}
	wg.Wait()
	for v := uint64(1); v <= writers*swaps; v++ {
		if won[v] != 1 {
			l.Errorf("version %d was put %d times", v, won[v])
		}
	}
}
