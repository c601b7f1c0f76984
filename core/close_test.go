package core_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// The bubble fails if a goroutine is left in it.
func TestAThousandGatesLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for i := range 1000 {
			store := newStore(sells(skin))
			gate, err := core.New(core.Config{Stores: []core.Store{store}, Memory: core.Memory{Purchases: 16, Refusals: 16}})
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 { // some are used, and one look-up is still under way
				want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
				store.script(after(time.Second, sells(skin)))
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				gate.Check(ctx, inApp("skin"), by("alice", "skin-2"))
				cancel()
			}
			for range 2 {
				if err := gate.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// Before, while and after a gate closes, an answer is the store's or says that the gate closes, and comes.
func TestUseWhileAGateCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(after(100*time.Millisecond, sells(skin)))
		gate := open(t, core.Config{Guard: core.Guard{MaxInFlight: 500}}, store)
		var all sync.WaitGroup
		for i := range 500 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				begun := time.Now()
				d := gate.Check(t.Context(), inApp("skin"), by(fmt.Sprint("player-", i), fmt.Sprint("skin-", i)))
				if !d.Granted() && (d.Outcome != core.Undetermined || d.Reason != core.ReasonClosed) {
					t.Errorf("check %d: %v (%s, %v)", i, d.Outcome, d.Reason, d.Err)
				}
				if i < 200 != d.Granted() {
					t.Errorf("check %d, begun %v before the gate closed: %v", i, 200*time.Millisecond-time.Duration(i)*time.Millisecond, d.Outcome)
				}
				if took := time.Since(begun); took > 100*time.Millisecond {
					t.Errorf("check %d took %v", i, took)
				}
			})
		}
		time.Sleep(200*time.Millisecond - time.Microsecond)
		if err := gate.Close(t.Context()); err != nil {
			t.Error(err)
		}
		all.Wait()
		calls(t, store, 200)
	})
}

// Close does not wait for ever: it cancels what is under way and says so.
func TestClosingInFrontOfAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(hangs)
		gate, err := core.New(core.Config{Stores: []core.Store{store}, Timeout: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		all.Go(func() {
			if d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")); d.Outcome != core.Undetermined {
				t.Errorf("%v (%s)", d.Outcome, d.Reason)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := gate.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close says %v", err)
		}
		all.Wait()
		if err := gate.Close(t.Context()); err != nil {
			t.Errorf("the second Close says %v", err)
		}
		if s := shop(t, gate); s.Breaker != "closed" || s.InFlight != 0 {
			t.Errorf("afterwards: %+v", s)
		}
	})
}

// Everything that a gate does can be asked of one that was not made, and grants nothing.
func TestAGateThatWasNotMade(t *testing.T) {
	ctx := t.Context()
	for name, gate := range map[string]*core.Gate{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			c := by("alice", "skin-1")
			closed := core.NewRoute(gate, inApp("skin"), core.RouteConfig{}).Admit(ctx, func() (core.Credentials, error) { return c, nil })
			attached := core.NewRoute(gate, inApp("skin"), core.RouteConfig{Attach: true}).Admit(ctx, func() (core.Credentials, error) { return c, nil })
			if closed.Open() || !attached.Open() || closed.Reply().Status != 503 {
				t.Errorf("a route is open %v with %d, one that attaches %v", closed.Open(), closed.Reply().Status, attached.Open())
			}
			attached.Handled(ctx, 200)
			ds := append(gate.CheckEach(ctx, []core.Requirement{inApp("skin"), nil}, c),
				gate.Check(ctx, inApp("skin"), c), gate.HandIn(ctx, "alice", inApp("skin"), "skin-1"), closed.Decision(), attached.Decision())
			for i, d := range ds {
				if d.Outcome != core.Undetermined || d.Reason != core.ReasonMisconfigured || d.Err == nil {
					t.Errorf("decision %d: %v (%s, %v)", i, d.Outcome, d.Reason, d.Err)
				}
			}
			for what, err := range map[string]error{
				"Validate":        gate.Validate(inApp("skin")),
				"Invalidate":      gate.Invalidate(ctx, inApp("skin"), "skin-1"),
				"InvalidateToken": gate.InvalidateToken(ctx, "shop", "skin-1"),
				"Void":            gate.Void(ctx, core.Void{Store: "shop", Token: "skin-1"}),
				"Bind":            gate.Bind(ctx, "alice", inApp("skin"), "skin-1"),
				"Unbind":          gate.Unbind(ctx, "shop", "skin-1"),
				"SetMode":         gate.SetMode(inApp("skin"), core.Shadow()),
			} {
				if err == nil {
					t.Errorf("%s: no error", what)
				}
			}
			if err := gate.Close(ctx); err != nil {
				t.Errorf("Close: %v", err)
			}
			if gate.Mode(inApp("skin")) != core.Normal() || gate.Label("alice") != "alice" || len(gate.Stats().Stores) != 0 {
				t.Error("it has a mode, labels or stores")
			}
		})
	}
}

func TestAClosedGateStillTakesWhatOthersSay(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-3")), core.Granted, core.ReasonOwned)
	if err := gate.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-3")), core.Undetermined, core.ReasonClosed)
	if err := gate.InvalidateToken(t.Context(), "shop", "skin-1"); err == nil {
		t.Error("it takes an invalidation that it cannot act upon")
	}
	if err := errors.Join(gate.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}),
		gate.Bind(t.Context(), "alice", inApp("skin"), "skin-2"), gate.Unbind(t.Context(), "shop", "skin-2")); err != nil {
		t.Error(err)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonClosed)
	if s := gate.Stats(); len(s.Decisions) != 2 || !strings.Contains(fmt.Sprint(s.Decisions), string(core.ReasonClosed)) {
		t.Errorf("counted %+v", s.Decisions)
	}
}
