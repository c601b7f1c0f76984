package gatetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// RunOutbox tests that an outbox does what core.Outbox says. empty returns one without entries; whoever
// it belongs to is cleaned up by t.Cleanup. An outbox that is kept somewhere passes one reopen as well:
// it closes the outbox, opens what is kept again, and returns that.
func RunOutbox(t *testing.T, empty func(t *testing.T) core.Outbox, reopen ...func(t *testing.T, o core.Outbox) core.Outbox) {
	run := func(name string, test func(outbox)) {
		t.Run(name, func(t *testing.T) { test(outbox{t, empty(t), reopen}) })
	}
	run("an empty outbox has nothing to do", emptyOutbox)
	run("a debt is recorded once, and delivered at most once", recordTwice)
	run("what is delivered without an intent is known from then on", deliverFirst)
	run("a debt that nobody could keep is an error", brokenDebts)
	run("no store and token run into each other", oddDebts)
	run("the nearest deadline comes first", nearestFirst)
	run("what is taken is held until it is finished or the hold is over", takenOnce)
	run("an entry waits until it is to be tried again", waitingEntry)
	run("what is acknowledged is not due and not unsettled, and may be opened again", settledEntry)
	run("what is finished without being known is nothing", finishUnknown)
	run("pruning drops what was due before", pruneOutbox)
	run("more entries than fit a page", manyDebts)
	run("of many that take at once each entry goes to one", parallelTakes)
	run("records, takes and questions may come at once", parallelOutbox)
}

// outbox is one under test.
type outbox struct {
	*testing.T
	core.Outbox
	reopen []func(*testing.T, core.Outbox) core.Outbox
}

// due is a deadline like a store's: whole milliseconds.
var due = time.Date(2026, 3, 26, 12, 0, 0, int(123*time.Millisecond), time.UTC)

const holdFor = time.Minute

func debt(token string, by time.Time) core.Debt {
	return core.Debt{Store: "shop", Token: token, Product: "skin", Kind: core.KindInApp, PurchaseID: "p-" + token, By: by}
}

// again runs check, and once more on what is kept.
func (o *outbox) again(check func()) {
	o.Helper()
	check()
	for _, reopen := range o.reopen {
		o.Outbox = reopen(o.T, o.Outbox)
		check()
	}
}

func (o *outbox) record(d core.Debt, delivered bool, want core.DebtState) core.OutboxEntry {
	o.Helper()
	e, err := o.Record(o.Context(), d, delivered)
	if err != nil || e.State != want || !sameDebt(e.Debt, d) {
		o.Errorf("recording %+v, delivered %v: %+v, %v; want it %v", d, delivered, e, err, want)
	}
	return e
}

func sameDebt(a, b core.Debt) bool {
	by := a.By.Equal(b.By)
	a.By, b.By = time.Time{}, time.Time{}
	return by && a == b
}

func (o *outbox) take(now time.Time, limit int, tokens ...string) []core.OutboxEntry {
	o.Helper()
	got, err := o.Take(o.Context(), now, holdFor, limit)
	if err != nil || !slices.Equal(tokensOf(got), tokens) {
		o.Errorf("taken %q, %v; want %q", tokensOf(got), err, tokens)
	}
	return got
}

func (o *outbox) finish(e core.OutboxEntry) {
	o.Helper()
	if err := o.Finish(o.Context(), e); err != nil {
		o.Errorf("finishing %q: %v", e.Token, err)
	}
}

func (o *outbox) unsettled(want ...string) []core.OutboxEntry {
	o.Helper()
	var all []core.OutboxEntry
	for e, err := range o.Unsettled(o.Context()) {
		if err != nil {
			o.Errorf("unsettled: %v", err)
		}
		all = append(all, e)
	}
	if !slices.Equal(tokensOf(all), want) {
		o.Errorf("unsettled are %q, want %q", tokensOf(all), want)
	}
	return all
}

func tokensOf(entries []core.OutboxEntry) []string {
	var tokens []string
	for _, e := range entries {
		tokens = append(tokens, e.Token)
	}
	return tokens
}

func emptyOutbox(o outbox) {
	o.again(func() {
		o.take(due, 10)
		o.unsettled()
		if n, err := o.Prune(o.Context(), due); n != 0 || err != nil {
			o.Errorf("pruned %d, %v", n, err)
		}
	})
}

func recordTwice(o outbox) {
	o.record(debt("t1", due), false, core.DebtIntended)
	first := o.record(debt("t1", due), false, core.DebtIntended)
	o.again(func() { o.take(due, 10) }) // nobody knows whether it was delivered
	delivered := o.record(debt("t1", due), true, core.DebtDelivered)
	if first.At.IsZero() || delivered.At.Before(first.At) {
		o.Errorf("intended at %v, delivered at %v", first.At, delivered.At)
	}
	again := o.record(debt("t1", due), true, core.DebtDelivered)
	if !again.At.Equal(delivered.At) {
		o.Errorf("delivered at %v, and again at %v", delivered.At, again.At)
	}
	o.again(func() {
		o.record(debt("t1", due), false, core.DebtDelivered)
		o.unsettled("t1")
	})
	o.take(due, 10, "t1")
}

func deliverFirst(o outbox) {
	o.record(debt("t1", due), true, core.DebtDelivered)
	o.again(func() {
		if e := o.unsettled("t1"); len(e) == 1 && (!sameDebt(e[0].Debt, debt("t1", due)) || e[0].State != core.DebtDelivered) {
			o.Errorf("kept as %+v", e[0])
		}
	})
}

func brokenDebts(o outbox) {
	noStore, noToken := debt("t1", due), debt("", due)
	noStore.Store = ""
	for _, d := range []core.Debt{noStore, noToken, debt("t1", time.Time{})} {
		if e, err := o.Record(o.Context(), d, true); err == nil || e != (core.OutboxEntry{}) {
			o.Errorf("recorded %+v: %+v, %v", d, e, err)
		} else if strings.Contains(err.Error(), "t1") {
			o.Errorf("the error names the token: %v", err)
		}
	}
	o.unsettled()
}

func oddDebts(o outbox) {
	var want []string
	for i, name := range [][2]string{{"a", "bc"}, {"ab", "c"}, {"a:", "bc"}, {"a", ":bc"}, {"a\x00b", "c"}, {"a", "b\x00c"}, {"店", "토큰"}, {"a", strings.Repeat("t", 1<<10)}} {
		d := debt(name[1], due.Add(time.Duration(i)*time.Second))
		d.Store = core.StoreID(name[0])
		o.record(d, false, core.DebtIntended)
		want = append(want, name[1])
	}
	o.again(func() { o.unsettled(want...) })
}

func nearestFirst(o outbox) {
	o.record(debt("later", due.Add(time.Hour)), true, core.DebtDelivered)
	o.record(debt("next", due.Add(time.Millisecond)), true, core.DebtDelivered)
	o.record(debt("intended", due.Add(-time.Hour)), false, core.DebtIntended)
	o.record(debt("old", time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)), true, core.DebtDelivered)
	o.record(debt("first", due), true, core.DebtDelivered)
	o.again(func() { o.unsettled("old", "intended", "first", "next", "later") })
	o.take(due, 2, "old", "first")
	o.take(due, 0)
	o.take(due, 10, "next", "later")
}

func takenOnce(o outbox) {
	o.record(debt("t1", due), true, core.DebtDelivered)
	taken := o.take(due, 10, "t1")
	o.take(due, 10)
	o.take(due.Add(holdFor-1), 10)
	o.take(due.Add(holdFor), 10, "t1") // whoever held it is gone
	if len(taken) == 1 {
		o.finish(taken[0])
		o.take(due.Add(holdFor), 10, "t1")
	}
	for _, reopen := range o.reopen { // and so it is after a restart
		o.Outbox = reopen(o.T, o.Outbox)
		o.take(due.Add(3*holdFor), 10, "t1")
	}
}

func waitingEntry(o outbox) {
	o.record(debt("t1", due), true, core.DebtDelivered)
	for _, e := range o.take(due, 10, "t1") {
		e.Tries, e.NotBefore, e.Fault = 2, due.Add(time.Hour), "refused"
		o.finish(e)
	}
	o.again(func() {
		o.take(due.Add(time.Hour-1), 10)
		for _, e := range o.unsettled("t1") {
			if e.Tries != 2 || !e.NotBefore.Equal(due.Add(time.Hour)) || e.Fault != "refused" || e.State != core.DebtDelivered {
				o.Errorf("kept as %+v", e)
			}
		}
	})
	o.take(due.Add(time.Hour), 10, "t1")
}

func settledEntry(o outbox) {
	for _, token := range []string{"acknowledged", "abandoned"} {
		o.record(debt(token, due), true, core.DebtDelivered)
	}
	for _, e := range o.take(due, 10, "abandoned", "acknowledged") {
		e.State = core.DebtAcknowledged
		if e.Token == "abandoned" {
			e.State, e.Fault = core.DebtAbandoned, "no such purchase"
		}
		o.finish(e)
	}
	var settled core.OutboxEntry
	o.again(func() {
		o.take(due.Add(24*time.Hour), 10)
		o.unsettled("abandoned")
		settled = o.record(debt("acknowledged", due), true, core.DebtAcknowledged)
		o.record(debt("acknowledged", due), false, core.DebtAcknowledged)
		o.record(debt("abandoned", due), true, core.DebtAbandoned)
	})
	settled.State = core.DebtDelivered
	o.finish(settled)
	o.again(func() { o.unsettled("abandoned", "acknowledged") })
	o.take(due.Add(24*time.Hour), 10, "acknowledged")
}

func finishUnknown(o outbox) {
	o.finish(core.OutboxEntry{Debt: debt("t1", due), State: core.DebtAcknowledged})
	o.again(func() { o.unsettled() })
	o.record(debt("t1", due), false, core.DebtIntended)
}

func pruneOutbox(o outbox) {
	for i := range 3 {
		for _, state := range []core.DebtState{core.DebtIntended, core.DebtDelivered, core.DebtAcknowledged, core.DebtAbandoned} {
			d := debt(fmt.Sprintf("%v%d", state, i), due.Add(time.Duration(i)*time.Hour+time.Duration(state)))
			e := o.record(d, state != core.DebtIntended, min(state, core.DebtDelivered))
			if e.State != state {
				e.State = state
				o.finish(e)
			}
		}
	}
	if n, err := o.Prune(o.Context(), due.Add(time.Hour)); n != 4 || err != nil {
		o.Errorf("pruned %d, %v; want 4", n, err)
	}
	o.again(func() {
		o.unsettled("intended1", "delivered1", "abandoned1", "intended2", "delivered2", "abandoned2")
	})
	o.record(debt("acknowledged0", due), false, core.DebtIntended)
	o.record(debt("acknowledged1", due.Add(time.Hour+time.Duration(core.DebtAcknowledged))), false, core.DebtAcknowledged)
}

func manyDebts(o outbox) {
	const n = 700
	var want []string
	for i := range n {
		token := fmt.Sprintf("t%03d", i)
		o.record(debt(token, due.Add(time.Duration(i)*time.Second)), i%2 == 0, core.DebtIntended+core.DebtState((i+1)%2))
		want = append(want, token)
	}
	o.again(func() { o.unsettled(want...) })
	if n, err := o.Prune(o.Context(), due.Add(600*time.Second)); n != 600 || err != nil {
		o.Errorf("pruned %d, %v; want 600", n, err)
	}
	o.again(func() { o.unsettled(want[600:]...) })
}
