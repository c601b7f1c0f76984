package gatetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// RunFacts tests that a snapshot does what core.Facts says. empty and reopen are as for RunOutbox.
func RunFacts(t *testing.T, empty func(t *testing.T) core.Facts, reopen ...func(t *testing.T, f core.Facts) core.Facts) {
	run := func(name string, test func(facts)) {
		t.Run(name, func(t *testing.T) { test(facts{t, empty(t), reopen}) })
	}
	run("an empty snapshot has nothing", func(f facts) { f.holds() })
	run("a fact is kept as it is", wholeFact)
	run("a later save replaces an earlier one", replacedFact)
	run("what is forgotten is gone", forgottenFact)
	run("no store and token run into each other", oddFacts)
	run("pruning drops what was verified before", prunedFacts)
	run("more facts than fit a page", manyFacts)
	run("saves and loads may come at once", parallelFacts)
}

// facts is a snapshot under test.
type facts struct {
	*testing.T
	core.Facts
	reopen []func(*testing.T, core.Facts) core.Facts
}

// fact is one with a value in every field, verified some seconds after due.
func fact(store core.StoreID, token string, seconds int) core.SavedFact {
	at := due.Add(time.Duration(seconds) * time.Second)
	return core.SavedFact{
		Store: store, Token: token, Kind: core.KindSubscription, Product: "vip",
		Origin: core.StoreInfo{Platform: "gatetest", Application: "app", Market: "MKT_ONE", Environment: "test", Sandbox: true},
		Purchase: core.Purchase{
			Token: token, ID: "p1", Label: "alice", State: core.StatePurchased, Consumption: core.Unconsumed,
			Acknowledgement: core.Unacknowledged, Payment: core.PaymentReceived, AutoRenewing: true, Quantity: 3, Test: true,
			PurchasedAt: at.Add(-time.Hour), ExpiresAt: at.Add(time.Hour), PausesAt: at.Add(2 * time.Hour), ResumesAt: at.Add(3 * time.Hour),
			CanceledAt: at.Add(-time.Minute), LinkedToken: "before", StoreTime: at.Add(time.Second),
		},
		VerifiedAt: at.Add(time.Nanosecond), StoreTime: at.Add(time.Millisecond),
	}
}

func (f *facts) save(all ...core.SavedFact) {
	f.Helper()
	if err := f.Save(f.Context(), all); err != nil {
		f.Errorf("saving: %v", err)
	}
}

// holds tells whether the snapshot has exactly what want has, and still does when it was opened again.
func (f *facts) holds(want ...core.SavedFact) {
	f.Helper()
	f.same(want)
	for _, reopen := range f.reopen {
		f.Facts = reopen(f.T, f.Facts)
		f.same(want)
	}
}

func (f *facts) same(want []core.SavedFact) {
	f.Helper()
	var got, wanted []string
	for fact, err := range f.Load(f.Context()) {
		if err != nil {
			f.Fatalf("loading: %v", err)
		}
		got = append(got, written(fact))
	}
	for _, fact := range want {
		wanted = append(wanted, written(fact))
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		f.Errorf("the snapshot has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
	}
}

// written makes facts comparable, whatever the zone of their times.
func written(s core.SavedFact) string {
	for _, t := range []*time.Time{&s.VerifiedAt, &s.StoreTime, &s.Purchase.PurchasedAt, &s.Purchase.ExpiresAt, &s.Purchase.PausesAt,
		&s.Purchase.ResumesAt, &s.Purchase.CanceledAt, &s.Purchase.StoreTime} {
		*t = t.UTC().Round(0)
	}
	return fmt.Sprintf("%q", fmt.Sprintf("%+v", s))
}

func wholeFact(f facts) {
	bare := core.SavedFact{Store: "shop", Token: "t2", Product: "skin", Kind: core.KindInApp, Purchase: core.Purchase{Token: "t2"}, VerifiedAt: due}
	f.save(fact("shop", "t1", 0), bare)
	f.save()
	f.holds(fact("shop", "t1", 0), bare)
}

func replacedFact(f facts) {
	f.save(fact("shop", "t1", 0), fact("other", "t1", 0))
	f.save(fact("shop", "t1", 9))
	f.holds(fact("shop", "t1", 9), fact("other", "t1", 0))
}

func forgottenFact(f facts) {
	f.save(fact("shop", "t1", 0), fact("shop", "t2", 0), fact("other", "t1", 0))
	for range 2 {
		if err := f.Forget(f.Context(), "shop", "t1"); err != nil {
			f.Error(err)
		}
		f.holds(fact("shop", "t2", 0), fact("other", "t1", 0))
	}
	f.save(fact("shop", "t1", 1))
	f.holds(fact("shop", "t1", 1), fact("shop", "t2", 0), fact("other", "t1", 0))
}

func oddFacts(f facts) {
	var all []core.SavedFact
	for _, name := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"a:", "bc"}, {"a", ":bc"}, {"a\x00b", "c"}, {"a", "b\x00c"}, {"店", "토큰"}, {"a", strings.Repeat("t", 1<<10)}} {
		all = append(all, fact(core.StoreID(name[0]), name[1], 0))
	}
	f.save(all...)
	f.holds(all...)
}

func prunedFacts(f facts) {
	f.save(fact("shop", "old", 0), fact("shop", "young", 1))
	if n, err := f.Prune(f.Context(), due.Add(time.Second)); n != 1 || err != nil {
		f.Errorf("pruned %d, %v; want 1", n, err)
	}
	f.holds(fact("shop", "young", 1))
}

func manyFacts(f facts) {
	var all []core.SavedFact
	for i := range 700 {
		all = append(all, fact("shop", fmt.Sprint("t", i), i))
	}
	f.save(all...)
	f.holds(all...)
	if n, err := f.Prune(f.Context(), due.Add(600*time.Second)); n != 600 || err != nil {
		f.Errorf("pruned %d, %v; want 600", n, err)
	}
	f.holds(all[600:]...)
}

func parallelFacts(f facts) {
	var wg sync.WaitGroup
	for i := range 4 {
		token := fmt.Sprint("t", i)
		wg.Go(func() {
			for round := range 10 {
				if err := f.Save(f.Context(), []core.SavedFact{fact("shop", token, round)}); err != nil {
					f.Error(err)
				}
				for _, err := range f.Load(f.Context()) {
					if err != nil {
						f.Error(err)
					}
				}
				if i%2 == 1 {
					if err := f.Forget(f.Context(), "shop", token); err != nil {
						f.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	f.holds(fact("shop", "t0", 9), fact("shop", "t2", 9))
}
