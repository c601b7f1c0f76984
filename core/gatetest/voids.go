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

// RunVoids tests that a log of voids does what core.Voids says. empty and reopen are as for RunOutbox.
func RunVoids(t *testing.T, empty func(t *testing.T) core.Voids, reopen ...func(t *testing.T, v core.Voids) core.Voids) {
	run := func(name string, test func(voids)) {
		t.Run(name, func(t *testing.T) { test(voids{t, empty(t), reopen}) })
	}
	run("an empty log knows nothing", func(v voids) { v.holds(core.VoidLog{}) })
	run("voids, superseded tokens and checkpoints are kept together", keptTogether)
	run("a record is merged into the one that is there, and lifts nothing", mergedRecord)
	run("applying the same again changes nothing", appliedAgain)
	run("a checkpoint replaces the one that is there, backwards too", movedCheckpoint)
	run("no store and token run into each other", oddVoids)
	run("forgetting drops what was last seen before", forgottenVoids)
	run("more records than fit a page", manyVoids)
	run("what it returns is the caller's own", callersVoids)
	run("changes and loads may come at once", parallelVoids)
}

// voids is a log under test.
type voids struct {
	*testing.T
	core.Voids
	reopen []func(*testing.T, core.Voids) core.Voids
}

func (v *voids) apply(change core.VoidLog) {
	v.Helper()
	if err := v.Apply(v.Context(), change); err != nil {
		v.Errorf("applying: %v", err)
	}
}

// holds tells whether the log has exactly what want has, and still does when it was opened again.
func (v *voids) holds(want core.VoidLog) {
	v.Helper()
	v.same(want)
	for _, reopen := range v.reopen {
		v.Voids = reopen(v.T, v.Voids)
		v.same(want)
	}
}

func (v *voids) same(want core.VoidLog) {
	v.Helper()
	got, err := v.Load(v.Context())
	if err != nil {
		v.Fatalf("loading: %v", err)
	}
	if g, w := printed(got), printed(want); !slices.Equal(g, w) {
		v.Errorf("the log has\n%s\nwant\n%s", strings.Join(g, "\n"), strings.Join(w, "\n"))
	}
}

// printed makes logs comparable, whatever the order and the zone of what is in them.
func printed(l core.VoidLog) []string {
	var lines []string
	for _, r := range l.Records {
		slices.Sort(r.Payments)
		lines = append(lines, fmt.Sprintf("%q %q %v %q %v %v", r.Store, r.Token, r.Whole, r.Payments, r.Superseded, r.Seen.UTC()))
	}
	for store, at := range l.Checkpoints {
		lines = append(lines, fmt.Sprintf("%q read to %v", store, at.UTC()))
	}
	slices.Sort(lines)
	return lines
}

func keptTogether(v voids) {
	change := core.VoidLog{
		Records: []core.VoidRecord{
			{Store: "shop", Token: "t1", Payments: []string{"p1"}, Seen: due},
			{Store: "shop", Token: "t2", Superseded: true, Seen: due},
			{Store: "other", Token: "t1", Whole: true, Seen: due.Add(time.Nanosecond)},
		},
		Checkpoints: map[core.StoreID]time.Time{"shop": due, "other": due.Add(time.Hour)},
	}
	v.apply(change)
	v.holds(change)
}

func mergedRecord(v voids) {
	v.apply(core.VoidLog{Records: []core.VoidRecord{{Store: "shop", Token: "t1", Payments: []string{"p1"}, Seen: due}}})
	v.apply(core.VoidLog{Records: []core.VoidRecord{{Store: "shop", Token: "t1", Payments: []string{"p2", "p1"}, Superseded: true, Seen: due.Add(-time.Hour)}}})
	v.holds(core.VoidLog{Records: []core.VoidRecord{{Store: "shop", Token: "t1", Payments: []string{"p1", "p2"}, Superseded: true, Seen: due}}})
	v.apply(core.VoidLog{Records: []core.VoidRecord{
		{Store: "shop", Token: "t1", Whole: true, Seen: due.Add(time.Hour)},
		{Store: "shop", Token: "t1", Payments: []string{"p3"}, Seen: due},
	}})
	v.holds(core.VoidLog{Records: []core.VoidRecord{
		{Store: "shop", Token: "t1", Whole: true, Payments: []string{"p1", "p2", "p3"}, Superseded: true, Seen: due.Add(time.Hour)},
	}})
}

func appliedAgain(v voids) {
	change := core.VoidLog{
		Records:     []core.VoidRecord{{Store: "shop", Token: "t1", Payments: []string{"p1"}, Seen: due}},
		Checkpoints: map[core.StoreID]time.Time{"shop": due},
	}
	for range 3 {
		v.apply(change)
		v.apply(core.VoidLog{})
	}
	v.holds(change)
}

func movedCheckpoint(v voids) {
	for _, at := range []time.Time{due, due.Add(time.Hour), due.Add(-time.Hour)} {
		v.apply(core.VoidLog{Checkpoints: map[core.StoreID]time.Time{"shop": at, "other": due}})
		v.holds(core.VoidLog{Checkpoints: map[core.StoreID]time.Time{"shop": at, "other": due}})
	}
}

func oddVoids(v voids) {
	var change core.VoidLog
	for _, name := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"a:", "bc"}, {"a", ":bc"}, {"a\x00b", "c"}, {"a", "b\x00c"}, {"店", "토큰"}, {"a", strings.Repeat("t", 1<<10)}} {
		change.Records = append(change.Records, core.VoidRecord{Store: core.StoreID(name[0]), Token: name[1], Whole: true, Seen: due})
	}
	v.apply(change)
	v.holds(change)
}

func forgottenVoids(v voids) {
	old := core.VoidRecord{Store: "shop", Token: "old", Whole: true, Seen: due.Add(-1)}
	young := core.VoidRecord{Store: "shop", Token: "young", Superseded: true, Seen: due}
	read := map[core.StoreID]time.Time{"shop": due.Add(-24 * time.Hour)}
	v.apply(core.VoidLog{Records: []core.VoidRecord{old, young}, Checkpoints: read})
	if n, err := v.Forget(v.Context(), due); n != 1 || err != nil {
		v.Errorf("forgot %d, %v; want 1", n, err)
	}
	v.holds(core.VoidLog{Records: []core.VoidRecord{young}, Checkpoints: read})
}

func manyVoids(v voids) {
	var change core.VoidLog
	for i := range 700 {
		change.Records = append(change.Records, core.VoidRecord{Store: "shop", Token: fmt.Sprint("t", i), Whole: true, Seen: due.Add(time.Duration(i))})
	}
	v.apply(change)
	v.holds(change)
	if n, err := v.Forget(v.Context(), due.Add(600)); n != 600 || err != nil {
		v.Errorf("forgot %d, %v; want 600", n, err)
	}
	v.holds(core.VoidLog{Records: change.Records[600:]})
}

func callersVoids(v voids) {
	payments := []string{"p1"}
	seen := map[core.StoreID]time.Time{"shop": due}
	v.apply(core.VoidLog{Records: []core.VoidRecord{{Store: "shop", Token: "t1", Payments: payments, Seen: due}}, Checkpoints: seen})
	payments[0], seen["shop"] = "mine", due.Add(time.Hour)
	got, err := v.Load(v.Context())
	if err != nil || len(got.Records) != 1 || len(got.Records[0].Payments) != 1 {
		v.Fatalf("got %+v, %v", got, err)
	}
	got.Records[0].Payments[0] = "mine"
	got.Checkpoints["shop"] = due.Add(time.Hour)
	v.same(core.VoidLog{
		Records:     []core.VoidRecord{{Store: "shop", Token: "t1", Payments: []string{"p1"}, Seen: due}},
		Checkpoints: map[core.StoreID]time.Time{"shop": due},
	})
}

func parallelVoids(v voids) {
	const workers, rounds = 4, 10
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				id := fmt.Sprint("p", w, "-", i)
				err := v.Apply(v.Context(), core.VoidLog{
					Records:     []core.VoidRecord{{Store: "shop", Token: "t1", Payments: []string{id}, Seen: due}},
					Checkpoints: map[core.StoreID]time.Time{"shop": due},
				})
				if err != nil {
					v.Error(err)
				}
				log, err := v.Load(v.Context())
				if err != nil || len(log.Records) != 1 || !slices.Contains(log.Records[0].Payments, id) {
					v.Errorf("%s was applied, and is not there: %+v, %v", id, log, err)
				}
			}
		})
	}
	wg.Wait()
	log, err := v.Load(v.Context())
	if err != nil || len(log.Records) != 1 || len(log.Records[0].Payments) != workers*rounds {
		v.Errorf("afterwards: %+v, %v", log, err)
	}
}
