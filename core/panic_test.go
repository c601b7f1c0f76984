package core_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// oops is what everything of the embedder's does while it is armed.
type oops struct{ armed atomic.Bool }

func (o *oops) maybe() {
	if o.armed.Load() {
		panic(secretMark)
	}
}

// touchyStore is an honest store whose other methods panic while it is armed.
type touchyStore struct {
	*scripted
	*oops
}

func (s touchyStore) CheckToken(token string) error { s.maybe(); return s.scripted.CheckToken(token) }
func (s touchyStore) CheckProduct(p core.Product) error {
	s.maybe()
	return s.scripted.CheckProduct(p)
}
func (s touchyStore) Describe() core.StoreInfo      { s.maybe(); return s.scripted.Describe() }
func (s touchyStore) ClientStats() core.ClientStats { s.maybe(); return core.ClientStats{Attempts: 7} }

// touchyOwners is a registry that panics while it is armed.
type touchyOwners struct {
	core.Owners
	*oops
}

func (s touchyOwners) Claim(ctx context.Context, o core.Ownership) (core.Ownership, error) {
	s.maybe()
	return s.Owners.Claim(ctx, o)
}

func (s touchyOwners) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	s.maybe()
	return s.Owners.Owner(ctx, store, token)
}

func (s touchyOwners) Owned(ctx context.Context, account string) ([]core.Ownership, error) {
	s.maybe()
	return s.Owners.Owned(ctx, account)
}

// touchyLabels panic while they are armed.
type touchyLabels struct {
	core.PlainLabels
	*oops
}

func (l touchyLabels) Match(label, account string) core.LabelMatch {
	l.maybe()
	return l.PlainLabels.Match(label, account)
}

// touchyHandler is a log handler that panics while it is armed.
type touchyHandler struct {
	slog.Handler
	*oops
}

func (h touchyHandler) Handle(ctx context.Context, r slog.Record) error {
	h.maybe()
	return h.Handler.Handle(ctx, r)
}

// touchierHandler panics before.
type touchierHandler struct{ touchyHandler }

func (h touchierHandler) Enabled(ctx context.Context, level slog.Level) bool {
	h.maybe()
	return h.Handler.Enabled(ctx, level)
}

// Whatever of the embedder's panics: the check is undetermined, and the next one is as if nothing had been.
func TestAPanicEndsOneCheckAndNothingElse(t *testing.T) {
	token := by("alice", "skin-1")
	credentials := func(c core.Credentials) func() (core.Credentials, error) {
		return func() (core.Credentials, error) { return c, nil }
	}
	for _, c := range []struct {
		name   string
		config func(*core.Config, *oops)
		store  func(*scripted, *oops)
		read   func(*oops) func() (core.Credentials, error)
		warm   bool // a fact is in memory, past freshness
		reason core.Reason
	}{
		{name: "in the look-up", store: func(s *scripted, o *oops) {
			s.script(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
				o.maybe()
				return sells(skin)(ctx, p, token)
			})
		}, reason: core.ReasonPanicked},
		{name: "in the look-up, which ends its goroutine", store: func(s *scripted, o *oops) {
			s.script(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
				if o.armed.Load() {
					runtime.Goexit()
				}
				return sells(skin)(ctx, p, token)
			})
		}, reason: core.ReasonPanicked},
		{name: "in a look-up whose error panics", store: func(s *scripted, o *oops) {
			s.script(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
				if o.armed.Load() {
					return nil, panickingError{}
				}
				return sells(skin)(ctx, p, token)
			})
		}, reason: core.ReasonPanicked},
		{name: "in the rule", config: func(c *core.Config, o *oops) {
			c.Rule = func(in core.RuleInput) core.Verdict { o.maybe(); return core.DefaultRule(in) }
		}, reason: core.ReasonPanicked},
		{name: "in the labels", config: func(c *core.Config, o *oops) { c.Labels = touchyLabels{oops: o} }, reason: core.ReasonPanicked},
		{name: "in the owners' registry", config: func(c *core.Config, o *oops) { c.Owners = touchyOwners{core.NewMemoryOwners(), o} }, reason: core.ReasonPanicked},
		{name: "in the owners' registry, asked what the account owns", config: func(c *core.Config, o *oops) { c.Owners = touchyOwners{core.NewMemoryOwners(), o} },
			read: func(*oops) func() (core.Credentials, error) {
				return credentials(core.Credentials{Account: "alice", Token: "skin-1", Owned: true})
			}, reason: core.ReasonPanicked},
		{name: "in the override", config: func(c *core.Config, o *oops) {
			c.Override = func(context.Context, string, core.Requirement) core.Outcome { o.maybe(); return core.Undetermined }
		}, reason: core.ReasonPanicked},
		{name: "in the credentials", read: func(o *oops) func() (core.Credentials, error) {
			return func() (core.Credentials, error) { o.maybe(); return token, nil }
		}, reason: core.ReasonLookupFailed},
		{name: "in CheckToken and Describe", reason: core.ReasonPanicked},
		{name: "in the log handler, while the store is down", config: func(c *core.Config, o *oops) {
			c.Logger = slog.New(touchierHandler{touchyHandler{slog.NewTextHandler(new(strings.Builder), nil), o}})
		}, store: func(s *scripted, o *oops) {
			s.script(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
				if o.armed.Load() {
					return nil, &core.StoreError{Fault: core.FaultMisconfigured}
				}
				return sells(skin)(ctx, p, token)
			})
		}, reason: core.ReasonUpstreamMisconfigured},
		{name: "in the log handler, told of a panic", config: func(c *core.Config, o *oops) {
			c.Logger = slog.New(touchyHandler{slog.NewTextHandler(new(strings.Builder), nil), o})
			c.Rule = func(in core.RuleInput) core.Verdict { o.maybe(); return core.DefaultRule(in) }
		}, reason: core.ReasonPanicked},
	} {
		bubble(c.name, t, func(t *testing.T) {
			var o oops
			store := newStore(sells(skin))
			if c.store != nil {
				c.store(store, &o)
			}
			config := core.Config{Guard: core.Guard{MaxInFlight: 1, TripAfter: 1000}, UnknownTokens: core.UnknownTokens{Burst: 1}}
			if c.config != nil {
				c.config(&config, &o)
			}
			var gate *core.Gate
			if c.config == nil && c.store == nil && c.read == nil {
				gate = open(t, config, touchyStore{store, &o})
			} else {
				gate = open(t, config, store)
			}
			route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
			read := credentials(token)
			if c.read != nil {
				read = c.read(&o)
			}
			o.armed.Store(true)
			for range 5 { // more than there are slots and budget
				a := route.Admit(t.Context(), read)
				if d := a.Decision(); a.Open() || d.Outcome != core.Undetermined || d.Reason != c.reason || d.Err == nil {
					t.Errorf("got %v (%s, %v), want %s", d.Outcome, d.Reason, d.Err, c.reason)
				}
				if status := a.Reply().Status; status != 503 {
					t.Errorf("the client is told %d", status)
				}
			}
			o.armed.Store(false)
			if a := route.Admit(t.Context(), read); !a.Open() {
				t.Errorf("afterwards: %v (%s, %v)", a.Decision().Outcome, a.Decision().Reason, a.Decision().Err)
			}
			if n := gate.Stats().Stores[0].InFlight; n != 0 {
				t.Errorf("%d look-ups are left", n)
			}
		})
	}
}

// runtime.Goexit in a hook ends the goroutine that called the gate, and leaves the gate whole.
func TestAHookThatEndsItsGoroutineLeavesTheGateWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var armed atomic.Bool
		exit := func() {
			if armed.Load() {
				runtime.Goexit()
			}
		}
		gate := open(t, core.Config{
			Rule:          func(in core.RuleInput) core.Verdict { exit(); return core.DefaultRule(in) },
			Override:      func(context.Context, string, core.Requirement) core.Outcome { return core.Undetermined },
			UnknownTokens: core.UnknownTokens{Burst: 1}, Guard: core.Guard{MaxInFlight: 1},
		}, newStore(sells(skin)))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		armed.Store(true)
		var all sync.WaitGroup
		for _, token := range []string{"skin-1", "skin-2"} {
			all.Go(func() { gate.Check(t.Context(), inApp("skin"), by("alice", token)) })
		}
		all.Wait()
		armed.Store(false)
		for _, token := range []string{"skin-1", "skin-2", "skin-3"} {
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", token)), core.Granted, core.ReasonOwned)
		}
	})
}

func TestAPanicOutsideOfChecksIsContainedToo(t *testing.T) {
	var log journal
	var o oops
	store := touchyStore{newStore(sells(skin)), &o}
	gate := open(t, core.Config{Logger: log.logger(), OnHandled: func(context.Context, core.Decision, int) { o.maybe() }}, store)
	a := core.NewRoute(gate, inApp("skin"), core.RouteConfig{}).Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "skin-1"), nil })
	o.armed.Store(true)

	a.Handled(t.Context(), 200)
	if s := shop(t, gate); s.Client != (core.ClientStats{}) || s.Calls != 1 {
		t.Errorf("with a ClientStats that panics: %+v", s)
	}
	if err := gate.Validate(inApp("skin")); err == nil || !strings.Contains(err.Error(), "CheckProduct") {
		t.Errorf("with a CheckProduct that panics Validate says %v", err)
	}
	if err := gate.Bind(t.Context(), "alice", inApp("skin"), "skin-2"); err == nil || !strings.Contains(err.Error(), "CheckToken") {
		t.Errorf("with a CheckToken that panics Bind says %v", err)
	}
	if _, err := core.New(core.Config{Stores: []core.Store{store}}); err == nil || !strings.Contains(err.Error(), "Stores[0]") {
		t.Errorf("with a Describe that panics New says %v", err)
	}
	o.armed.Store(false)
	if got := shop(t, gate).Client.Attempts; got != 7 {
		t.Errorf("afterwards the client has counted %d", got)
	}
	for _, part := range []string{"OnHandled", "ClientStats", "CheckToken"} {
		log.want(t, 1, "a panic was contained", part)
	}
	noCanary(t, "the log", log.String())
}

// A registry that ends the goroutine that asks it has failed, like any other.
func TestARegistryThatEndsItsGoroutine(t *testing.T) {
	gate := open(t, core.Config{Owners: exitingOwners{}}, newStore(sells(skin)))
	d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
	want(t, d, core.Undetermined, core.ReasonLookupFailed)
	if err := gate.Unbind(t.Context(), "shop", "skin-1"); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Unbind says %v", err)
	}
}

type exitingOwners struct{ core.Owners }

func (exitingOwners) Owner(context.Context, core.StoreID, string) (core.Ownership, bool, error) {
	runtime.Goexit()
	return core.Ownership{}, false, nil
}

func (exitingOwners) Release(context.Context, core.StoreID, string) error {
	runtime.Goexit()
	return nil
}

// In an outage grace covers a store client that panics behind the request.
func TestARefreshThatPanicsHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		check()
		time.Sleep(5*time.Minute + time.Second)
		store.script(func(context.Context, core.Product, string) (*core.Purchase, error) { panic("oops") })
		for range 3 {
			from(t, check(), core.Granted, core.ReasonOwned, core.SourceStale)
			synctest.Wait()
		}
		store.script(sells(skin))
		check()
		synctest.Wait()
		from(t, check(), core.Granted, core.ReasonOwned, core.SourceMemory)
	})
}
