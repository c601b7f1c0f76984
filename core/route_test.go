package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// presents is a route's credentials function.
func presents(account, token string) func() (core.Credentials, error) {
	return func() (core.Credentials, error) { return by(account, token), nil }
}

func TestAnAdmissionIsOpenForAGrantAndForWhatNeverRefuses(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	for _, c := range []struct {
		name   string
		config core.RouteConfig
		token  string
		open   bool
		status int
	}{
		{"a grant", core.RouteConfig{}, "skin-1", true, 0},
		{"a denial", core.RouteConfig{}, "none-1", false, 403},
		{"a denial where payment is required", core.RouteConfig{DeniedStatus: 402}, "none-1", false, 402},
		{"a denial where 403 is said", core.RouteConfig{DeniedStatus: 403}, "none-1", false, 403},
		{"a malformed token where payment is required", core.RouteConfig{DeniedStatus: 402}, "a/b", false, 400},
		{"a denial that is only attached", core.RouteConfig{Attach: true}, "none-1", true, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := core.NewRoute(gate, inApp("skin"), c.config).Admit(t.Context(), presents("alice", c.token))
			if a.Open() != c.open || a.Reply().Status != c.status || a.Observed() {
				t.Errorf("open %v, reply %d, observed %v", a.Open(), a.Reply().Status, a.Observed())
			}
			d, ok := core.FromContext(a.Context(t.Context()))
			if !ok || d != a.Decision() {
				t.Errorf("the context has %+v, %v; want %+v", d, ok, a.Decision())
			}
			if found, ok := core.Find(a.Context(t.Context()), inApp("skin")); !ok || found != d {
				t.Errorf("Find = %+v, %v", found, ok)
			}
		})
	}
}

// Whatever is wrong with a route, nobody's credentials are read, and the log says it once, when it is built.
func TestARouteThatCannotWorkAnswersUndetermined(t *testing.T) {
	for _, c := range []struct {
		name   string
		r      core.Requirement
		config core.RouteConfig
		says   []string
	}{
		{"a fault of the adapter's", inApp("skin"), core.RouteConfig{Fault: errors.New("an option is nil")}, []string{"an option is nil"}},
		{"a denied status that succeeds", inApp("skin"), core.RouteConfig{DeniedStatus: 200}, []string{"the denied status is 200"}},
		{"a denied status that is no status", inApp("skin"), core.RouteConfig{DeniedStatus: -1}, []string{"the denied status is -1"}},
		{"both", inApp("skin"), core.RouteConfig{Fault: errors.New("an option is nil"), DeniedStatus: 503}, []string{"an option is nil", "the denied status is 503"}},
		{"where nothing is refused", inApp("skin"), core.RouteConfig{Attach: true, DeniedStatus: 503}, []string{"the denied status is 503"}},
		{"with a faulty requirement besides", core.AnyOf(), core.RouteConfig{DeniedStatus: 503}, []string{"the denied status is 503", "requires nothing"}},
		{"with no requirement besides", nil, core.RouteConfig{DeniedStatus: 503}, []string{"the denied status is 503", "the requirement is nil"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log journal
			gate := open(t, core.Config{Logger: log.logger()}, newStore(sells(skin)))
			route := core.NewRoute(gate, c.r, c.config)
			said := log.lines()
			for _, part := range c.says {
				if !strings.Contains(log.String(), part) {
					t.Errorf("the log does not say %q:\n%s", part, log.String())
				}
			}
			for range 3 {
				a := route.Admit(t.Context(), func() (core.Credentials, error) {
					t.Error("the credentials were read")
					return by("alice", "skin-1"), nil
				})
				want(t, a.Decision(), core.Undetermined, core.ReasonMisconfigured)
				if a.Open() != c.config.Attach || a.Reply().Status != 503 {
					t.Errorf("open %v, reply %d", a.Open(), a.Reply().Status)
				}
				if err := a.Decision().Err; err == nil || !strings.Contains(err.Error(), c.says[0]) {
					t.Errorf("the decision's error is %v", err)
				}
			}
			if log.lines() != said {
				t.Errorf("the log says it again:\n%s", log.String())
			}
			if n := gate.Stats().Decisions; len(n) != 1 || n[0].Count != 3 || n[0].Reason != core.ReasonMisconfigured {
				t.Errorf("counted %+v", n)
			}
			err := gate.Validate()
			for _, part := range c.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("Validate: %v; want %q in it", err, part)
				}
			}
		})
	}
}

// A route in shadow mode refuses nobody, not even because it is broken.
func TestShadowModeOpensABrokenRouteToo(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{DeniedStatus: 200})
	setMode(t, gate, inApp("skin"), core.Shadow())
	a := route.Admit(t.Context(), presents("alice", "skin-1"))
	want(t, a.Decision(), core.Undetermined, core.ReasonMisconfigured)
	if !a.Open() {
		t.Error("refused")
	}
}

func TestAGateThatNewDidNotMakeRefuses(t *testing.T) {
	for name, gate := range map[string]*core.Gate{"nil": nil, "zero": {}} {
		for _, attach := range []bool{false, true} {
			a := core.NewRoute(gate, inApp("skin"), core.RouteConfig{Attach: attach}).Admit(t.Context(), presents("alice", "skin-1"))
			want(t, a.Decision(), core.Undetermined, core.ReasonMisconfigured)
			if a.Open() != attach || a.Observed() {
				t.Errorf("%s, attach %v: open %v, observed %v", name, attach, a.Open(), a.Observed())
			}
			a.Handled(t.Context(), 200) // nobody listens
		}
	}
}

func TestHandledTellsTheHookOnce(t *testing.T) {
	type call struct {
		d      core.Decision
		status int
	}
	var calls []call
	gate := open(t, core.Config{OnHandled: func(_ context.Context, d core.Decision, status int) {
		calls = append(calls, call{d, status})
		if status == 0 {
			panic("a hook that breaks")
		}
	}}, newStore(sells(skin)))
	a := core.NewRoute(gate, inApp("skin"), core.RouteConfig{}).Admit(t.Context(), presents("alice", "skin-1"))
	if !a.Observed() {
		t.Error("nobody listens")
	}
	for _, status := range []int{200, 0, 101} {
		a.Handled(a.Context(t.Context()), status)
	}
	for i, status := range []int{200, 0, 101} {
		if len(calls) != 3 || calls[i] != (call{a.Decision(), status}) {
			t.Fatalf("the hook was told %+v", calls)
		}
	}
}

func TestAttachWaitsBrieflyForAColdToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		store := newStore(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			select {
			case <-release:
				return sells(skin)(ctx, p, token)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		route := core.NewRoute(open(t, core.Config{}, store), inApp("skin"), core.RouteConfig{Attach: true})
		visit := func() (core.Decision, time.Duration) {
			began := time.Now()
			a := route.Admit(t.Context(), presents("alice", "skin-1"))
			return a.Decision(), time.Since(began)
		}
		for range 2 { // the second one joins the look-up under way
			d, waited := visit()
			want(t, d, core.Undetermined, core.ReasonDeadline)
			if waited != 50*time.Millisecond {
				t.Errorf("waited %v, want 50ms", waited)
			}
		}
		close(release)
		synctest.Wait()
		d, waited := visit()
		from(t, d, core.Granted, core.ReasonOwned, core.SourceMemory)
		if waited != 0 {
			t.Errorf("waited %v for what is in memory", waited)
		}
		calls(t, store, 1)
	})
}

func TestAnAnswerThatComesInTimeIsTaken(t *testing.T) {
	for _, c := range []struct {
		name   string
		attach bool
		takes  time.Duration
	}{
		{"by a route that only attaches", true, 49 * time.Millisecond},
		{"by a route that requires, which waits in full", false, 2999 * time.Millisecond},
	} {
		bubble(c.name, t, func(t *testing.T) {
			gate := open(t, core.Config{}, newStore(after(c.takes, sells(skin))))
			began := time.Now()
			a := core.NewRoute(gate, inApp("skin"), core.RouteConfig{Attach: c.attach}).Admit(t.Context(), presents("alice", "skin-1"))
			from(t, a.Decision(), core.Granted, core.ReasonOwned, core.SourceStore)
			if waited := time.Since(began); waited != c.takes {
				t.Errorf("waited %v, want %v", waited, c.takes)
			}
		})
	}
}
