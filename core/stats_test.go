package core_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// counted is how many decisions were counted that match.
func counted(g *core.Gate, match func(core.DecisionCount) bool) uint64 {
	var n uint64
	for _, d := range g.Stats().Decisions {
		if match(d) {
			n += d.Count
		}
	}
	return n
}

func all(core.DecisionCount) bool { return true }

// shop is what was counted about the scripted store.
func shop(t testing.TB, g *core.Gate) core.StoreStats {
	t.Helper()
	stats := g.Stats().Stores
	if len(stats) != 1 || stats[0].Store != "shop" {
		t.Fatalf("the stores are %+v", stats)
	}
	return stats[0]
}

func TestEachDecisionIsCountedAsWhatItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, store)
		product := inApp("skin")
		check := func(times int, c core.Credentials) {
			for range times {
				gate.Check(t.Context(), product, c)
			}
		}
		check(5, by("alice", "skin-1"))                    // one from the store, four from memory
		check(3, by("bob", "skin-1"))                      // another account's
		check(2, by("alice", "none-1"))                    // unknown, then remembered
		check(4, core.Credentials{Account: "alice"})       // without a token
		gate.HandIn(t.Context(), "bob", product, "skin-2") // handed in
		gate.CheckEach(t.Context(), []core.Requirement{product, nil}, core.Credentials{Account: "bob", Owned: true})
		time.Sleep(330 * time.Second)
		check(1, by("alice", "skin-1")) // due, with one refresh behind it
		synctest.Wait()
		store.script(fails(errDown))
		time.Sleep(time.Hour)
		check(2, by("alice", "skin-1")) // in the outage grace
		check(1, by("alice", "skin-9")) // unknown, in an outage
		setMode(t, gate, product, core.Shadow())
		check(1, by("alice", "skin-9"))
		setMode(t, gate, product, core.HoldOpen(time.Now().Add(24*time.Hour)))
		time.Sleep(7 * time.Hour)
		check(1, by("alice", "skin-1"))
		setMode(t, gate, product, core.Normal())
		if err := gate.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(1, by("alice", "skin-1"))

		want := []core.DecisionCount{
			{core.Undetermined, core.ReasonClosed, "", "normal", "shop", "skin", 1},
			{core.Undetermined, core.ReasonMisconfigured, "", "normal", "", "", 1},
			{core.Undetermined, core.ReasonUpstreamUnavailable, "", "normal", "shop", "skin", 1},
			{core.Undetermined, core.ReasonUpstreamUnavailable, "", "shadow", "shop", "skin", 1},
			{core.Granted, core.ReasonHeldOpen, core.SourceHoldOpen, "hold_open", "shop", "skin", 1},
			{core.Granted, core.ReasonOwned, core.SourceMemory, "normal", "shop", "skin", 5},
			{core.Granted, core.ReasonOwned, core.SourceOutage, "normal", "shop", "skin", 2},
			{core.Granted, core.ReasonOwned, core.SourceStale, "normal", "shop", "skin", 1},
			{core.Granted, core.ReasonOwned, core.SourceStore, "normal", "shop", "skin", 2},
			{core.Denied, core.ReasonAccountMismatch, core.SourceMemory, "normal", "shop", "skin", 3},
			{core.Denied, core.ReasonNotFound, core.SourceMemory, "normal", "shop", "skin", 1},
			{core.Denied, core.ReasonNotFound, core.SourceStore, "normal", "shop", "skin", 1},
			{core.Denied, core.ReasonTokenMissing, "", "normal", "shop", "skin", 4},
		}
		if got := gate.Stats().Decisions; !slices.Equal(got, want) {
			t.Errorf("counted\n%v\nwant\n%v", got, want)
		}
		s := shop(t, gate)
		if s.Calls != uint64(store.count()) || s.Found != 3 || s.NotFound != 1 || s.Unavailable != s.Calls-4 {
			t.Errorf("the store saw %d calls; counted are %+v", store.count(), s)
		}
	})
}

func TestCountersAddUpToWhatHappened(t *testing.T) {
	faults := []error{nil, errNotFound, errDown, &core.StoreError{Fault: core.FaultMisconfigured}, &core.StoreError{Fault: core.FaultTokenRefused}, &core.StoreError{Fault: 200}, context.DeadlineExceeded}
	var saw [7]atomic.Uint64
	store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
		i := rand.IntN(len(faults))
		saw[i].Add(1)
		if faults[i] != nil {
			return nil, faults[i]
		}
		return skin(token), nil
	})
	gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}, Guard: core.Guard{TripAfter: 50, OpenFor: time.Millisecond}}, store)
	skins := core.AnyOf(inApp("skin"), core.AllOf(inApp("hat"), inApp("cap")))
	setMode(t, gate, inApp("hat"), core.Shadow())
	var made atomic.Uint64
	var everybody sync.WaitGroup
	for range 8 {
		everybody.Go(func() {
			for range 500 {
				made.Add(1)
				account, token := fmt.Sprint("a", rand.IntN(20)), fmt.Sprint("t-", rand.IntN(300))
				switch rand.IntN(4) {
				case 0:
					gate.Check(t.Context(), skins, by(account, token))
				case 1:
					gate.Check(t.Context(), inApp("hat"), by(account, token))
				case 2:
					gate.HandIn(t.Context(), account, inApp("skin"), token)
				default:
					gate.Check(t.Context(), skins, core.Credentials{Account: account, Owned: true})
				}
			}
		})
	}
	everybody.Wait()
	if err := gate.Close(t.Context()); err != nil { // what is under way, too
		t.Fatal(err)
	}
	if n := counted(gate, all); n != made.Load() {
		t.Errorf("%d decisions were counted, %d were made", n, made.Load())
	}
	s := shop(t, gate)
	if n := s.Found + s.NotFound + s.Refused + s.Unavailable + s.Misconfigured; n != s.Calls || s.InFlight != 0 {
		t.Errorf("the parts add up to %d: %+v", n, s)
	}
	for _, c := range []struct {
		name      string
		got, want uint64
	}{
		{"calls", s.Calls, uint64(store.count())},
		{"found", s.Found, saw[0].Load()},
		{"not found", s.NotFound, saw[1].Load()},
		{"unavailable, unheard-of faults included", s.Unavailable, saw[2].Load() + saw[5].Load() + saw[6].Load()},
		{"misconfigured", s.Misconfigured, saw[3].Load()},
		{"refused", s.Refused, saw[4].Load()},
	} {
		if c.got != c.want {
			t.Errorf("%s: counted %d, the store saw %d", c.name, c.got, c.want)
		}
	}
}

func TestStatsOfAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(after(time.Second, sells(skin)))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 3, OpenFor: time.Minute, MaxInFlight: 1}}, store)
		check := func(token string) { gate.Check(t.Context(), inApp("skin"), by("alice", token)) }

		var waiting sync.WaitGroup
		for range 5 {
			waiting.Go(func() { check("skin-1") })
		}
		synctest.Wait()
		if s := shop(t, gate); s.InFlight != 1 || s.Calls != 1 || s.Found != 0 || s.Joined != 4 || s.Breaker != "closed" {
			t.Errorf("while a look-up is under way: %+v", s)
		}
		waiting.Wait()
		check("none-1")
		if err := gate.InvalidateToken(t.Context(), "shop", "skin-7"); err != nil {
			t.Fatal(err)
		}
		if s := shop(t, gate); s.InFlight != 0 || s.Found != 1 || s.NotFound != 1 || s.Purchases != 1 || s.Refusals != 1 || s.Invalidated != 1 {
			t.Errorf("afterwards: %+v", s)
		}

		store.script(fails(errDown))
		for i := range 3 {
			check(fmt.Sprint("skin-", 10+i))
		}
		seen := store.count()
		for i := range 4 {
			check(fmt.Sprint("skin-", 20+i))
		}
		if s := shop(t, gate); s.Breaker != "open" || s.Rejected != 4 || s.Unavailable != 3 || s.Calls != uint64(seen) || store.count() != seen {
			t.Errorf("with an open breaker: %+v; the store saw %d", s, store.count())
		}
		time.Sleep(time.Minute + 1)
		if s := shop(t, gate); s.Breaker != "half-open" {
			t.Errorf("after a while: %+v", s)
		}

		store.script(hangs) // one holds the only slot
		waiting.Go(func() { check("skin-30") })
		synctest.Wait()
		check("skin-31")
		waiting.Wait()
		synctest.Wait() // until the look-ups have ended, too
		if s := shop(t, gate); s.Rejected != 5 || s.Unavailable != 4 || s.Calls != uint64(store.count()) {
			t.Errorf("with no slot free: %+v; the store saw %d", s, store.count())
		}
	})
}

func TestInventedReasonsAreBounded(t *testing.T) {
	var n atomic.Int64
	gate := open(t, core.Config{Rule: func(core.RuleInput) core.Verdict {
		return core.Verdict{Outcome: core.Denied, Reason: core.Reason(fmt.Sprint("reason-", n.Add(1)))}
	}}, newStore(sells(skin)))
	const checks = 3000
	for range checks {
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
	}
	if kinds := len(gate.Stats().Decisions); kinds > 512 {
		t.Errorf("there are %d counters", kinds)
	}
	if got := counted(gate, all); got != checks {
		t.Errorf("%d were counted, want %d", got, checks)
	}
	if got := counted(gate, func(d core.DecisionCount) bool { return d.Reason == "other" }); got < checks-512 {
		t.Errorf("%d were counted as other", got)
	}
}

// isNew tells whether nothing was counted yet.
func isNew(s core.StoreStats) bool {
	took := s.Latency
	s.Latency = core.Latency{}
	return took.Count() == 0 && took.Sum == 0 && reflect.DeepEqual(s, core.StoreStats{Store: "shop", Breaker: "closed"})
}

func TestAGateThatWasNotMadeCountsNothing(t *testing.T) {
	for _, gate := range []*core.Gate{nil, {}} {
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		if s := gate.Stats(); len(s.Decisions) != 0 || len(s.Stores) != 0 {
			t.Errorf("%+v", s)
		}
	}
	gate := open(t, core.Config{}, newStore(sells(skin)))
	if s := gate.Stats(); len(s.Decisions) != 0 || !isNew(shop(t, gate)) {
		t.Errorf("a new gate counted %+v", s)
	}
}

func TestCountingDoesNotRaceWithReading(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	var everybody sync.WaitGroup
	for i := range 4 {
		everybody.Go(func() {
			for j := range 300 {
				gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i, "-", j%10)))
			}
		})
	}
	var last uint64
	for last < 1200 {
		n := counted(gate, all)
		if n < last || n > 1200 {
			t.Fatalf("counted %d after %d", n, last)
		}
		last = n
	}
	everybody.Wait()
}
