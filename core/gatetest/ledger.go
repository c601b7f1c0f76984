package gatetest

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core/redeem"
)

// RunLedger checks what redeem.Ledger promises of one ledger in use. open returns an empty ledger that
// lasts for the test; it is called once for each case. Durability, which needs a crash, is not part of it.
func RunLedger(t *testing.T, open func(t *testing.T) redeem.Ledger) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, l redeem.Ledger)
	}{
		{"a purchase that nobody redeemed has no entry", ledgerEmpty},
		{"an entry comes back as it was put", ledgerRoundTrip},
		{"the first entry stands", ledgerFirst},
		{"a swap from an older version changes nothing", ledgerStale},
		{"a swap of an entry that is not there puts none", ledgerGhost},
		{"entries of other stores and tokens are others", ledgerApart},
		{"an entry that names no purchase or nobody is refused", ledgerNameless},
		{"unfinished are those of the account, the oldest first", ledgerUnfinished},
		{"of many swaps at once one wins each version", ledgerContended},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
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

func mustSwap(t *testing.T, l redeem.Ledger, e redeem.Entry) redeem.Entry {
	t.Helper()
	stands, swapped, err := l.Swap(context.Background(), e)
	if err != nil || !swapped {
		t.Fatalf("Swap: swapped %v, %v", swapped, err)
	}
	return stands
}

func wantEntry(t *testing.T, l redeem.Ledger, want redeem.Entry) {
	t.Helper()
	got, ok, err := l.Entry(context.Background(), want.Store, want.Token)
	if err != nil || !ok || !sameEntry(got, want) {
		t.Errorf("Entry:\n got %+v, %v, %v\nwant %+v", got, ok, err, want)
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

func ledgerEmpty(t *testing.T, l redeem.Ledger) {
	ctx := context.Background()
	if e, ok, err := l.Entry(ctx, "onestore", "t1"); ok || err != nil || !sameEntry(e, redeem.Entry{}) {
		t.Errorf("Entry: %+v, %v, %v", e, ok, err)
	}
	if es, err := l.Unfinished(ctx, "mina"); len(es) != 0 || err != nil {
		t.Errorf("Unfinished: %v, %v", es, err)
	}
}

func ledgerRoundTrip(t *testing.T, l redeem.Ledger) {
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
		got := mustSwap(t, l, want)
		if want.Version++; !sameEntry(got, want) {
			t.Fatalf("Swap:\n got %+v\nwant %+v", got, want)
		}
		wantEntry(t, l, want)
	}
}

func ledgerFirst(t *testing.T, l redeem.Ledger) {
	first := mustSwap(t, l, ledgerEntry("t1", "mina"))
	stands, swapped, err := l.Swap(context.Background(), ledgerEntry("t1", "mallory"))
	if err != nil || swapped || !sameEntry(stands, first) {
		t.Errorf("the second: %+v, %v, %v", stands, swapped, err)
	}
	wantEntry(t, l, first)
}

func ledgerStale(t *testing.T, l redeem.Ledger) {
	first := mustSwap(t, l, ledgerEntry("t1", "mina"))
	second := mustSwap(t, l, first)
	late := first
	late.State = redeem.Completed
	stands, swapped, err := l.Swap(context.Background(), late)
	if err != nil || swapped || !sameEntry(stands, second) {
		t.Errorf("from the older version: %+v, %v, %v", stands, swapped, err)
	}
	wantEntry(t, l, second)
}

func ledgerGhost(t *testing.T, l redeem.Ledger) {
	e := ledgerEntry("t1", "mina")
	e.Version = 7
	stands, swapped, err := l.Swap(context.Background(), e)
	if err != nil || swapped || !sameEntry(stands, redeem.Entry{}) {
		t.Errorf("got %+v, %v, %v", stands, swapped, err)
	}
	ledgerEmpty(t, l)
}

func ledgerApart(t *testing.T, l redeem.Ledger) {
	entries := []redeem.Entry{ledgerEntry("t1", "mina"), ledgerEntry("t1", "mina"), ledgerEntry("t2", "mina"), ledgerEntry("orex", "mina"), ledgerEntry("x", "mina")}
	entries[1].Store = "googleplay"
	entries[3].Store, entries[4].Store = "onest", "onestore" // joined carelessly, one name
	for i, e := range entries {
		entries[i] = mustSwap(t, l, e)
	}
	for _, e := range entries {
		wantEntry(t, l, e)
	}
}

func ledgerNameless(t *testing.T, l redeem.Ledger) {
	for name, empty := range map[string]func(*redeem.Entry){
		"store":   func(e *redeem.Entry) { e.Store = "" },
		"token":   func(e *redeem.Entry) { e.Token = "" },
		"account": func(e *redeem.Entry) { e.Account = "" },
	} {
		e := ledgerEntry("t1", "mina")
		empty(&e)
		if _, swapped, err := l.Swap(context.Background(), e); err == nil || swapped || strings.Contains(err.Error(), "mina") {
			t.Errorf("without a %s: swapped %v, %v", name, swapped, err)
		}
	}
	ledgerEmpty(t, l)
}

func ledgerUnfinished(t *testing.T, l redeem.Ledger) {
	put := func(token, account string, age time.Duration, states ...redeem.State) {
		e := ledgerEntry(token, account)
		e.Began = ledgerEpoch.Add(-age)
		for _, s := range states {
			e.State = s
			e = mustSwap(t, l, e)
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
	moved = mustSwap(t, l, moved)
	moved.State, moved.Account, moved.Began = redeem.Intended, "minamina", ledgerEpoch
	mustSwap(t, l, moved)

	for account, want := range map[string]string{"mina": "old middle young back", "minamina": "another's moved", "min": ""} {
		es, err := l.Unfinished(context.Background(), account)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]string, len(es))
		for i, e := range es {
			got[i] = e.Token
			wantEntry(t, l, e)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("unfinished of %s: %q, want %q", account, got, want)
		}
	}
}

func ledgerContended(t *testing.T, l redeem.Ledger) {
	const writers, swaps = 8, 10
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[uint64]int{}
	for w := range writers {
		wg.Go(func() {
			e := ledgerEntry("t1", "mina")
			for done := 0; done < swaps; {
				e.Attempts = w
				stands, swapped, err := l.Swap(context.Background(), e)
				if err != nil {
					t.Error(err)
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
			t.Errorf("version %d was put %d times", v, won[v])
		}
	}
}
