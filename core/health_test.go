package core_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// found is what a gate's health has of one kind, which is all that it has.
func found(t *testing.T, g *core.Gate, what string, state core.HealthState) core.Finding {
	t.Helper()
	h := health(t, g)
	if len(h.Findings) != 1 || h.Findings[0].What != what || h.Findings[0].State != state || h.State != state {
		t.Fatalf("got %v with %v, want one finding of %s that is %v", h.State, h.Findings, what, state)
	}
	return h.Findings[0]
}

func health(t *testing.T, g *core.Gate) core.Health {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	return g.Health(ctx)
}

func well(t *testing.T, g *core.Gate) {
	t.Helper()
	if h := health(t, g); h.State != core.HealthReady || len(h.Findings) != 0 {
		t.Fatalf("got %v with %v, want all well", h.State, h.Findings)
	}
}

// checks is a store that can be asked whether it takes our configuration.
type checks struct {
	*scripted
	err   error
	asked int
}

func (c *checks) Check(context.Context) error {
	c.asked++
	return c.err
}

var errCredentials = &core.StoreError{Fault: core.FaultMisconfigured}

func TestAStoreThatNeverTookOurConfigurationKeepsAGateFromBeingReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &checks{scripted: newStore(fails(errCredentials)), err: errCredentials}
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, store)
		well(t, gate) // nobody asked yet
		began := time.Now()
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		time.Sleep(time.Minute)
		if f := found(t, gate, core.FindingConfiguration, core.HealthNotReady); f.Store != "shop" || !f.Since.Equal(began) {
			t.Errorf("the finding is %+v", f)
		}
		for range 30 {
			time.Sleep(time.Second)
			found(t, gate, core.FindingConfiguration, core.HealthNotReady)
		}
		if store.asked < 3 || store.asked > 5 {
			t.Errorf("in 31 probes within 30 s the store was asked %d times", store.asked)
		}
		store.err = nil // and nobody sends a request that would tell
		time.Sleep(10 * time.Second)
		well(t, gate)

		store.script(fails(errCredentials))
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-2"))
		found(t, gate, core.FindingConfiguration, core.HealthDegraded)
		store.script(fails(errNotFound)) // which is an answer
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-3"))
		well(t, gate)
	})
}

func TestAStoreThatCannotBeAskedAgainOnlyDegradesAGate(t *testing.T) {
	gate := open(t, core.Config{}, newStore(fails(errCredentials)))
	gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
	found(t, gate, core.FindingConfiguration, core.HealthDegraded)
}

func TestARouteThatIsWrongIsNoWrongConfigurationOfTheStore(t *testing.T) {
	gate := open(t, core.Config{}, newStore(fails(&core.StoreError{Fault: core.FaultMisconfigured, Reason: core.ReasonMisconfigured})))
	gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
	well(t, gate)
}

func TestStoresAreAskedAtTheStartIfTheProgramWantsThat(t *testing.T) {
	good, bad := &checks{scripted: newStore(sells(skin))}, &checks{scripted: newStore(sells(skin)), err: errCredentials}
	good.id, bad.id = "good", "bad"
	gate := open(t, core.Config{}, good, bad, newStore(sells(skin)))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := gate.CheckStores(ctx)
	if err == nil || !strings.Contains(err.Error(), `"bad"`) || strings.Contains(err.Error(), `"good"`) || !errors.Is(err, errCredentials) {
		t.Errorf("got %v", err)
	}
	if f := found(t, gate, core.FindingConfiguration, core.HealthNotReady); f.Store != "bad" {
		t.Errorf("the finding is %+v", f)
	}
	if good.asked != 1 {
		t.Errorf("the good store was asked %d times", good.asked)
	}
	if err := (*core.Gate)(nil).CheckStores(ctx); err == nil {
		t.Error("a nil gate has no stores that are well")
	}
}

func TestAnOutageDegradesAGateAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(fails(errDown))
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 2, OpenFor: time.Minute}}, store)
		for i := range 2 {
			gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i)))
		}
		opened := time.Now()
		time.Sleep(30 * time.Second)
		if f := found(t, gate, core.FindingBreaker, core.HealthDegraded); !f.Since.Equal(opened) || !strings.Contains(f.Detail, "open") {
			t.Errorf("the finding is %+v", f)
		}
		seen := store.count()
		time.Sleep(31 * time.Second)
		if f := found(t, gate, core.FindingBreaker, core.HealthDegraded); !strings.Contains(f.Detail, "half-open") {
			t.Errorf("the finding is %+v", f)
		}
		calls(t, store, seen)
		store.script(sells(skin))
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		well(t, gate)
	})
}

// resting is a store client that counts.
type resting struct {
	*scripted
	until time.Time
}

func (r *resting) ClientStats() core.ClientStats { return core.ClientStats{PausedUntil: r.until} }

func TestWhatStoresSayOfThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &resting{scripted: newStore(fails(errNotFound)), until: time.Now().Add(time.Minute)}
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}}, store)
		if f := found(t, gate, core.FindingPause, core.HealthDegraded); !strings.Contains(f.Detail, "1m0s") {
			t.Errorf("the finding is %+v", f)
		}
		time.Sleep(time.Minute)
		well(t, gate)
		for i := range 50 {
			gate.Check(t.Context(), inApp("skin"), by("alice", fmt.Sprint("skin-", i)))
		}
		if f := found(t, gate, core.FindingUnknownTokens, core.HealthDegraded); !strings.Contains(f.Detail, "none of the 50") {
			t.Errorf("the finding is %+v", f)
		}
		store.script(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
			p := skin(token)
			p.StoreTime = time.Now().Add(10 * time.Minute)
			return p, nil
		})
		gate.Check(t.Context(), inApp("skin"), by("alice", "skin-99"))
		if f := found(t, gate, core.FindingClock, core.HealthDegraded); !strings.Contains(f.Detail, "10m0s") {
			t.Errorf("the finding is %+v", f)
		}
	})
}

// sick is an owners' registry that can tell that it does not work.
type sick struct {
	core.Owners
	well  atomic.Bool
	check func(context.Context) error
}

func (s *sick) Check(ctx context.Context) error {
	if s.well.Load() {
		return nil
	}
	return s.check(ctx)
}

func TestAPartThatDoesNotWorkDegradesAGate(t *testing.T) {
	broken := errors.New("redis://canary:secret@10.0.0.1 does not answer")
	for name, check := range map[string]func(context.Context) error{
		"says so": func(context.Context) error { return broken },
		"panics":  func(context.Context) error { panic(broken) },
		"hangs":   nil,
	} {
		bubble(name, t, func(t *testing.T) {
			if name == "hangs" {
				done := make(chan struct{})
				defer close(done)
				check = func(context.Context) error { <-done; return nil }
			}
			owners := &sick{Owners: core.NewMemoryOwners(), check: check}
			gate := open(t, core.Config{Owners: owners}, newStore(sells(skin)))
			f := found(t, gate, core.FindingPart, core.HealthDegraded)
			if !strings.HasPrefix(f.Detail, "Config.Owners ") || f.Err == nil || strings.Contains(f.String(), "canary") {
				t.Errorf("the finding is %+v", f)
			}
			owners.well.Store(true)
			well(t, gate)
		})
	}
}

// frail is an outbox that can tell that it works, unless it is told that there is no time.
type frail struct{ core.Outbox }

func (frail) Check(ctx context.Context) error { return ctx.Err() }

func TestAPartThatHangsTakesTheTimeOfNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		gate := open(t, core.Config{Timeout: 2 * time.Second, Owners: &sick{Owners: core.NewMemoryOwners(), check: hangs}, Outbox: frail{core.NewMemoryOutbox()}}, newStore(sells(skin)))
		began := time.Now()
		h := gate.Health(t.Context()) // without a deadline of its own
		if took := time.Since(began); took != 2*time.Second || len(h.Findings) != 1 || !strings.HasPrefix(h.Findings[0].Detail, "Config.Owners ") {
			t.Errorf("after %v: %v", took, h.Findings)
		}
	})
}

func TestWhatAGateWaitsForKeepsItFromBeingReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := open(t, core.Config{}, newStore(sells(skin)))
		done := gate.Await("the voids were not read yet")
		if f := found(t, gate, core.FindingAwaited, core.HealthNotReady); f.Detail != "the voids were not read yet" {
			t.Errorf("the finding is %+v", f)
		}
		done()
		well(t, gate)
		unread := open(t, core.Config{Voids: unreadable{core.NewMemoryVoids()}}, newStore(sells(skin)))
		if f := found(t, unread, core.FindingState, core.HealthNotReady); f.Err == nil {
			t.Errorf("the finding is %+v", f)
		}
		if err := gate.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		found(t, gate, core.FindingGate, core.HealthNotReady)
		found(t, nil, core.FindingGate, core.HealthNotReady)
	})
}

func TestBackgroundWorkThatFailsOrIsOverdueDegradesAGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := open(t, core.Config{}, newStore(sells(skin)))
		work := gate.Work("voids")
		time.Sleep(time.Hour)
		well(t, gate) // nobody promised anything
		work.Promise(time.Minute)
		time.Sleep(4 * time.Minute)
		well(t, gate)
		time.Sleep(time.Second)
		if f := found(t, gate, core.FindingWork, core.HealthDegraded); !strings.HasPrefix(f.Detail, "voids: no run ") {
			t.Errorf("the finding is %+v", f)
		}
		succeeded := time.Now()
		work.Begin()(nil)
		well(t, gate)
		time.Sleep(time.Minute)
		work.Begin()(&core.StoreError{Reason: core.ReasonBreakerOpen})
		if f := found(t, gate, core.FindingWork, core.HealthDegraded); !f.Since.Equal(succeeded) || !strings.Contains(f.Detail, "breaker_open") {
			t.Errorf("the finding is %+v", f)
		}
		ended := work.Begin()
		time.Sleep(5 * time.Minute)
		if f := found(t, gate, core.FindingWork, core.HealthDegraded); !strings.Contains(f.Detail, "hangs") {
			t.Errorf("the finding is %+v", f)
		}
		ended(nil)
		well(t, gate)
		work.Promise(0)
		time.Sleep(time.Hour)
		well(t, gate)
	})
}

// unreadable is a list of voids that cannot be loaded.
type unreadable struct{ core.Voids }

func (unreadable) Load(context.Context) (core.VoidLog, error) {
	return core.VoidLog{}, errors.New("unreadable")
}
