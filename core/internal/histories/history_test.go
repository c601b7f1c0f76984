package histories_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/skugate/skugate/core"
)

// verb is what a step does.
type verb string

const (
	nothing        verb = "" // what any step can shrink to
	buy            verb = "buys"
	checkIt        verb = "checks"
	checkParallel  verb = "check at the same time"
	checkBehind    verb = "checks without waiting"
	checkImpatient verb = "checks for a moment"
	checkKnown     verb = "checks what the server looked up"
	checkWrong     verb = "checks with another product's token"
	checkBundle    verb = "checks an entitlement and a bundle"
	checkNonsense  verb = "checks with a faulty request"
	checkCrowd     verb = "are a crowd while the store hangs"
	checkGuess     verb = "guesses tokens"
	checkAtEnd     verb = "checks around the end of"
	cancel         verb = "cancels the renewal of"
	refund         verb = "is refunded"
	expire         verb = "sees the end of"
	renew          verb = "renews"
	pause          verb = "pauses"
	pauseLater     verb = "schedules a pause of"
	failPayment    verb = "cannot pay for"
	hold           verb = "is put on hold with"
	revoke         verb = "loses"
	changePlan     verb = "changes the plan of"
	acknowledge    verb = "acknowledges"
	consume        verb = "consumes"
	distort        verb = "finds an odd answer about"
	void           verb = "voids"
	invalidate     verb = "invalidates"
	bind           verb = "binds"
	unbind         verb = "unbinds"
	holdOpen       verb = "holds open"
	forget         verb = "loses its registry for a while"
	storeFault     verb = "the store has trouble"
	clearFaults    verb = "the store is well again"
	wait           verb = "time passes"
	closeGate      verb = "closes"
)

// step is one thing that happens. Its numbers mean something for any value, so that a history stays a
// history whatever is taken out of it.
type step struct {
	verb     verb
	purchase int
	gate     int
	account  int
	n        int
	d        time.Duration
}

// setup is the world before the first step.
type setup struct {
	gates      []gateSetup
	binding    core.Binding
	hidden     bool // labels are derived with a key
	commercial bool
	keepUnpaid bool // the store does not cancel what nobody acknowledges
	sharedBook bool // one owners' registry for all gates
	skew       time.Duration
	seed       uint64
}

type gateSetup struct {
	lives core.Lifetimes
	guard core.Guard
	burst int
}

type history struct {
	setup setup
	steps []step
}

var accounts = [...]string{"ann", "ben", "cyd"}

// often lists the verbs, each as many times as it is drawn, the simplest first: a history shrinks towards them.
var often = slices.Concat(
	of(nothing, 1), of(checkIt, 46), of(buy, 8), of(wait, 18), of(checkParallel, 6), of(checkBehind, 5),
	of(checkImpatient, 5), of(checkKnown, 4), of(checkWrong, 4), of(checkBundle, 5), of(checkNonsense, 2),
	of(checkGuess, 1), of(checkCrowd, 1), of(checkAtEnd, 2), of(cancel, 2), of(refund, 2), of(expire, 2), of(renew, 2),
	of(pause, 2), of(pauseLater, 1), of(failPayment, 3), of(hold, 2), of(revoke, 1), of(changePlan, 2),
	of(acknowledge, 3), of(consume, 2), of(distort, 5), of(void, 3), of(invalidate, 3), of(bind, 3),
	of(unbind, 2), of(holdOpen, 3), of(forget, 1), of(storeFault, 6), of(clearFaults, 9), of(closeGate, 1),
)

func of(v verb, times int) []verb { return slices.Repeat([]verb{v}, times) }

// spans are what a history waits, shortest first: it shrinks towards them.
var spans = []time.Duration{
	time.Millisecond, 20 * time.Millisecond, 300 * time.Millisecond, 900 * time.Millisecond, 1100 * time.Millisecond, 2 * time.Second,
	3 * time.Second, 4900 * time.Millisecond, 5 * time.Second, 7 * time.Second, 15 * time.Second, time.Minute, 4 * time.Minute, 5 * time.Minute,
	5*time.Minute + time.Millisecond, 9 * time.Minute, 40 * time.Minute, 2 * time.Hour, 5 * time.Hour, 7 * time.Hour, 26 * time.Hour,
	73 * time.Hour, 8 * 24 * time.Hour, 30 * 24 * time.Hour,
}

// lives are the lifetimes that gates have. All fields are said, so that the oracle knows no default.
var lives = []core.Lifetimes{
	{Fresh: 2 * time.Second, Refresh: 3 * time.Second, Usable: 8 * time.Second, Denied: 500 * time.Millisecond, Absent: 500 * time.Millisecond},
	{Fresh: 5 * time.Minute, Refresh: 6 * time.Minute, Usable: 6 * time.Hour, Denied: 5 * time.Second, Absent: 5 * time.Second},
	{Fresh: 5 * time.Second, Refresh: -1, Usable: -1, Denied: 200 * time.Millisecond, Absent: 200 * time.Millisecond},
	{Fresh: time.Hour, Refresh: 2 * time.Hour, Usable: 72 * time.Hour, Denied: 20 * time.Second, Absent: time.Second, RenewalGrace: time.Hour},
}

var guards = []core.Guard{
	{MaxInFlight: 64, TripAfter: 5, OpenFor: 5 * time.Second},
	{MaxInFlight: 2, TripAfter: 2, OpenFor: 500 * time.Millisecond},
	{MaxInFlight: 1, TripAfter: 1000, OpenFor: time.Second},
}

var anyStep = rapid.Custom(func(t *rapid.T) step {
	return step{
		verb:     rapid.SampledFrom(often).Draw(t, "verb"),
		purchase: rapid.IntRange(0, 5).Draw(t, "purchase"),
		gate:     rapid.IntRange(0, 2).Draw(t, "gate"),
		account:  rapid.IntRange(0, 9).Draw(t, "account"),
		n:        rapid.IntRange(0, 99).Draw(t, "n"),
		d:        rapid.SampledFrom(spans).Draw(t, "d"),
	}
})

var anyGate = rapid.Custom(func(t *rapid.T) gateSetup {
	return gateSetup{
		lives: rapid.SampledFrom(lives).Draw(t, "lives"),
		guard: rapid.SampledFrom(guards).Draw(t, "guard"),
		burst: rapid.SampledFrom([]int{20, -1, 2}).Draw(t, "burst"),
	}
})

var anyHistory = rapid.Custom(func(t *rapid.T) history {
	return history{
		setup: setup{
			gates: rapid.SliceOfN(anyGate, 1, 3).Draw(t, "gates"),
			binding: rapid.SampledFrom([]core.Binding{core.BindingRecord, core.BindingRecord, core.BindingRecord, core.BindingRequire,
				core.InsecureBindingOff}).Draw(t, "binding"),
			hidden:     rapid.Bool().Draw(t, "hidden"),
			commercial: rapid.Bool().Draw(t, "commercial"),
			keepUnpaid: rapid.Bool().Draw(t, "keepUnpaid"),
			sharedBook: rapid.Bool().Draw(t, "sharedBook"),
			skew:       rapid.SampledFrom([]time.Duration{0, 0, 10 * time.Minute, -10 * time.Minute, 7300 * time.Millisecond}).Draw(t, "skew"),
			seed:       rapid.Uint64Range(0, 1<<20).Draw(t, "seed"),
		},
		steps: rapid.SliceOfN(anyStep, 10, 60).Draw(t, "steps"),
	}
})

// GoString keeps rapid from printing the draws: a failure tells the history in words.
func (h history) GoString() string {
	return fmt.Sprintf("a history of %d steps, told above", len(h.steps))
}

func (s setup) String() string {
	var b strings.Builder
	word := map[core.Binding]string{core.BindingRecord: "record", core.BindingRequire: "require", core.InsecureBindingOff: "off"}
	fmt.Fprintf(&b, "binding %s", word[s.binding])
	for said, is := range map[string]bool{"hidden labels": s.hidden, "commercial": s.commercial, "unacknowledged purchases stay": s.keepUnpaid, "one registry": s.sharedBook} {
		if is {
			b.WriteString(", " + said)
		}
	}
	if s.skew != 0 {
		fmt.Fprintf(&b, ", the store's clock %v ahead", s.skew)
	}
	for i, g := range s.gates {
		fmt.Fprintf(&b, "\ngate %d: fresh %v, refresh %v, usable %v, denied %v, absent %v, renewal grace %v; %d calls at once, open after %d failures for %v; %d unknown tokens",
			i, g.lives.Fresh, g.lives.Refresh, g.lives.Usable, g.lives.Denied, g.lives.Absent, g.lives.RenewalGrace,
			g.guard.MaxInFlight, g.guard.TripAfter, g.guard.OpenFor, g.burst)
	}
	return b.String()
}
