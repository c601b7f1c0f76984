package histories_test

import (
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/skugate/skugate/core"
)

var histories = flag.Int("histories", 2000, "how many random histories to judge")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// set changes a flag of rapid's for one test.
func set(t *testing.T, name, value string) {
	f := flag.Lookup("rapid." + name)
	was := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(was) })
}

// fails runs one history and tells it in words if a decision in it cannot be true.
func fails(t *testing.T, h history, b bug) (words string, w *world) {
	w = happen(t, h, b)
	wrong := w.judge()
	if len(wrong) == 0 {
		return "", w
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%s\n\n%s\n", strings.Join(wrong, "\n"), h.setup)
	for _, line := range w.story {
		s.WriteString(line() + "\n")
	}
	return s.String(), w
}

func TestNoDecisionOfARandomHistoryIsWrong(t *testing.T) {
	set(t, "checks", strconv.Itoa(*histories))
	outcomes, reasons := map[core.Outcome]int{}, map[core.Reason]int{}
	total, began := 0, time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		words, w := fails(t, anyHistory.Draw(rt, "history"), sound)
		if words != "" {
			rt.Fatal(words)
		}
		for _, c := range w.checks {
			outcomes[c.got.Outcome]++
			reasons[c.got.Reason]++
		}
		total++
	})
	if t.Failed() || total == 0 {
		return
	}
	checks := outcomes[core.Granted] + outcomes[core.Denied] + outcomes[core.Undetermined]
	t.Logf("%d histories, %.0f a second; %d checks: %d granted, %d denied, %d undetermined", total, float64(total)/time.Since(began).Seconds(),
		checks, outcomes[core.Granted], outcomes[core.Denied], outcomes[core.Undetermined])
	if outcomes[core.Granted]*10 < checks*3 {
		t.Errorf("only %d of %d checks were granted", outcomes[core.Granted], checks)
	}
	for _, r := range reachable {
		t.Logf("%8d %s", reasons[r], r)
		if *histories >= 50_000 && reasons[r] < 100 {
			t.Errorf("%s was seen %d times", r, reasons[r])
		}
	}
}

// reachable are the reasons that a history can lead to: all but those of an override, of a payment state
// that ONE store does not have, of a gate that was misconfigured and of hooks that panic.
var reachable = []core.Reason{
	core.ReasonActive, core.ReasonActiveUnacknowledged, core.ReasonAckOverdue, core.ReasonOwned, core.ReasonUnconsumed, core.ReasonTermActive,
	core.ReasonCanceledNotExpired, core.ReasonTrial, core.ReasonDeferredChange, core.ReasonGracePeriod, core.ReasonPauseScheduled, core.ReasonHeldOpen,
	core.ReasonPurchaseCanceled, core.ReasonUnknownState, core.ReasonConsumed, core.ReasonTermExpired, core.ReasonVoided, core.ReasonRevoked,
	core.ReasonSuperseded, core.ReasonLastPaymentCanceled, core.ReasonExpired, core.ReasonPaymentPending, core.ReasonPaused, core.ReasonOnHold,
	core.ReasonRenewalPending, core.ReasonStateConflict,
	core.ReasonNotFound, core.ReasonProductMismatch, core.ReasonAccountMismatch, core.ReasonAccountUnbound, core.ReasonInvalidToken,
	core.ReasonTokenMissing, core.ReasonAccountMissing,
	core.ReasonMalformedUpstream, core.ReasonUpstreamFault, core.ReasonUpstreamUnavailable, core.ReasonUpstreamMisconfigured, core.ReasonUpstreamAuth,
	core.ReasonUpstreamBlocked, core.ReasonClockSkew, core.ReasonBreakerOpen, core.ReasonOverloaded, core.ReasonStorePaused, core.ReasonDeadline, core.ReasonCallerGone,
	core.ReasonTooManyUnknownTokens, core.ReasonLookupFailed, core.ReasonClosed,
}

// TestAPlantedBugIsFound: an oracle that never found anything proves nothing.
func TestAPlantedBugIsFound(t *testing.T) {
	set(t, "checks", "5000")
	set(t, "nofailfile", "true")
	set(t, "shrinktime", "300ms")
	for _, b := range []bug{ignoresVoids, mixesTokens, answersOld, forgetsOwners, firstSecond, faultIsNo} {
		t.Run(string(b), func(t *testing.T) {
			n, found := 0, 0
			var words string
			quiet := &recorderTB{}
			done := make(chan struct{})
			go func() {
				defer close(done)
				rapid.Check(quiet, func(rt *rapid.T) {
					n++
					if s, _ := fails(t, anyHistory.Draw(rt, "history"), b); s != "" {
						if words = s; found == 0 {
							found = n
						}
						rt.Fatal("found")
					}
				})
			}()
			<-done
			if found == 0 {
				t.Fatalf("not found in %d histories", n)
			}
			t.Logf("found by history %d; it shrank to:\n%s", found, words)
		})
	}
}

// recorderTB takes rapid's failure, which is a success here.
type recorderTB struct{ failed bool }

func (*recorderTB) Helper()                 {}
func (*recorderTB) Name() string            { return "planted" }
func (*recorderTB) Logf(string, ...any)     {}
func (*recorderTB) Log(...any)              {}
func (r *recorderTB) Skipf(string, ...any)  { r.SkipNow() }
func (r *recorderTB) Skip(...any)           { r.SkipNow() }
func (*recorderTB) SkipNow()                { runtime.Goexit() }
func (r *recorderTB) Errorf(string, ...any) { r.Fail() }
func (r *recorderTB) Error(...any)          { r.Fail() }
func (r *recorderTB) Fatalf(string, ...any) { r.FailNow() }
func (r *recorderTB) Fatal(...any)          { r.FailNow() }
func (r *recorderTB) FailNow()              { r.failed = true; runtime.Goexit() }
func (r *recorderTB) Fail()                 { r.failed = true }
func (r *recorderTB) Failed() bool          { return r.failed }
