package core_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// setMode must succeed.
func setMode(t testing.TB, g *core.Gate, r core.Requirement, m core.Mode) {
	t.Helper()
	if err := g.SetMode(r, m); err != nil {
		t.Fatal(err)
	}
	if got := g.Mode(r); got != m {
		t.Fatalf("the mode is %v until %v, want %v", got, got.Until(), m)
	}
}

func TestShadowLetsThroughAndTellsTheTruth(t *testing.T) {
	closed := func(t *testing.T, g *core.Gate) {
		if err := g.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name    string
		answer  answer
		by      core.Credentials
		err     error
		before  func(*testing.T, *core.Gate)
		outcome core.Outcome
		reason  core.Reason
	}{
		{name: "an owner", by: by("alice", "skin-1"), outcome: core.Granted, reason: core.ReasonOwned},
		{name: "no token at all", by: core.Credentials{Account: "alice"}, outcome: core.Denied, reason: core.ReasonTokenMissing},
		{name: "a header without a token", by: core.Credentials{Account: "alice"}, err: core.ErrTokenMissing, outcome: core.Denied, reason: core.ReasonTokenMissing},
		{name: "a malformed header", by: core.Credentials{Account: "alice"}, err: core.ErrTokenMalformed, outcome: core.Denied, reason: core.ReasonInvalidToken},
		{name: "a token that no store issues", by: by("alice", "a/b"), outcome: core.Denied, reason: core.ReasonInvalidToken},
		{name: "no account", by: core.Credentials{Token: "skin-1"}, outcome: core.Denied, reason: core.ReasonAccountMissing},
		{name: "neither account nor token", outcome: core.Denied, reason: core.ReasonTokenMissing},
		{name: "an unknown token", by: by("alice", "none-1"), outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "somebody else's purchase", answer: labelled("bob"), by: by("alice", "skin-1"), outcome: core.Denied, reason: core.ReasonAccountMismatch},
		{name: "a store that is down", answer: fails(errDown), by: by("alice", "skin-1"), outcome: core.Undetermined, reason: core.ReasonUpstreamUnavailable},
		{name: "a store that panics", answer: func(context.Context, core.Product, string) (*core.Purchase, error) { panic(1) }, by: by("alice", "skin-1"), outcome: core.Undetermined, reason: core.ReasonPanicked},
		{name: "game records that fail", err: errors.New("db down"), outcome: core.Undetermined, reason: core.ReasonLookupFailed},
		{name: "a gate that is closed", by: by("alice", "skin-1"), before: closed, outcome: core.Undetermined, reason: core.ReasonClosed},
	} {
		for _, mode := range []core.Mode{core.Normal(), core.Shadow()} {
			t.Run(c.name+", "+mode.String(), func(t *testing.T) {
				answer := c.answer
				if answer == nil {
					answer = sells(skin)
				}
				var log journal
				gate := open(t, core.Config{Logger: log.logger()}, newStore(answer))
				route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
				setMode(t, gate, inApp("skin"), mode)
				if c.before != nil {
					c.before(t, gate)
				}
				a := route.Admit(t.Context(), func() (core.Credentials, error) { return c.by, c.err })
				want(t, a.Decision(), c.outcome, c.reason)
				shadow := mode == core.Shadow()
				if a.Open() != (shadow || c.outcome == core.Granted) {
					t.Errorf("open is %v", a.Open())
				}
				if d, ok := core.FromContext(a.Context(t.Context())); !ok || d.Outcome != c.outcome || d.Reason != c.reason {
					t.Errorf("the handler sees %v (%s)", d.Outcome, d.Reason)
				}
				// What a program asks directly is answered with the truth, too.
				if d := gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Token: "none-2"}); d.Granted() {
					t.Error("shadow mode grants")
				}
				noted := 0
				if shadow && c.outcome != core.Granted {
					noted = 1
				}
				log.want(t, noted, "shadow mode", "requirement=shop/inapp/skin", "outcome="+c.outcome.String(), "reason="+string(c.reason))
				count := uint64(0)
				for _, n := range gate.Stats().Decisions {
					if n.Mode != mode.String() {
						t.Errorf("counted under the mode %q", n.Mode)
					}
					count += n.Count
				}
				if count != 2 {
					t.Errorf("%d decisions were counted, want 2", count)
				}
			})
		}
	}
}

func TestShadowDoesNotRecordOrGrantMore(t *testing.T) {
	owners := core.NewMemoryOwners()
	gate := open(t, core.Config{Owners: owners}, newStore(sells(func(token string) *core.Purchase {
		p := skin(token)
		p.State = core.StateCanceled
		return p
	})))
	route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
	setMode(t, gate, inApp("skin"), core.Shadow())
	a := route.Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "skin-1"), nil })
	if owned, _ := owners.Owned(t.Context(), "alice"); !a.Open() || len(owned) != 0 {
		t.Errorf("open %v, recorded %v", a.Open(), owned)
	}
}

func TestAModeAppliesToRoutesBuiltBeforeAndAfter(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	admits := func(r *core.Route) bool {
		return r.Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "none-1"), nil }).Open()
	}
	skins := core.AnyOf(inApp("skin"), inApp("hat"))
	before, other := core.NewRoute(gate, skins, core.RouteConfig{}), core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
	setMode(t, gate, skins, core.Shadow())
	after := core.NewRoute(gate, skins, core.RouteConfig{DeniedStatus: 402})
	if !admits(before) || !admits(after) || admits(other) {
		t.Errorf("shadow: before %v, after %v, another requirement %v", admits(before), admits(after), admits(other))
	}
	// A requirement that merely looks the same is another one; a product is itself wherever it is written.
	if lookalike := core.AnyOf(inApp("skin"), inApp("hat")); gate.Mode(lookalike) != core.Normal() {
		t.Error("the mode of one requirement is that of another")
	}
	setMode(t, gate, inApp("skin"), core.Shadow())
	if !admits(other) {
		t.Error("a product by value was not found")
	}
	setMode(t, gate, skins, core.Normal())
	if admits(before) || admits(after) || !admits(other) {
		t.Errorf("normal: before %v, after %v, the other %v", admits(before), admits(after), admits(other))
	}
}

func TestSetModeRefusesWhatCannotWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log journal
		gate := open(t, core.Config{Logger: log.logger()}, newStore(sells(skin)))
		var none *core.Gate
		good := inApp("skin")
		for _, c := range []struct {
			name string
			gate *core.Gate
			r    core.Requirement
			mode core.Mode
			text string
		}{
			{"a nil gate", none, good, core.Shadow(), "core.New"},
			{"a zero gate", &core.Gate{}, good, core.Shadow(), "core.New"},
			{"a nil requirement", gate, nil, core.Shadow(), "nil"},
			{"an empty requirement", gate, core.AnyOf(), core.Shadow(), "requires nothing"},
			{"the product of an unknown store", gate, good.On("elsewhere"), core.Shadow(), "elsewhere"},
			{"an instant that has passed", gate, good, core.HoldOpen(time.Now().Add(-time.Second)), "ahead"},
			{"this instant", gate, good, core.HoldOpen(time.Now()), "ahead"},
			{"no instant", gate, good, core.HoldOpen(time.Time{}), "ahead"},
			{"more than 31 days", gate, good, core.HoldOpen(time.Now().Add(31*24*time.Hour + 1)), "744h"},
		} {
			if err := c.gate.SetMode(c.r, c.mode); err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s: the error is %v", c.name, err)
			}
			if m := c.gate.Mode(c.r); m != core.Normal() {
				t.Errorf("%s: the mode is %v", c.name, m)
			}
		}
		log.want(t, 0, "the mode of a requirement changed")
		setMode(t, gate, good, core.HoldOpen(time.Now().Add(31*24*time.Hour)))
		setMode(t, gate, good, core.Shadow())
		setMode(t, gate, good, core.Mode{})
		log.want(t, 3, "the mode of a requirement changed", "requirement=shop/inapp/skin")
		log.want(t, 1, "mode=hold_open", "until=2000-02-01")
		log.want(t, 1, "until=")
	})
}

// outage is a gate on which alice's purchase "skin-1" is recorded, whose memory has forgotten it since,
// and whose store then fails.
func outage(t *testing.T, c core.Config, cause error) (*core.Gate, *scripted) {
	t.Helper()
	store := newStore(sells(skin))
	gate := open(t, c, store)
	gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
	time.Sleep(7 * time.Hour)
	store.script(fails(cause))
	return gate, store
}

func TestHoldOpenLetsInKnownOwnersOnly(t *testing.T) {
	owned := core.Credentials{Account: "alice", Owned: true}
	known := core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "skin-1", Known: true}}}
	voids := func(v core.Void) func(*testing.T, *core.Gate) {
		return func(t *testing.T, g *core.Gate) {
			v.Store, v.Token = "shop", "skin-1"
			if err := g.Void(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		config core.Config
		cause  error
		by     core.Credentials
		ctx    func(context.Context) context.Context
		before func(*testing.T, *core.Gate)
		reason core.Reason // default: held open
	}{
		{name: "the owner with the token", by: by("alice", "skin-1")},
		{name: "the owner by the registry", by: owned},
		{name: "the owner by the game's records", by: known},
		{name: "the owner, while the store refuses our key", cause: &core.StoreError{Fault: core.FaultMisconfigured}, by: by("alice", "skin-1")},
		{name: "the owner, while the breaker is open", cause: &core.StoreError{Reason: core.ReasonBreakerOpen}, by: by("alice", "skin-1")},
		{name: "whom the server bound, where it must", config: core.Config{Binding: core.BindingRequire}, by: by("alice", "skin-1"),
			before: func(t *testing.T, g *core.Gate) {
				if err := g.Bind(t.Context(), "alice", inApp("skin"), "skin-1"); err != nil {
					t.Fatal(err)
				}
			}},

		{name: "a stranger with the token", by: by("mallory", "skin-1"), reason: core.ReasonUpstreamUnavailable},
		{name: "a stranger's records with the token", by: core.Credentials{Account: "mallory", Tokens: []core.Token{{Value: "skin-1", Known: true}}}, reason: core.ReasonUpstreamUnavailable},
		{name: "a token that nobody has seen", by: by("alice", "skin-2"), reason: core.ReasonUpstreamUnavailable},
		{name: "a token of the records that the registry never saw", by: core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "skin-2", Known: true}}}, reason: core.ReasonUpstreamUnavailable},
		{name: "an account that owns nothing", by: core.Credentials{Account: "mallory", Owned: true}, reason: core.ReasonNotFound},
		{name: "nobody", by: core.Credentials{Token: "skin-1"}, reason: core.ReasonAccountMissing},
		{name: "nobody, with binding off", config: core.Config{Binding: core.InsecureBindingOff}, by: core.Credentials{Token: "skin-1"}, reason: core.ReasonUpstreamUnavailable},
		{name: "a token that was voided", by: by("alice", "skin-1"), before: voids(core.Void{}), reason: core.ReasonUpstreamUnavailable},
		{name: "a token whose payment was voided", by: by("alice", "skin-1"), before: voids(core.Void{PurchaseID: "p-skin-1"}), reason: core.ReasonUpstreamUnavailable},
		{name: "a purchase that is not found", cause: errNotFound, by: by("alice", "skin-1"), reason: core.ReasonNotFound},
		{name: "a token that the store refuses", cause: &core.StoreError{Fault: core.FaultTokenRefused}, by: by("alice", "skin-1"), reason: core.ReasonInvalidToken},
		{name: "a caller who is gone", by: by("alice", "skin-1"), reason: core.ReasonCallerGone,
			ctx: func(ctx context.Context) context.Context {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx
			}},
		{name: "a store client that panicked", cause: &core.StoreError{Reason: core.ReasonPanicked}, by: by("alice", "skin-1"), reason: core.ReasonPanicked},
		{name: "a gate that is closed", by: by("alice", "skin-1"), reason: core.ReasonClosed,
			before: func(t *testing.T, g *core.Gate) { _ = g.Close(context.Background()) }},
		{name: "whom nobody bound, where the server must", by: owned, reason: core.ReasonUpstreamUnavailable,
			config: core.Config{Binding: core.BindingRequire, Owners: firstSeen(t, "alice", "skin-1")}},
		{name: "a known owner whose registry fails", by: by("alice", "skin-1"), reason: core.ReasonUpstreamUnavailable,
			config: core.Config{Owners: &failingOwners{Owners: core.NewMemoryOwners(), err: errors.New("disk full")}}},
	} {
		bubble(c.name, t, func(t *testing.T) {
			if c.cause == nil {
				c.cause = errDown
			}
			var log journal
			c.config.Logger = log.logger()
			gate, store := outage(t, c.config, c.cause)
			if c.before != nil {
				c.before(t, gate)
			}
			ctx := t.Context()
			if c.ctx != nil {
				ctx = c.ctx(ctx)
			}
			// Without the mode nobody is let in.
			if d := gate.Check(t.Context(), inApp("skin"), c.by); d.Granted() {
				t.Fatalf("granted (%s) without the mode", d.Reason)
			}
			time.Sleep(time.Minute)
			asked := store.count()
			setMode(t, gate, inApp("skin"), core.HoldOpen(time.Now().Add(time.Hour)))
			route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
			for range 2 {
				a := route.Admit(ctx, func() (core.Credentials, error) { return c.by, nil })
				d := a.Decision()
				if c.reason == "" {
					from(t, d, core.Granted, core.ReasonHeldOpen, core.SourceHoldOpen)
					if d.Product != inApp("skin") || d.Purchase != nil || !d.ExpiresAt.IsZero() || d.Err != nil {
						t.Errorf("the decision is %+v", d)
					}
				} else if d.Granted() || d.Reason != c.reason {
					t.Fatalf("got %v (%s), want %s", d.Outcome, d.Reason, c.reason)
				}
				if a.Open() != d.Granted() {
					t.Error("open differs from granted")
				}
			}
			held := uint64(0)
			for _, n := range gate.Stats().Decisions {
				if n.Source == core.SourceHoldOpen && n.Mode == "hold_open" {
					held += n.Count
				}
			}
			lines := 0
			if c.reason == "" {
				lines = 1
				if held != 2 || store.count() == asked {
					t.Errorf("%d were counted as let in, want 2; the store was asked %d times", held, store.count()-asked)
				}
			} else if held != 0 {
				t.Errorf("%d were counted as let in", held)
			}
			log.want(t, lines, "level=WARN", "a known owner is let in", "requirement=shop/inapp/skin", "product=shop/inapp/skin", "until=")
		})
	}
}

// firstSeen is a registry in which a token is recorded, though not by the server's own word.
func firstSeen(t *testing.T, account, token string) core.Owners {
	t.Helper()
	owners := core.NewMemoryOwners()
	if _, err := owners.Claim(t.Context(), core.Ownership{Store: "shop", Token: token, Product: "skin", Account: account}); err != nil {
		t.Fatal(err)
	}
	return owners
}

func TestHoldOpenHasNothingForConsumablesOrHandIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, _ := outage(t, core.Config{}, errDown)
		until := time.Now().Add(time.Hour)
		setMode(t, gate, inApp("skin"), core.HoldOpen(until))
		setMode(t, gate, inApp("skin").Consumable(), core.HoldOpen(until))
		want(t, gate.Check(t.Context(), inApp("skin").Consumable(), by("alice", "skin-1")), core.Undetermined, core.ReasonUpstreamUnavailable)
		want(t, gate.HandIn(t.Context(), "alice", inApp("skin"), "skin-1"), core.Undetermined, core.ReasonUpstreamUnavailable)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonHeldOpen)
		// The right to one product is none to another.
		setMode(t, gate, inApp("hat"), core.HoldOpen(until))
		want(t, gate.Check(t.Context(), inApp("hat"), by("alice", "skin-1")), core.Undetermined, core.ReasonUpstreamUnavailable)
	})
}

func TestHoldOpenLeavesAReplacedPlanOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		store.script(sells(func(token string) *core.Purchase {
			p := skin(token)
			p.LinkedToken = "skin-1"
			return p
		}))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-2")), core.Granted, core.ReasonOwned)
		time.Sleep(7 * time.Hour)
		store.script(fails(errDown))
		setMode(t, gate, inApp("skin"), core.HoldOpen(time.Now().Add(time.Hour)))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonUpstreamUnavailable)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-2")), core.Granted, core.ReasonHeldOpen)
	})
}

func TestHoldOpenEndsByItselfAtItsInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, store := outage(t, core.Config{Guard: core.Guard{TripAfter: 1000}}, errDown)
		until := time.Now().Add(10 * 24 * time.Hour)
		setMode(t, gate, inApp("skin"), core.HoldOpen(until))
		time.Sleep(time.Until(until) - 1)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonHeldOpen)
		time.Sleep(1 * time.Nanosecond)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonUpstreamUnavailable)
		if m := gate.Mode(inApp("skin")); m != core.Normal() || m.String() != "normal" || !m.Until().IsZero() {
			t.Errorf("the mode is %v until %v", m, m.Until())
		}
		for _, n := range gate.Stats().Decisions {
			if (n.Mode == "hold_open") != (n.Source == core.SourceHoldOpen) {
				t.Errorf("counted: %+v", n)
			}
		}
		// It never was a fact: the store's next word counts.
		store.script(fails(errNotFound))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonNotFound)
	})
}

// strictOwners honours its context, as a registry on the network does.
type strictOwners struct{ *core.MemoryOwners }

func (o strictOwners) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	select {
	case <-time.After(20 * time.Millisecond):
		return o.MemoryOwners.Owner(ctx, store, token)
	case <-ctx.Done():
		return core.Ownership{}, false, ctx.Err()
	}
}

func TestHoldOpenHelpsWhenTheStoreHangs(t *testing.T) {
	for _, c := range []struct {
		name   string
		route  core.RouteConfig
		answer answer
		owners core.Owners
		open   bool
		reason core.Reason
		waits  time.Duration
	}{
		{"a hung store", core.RouteConfig{}, hangs, nil, true, core.ReasonHeldOpen, 3020 * time.Millisecond},
		{"a hung store and a hung registry", core.RouteConfig{}, hangs, &failingOwners{Owners: core.NewMemoryOwners(), stuck: true}, false, core.ReasonDeadline, 3250 * time.Millisecond},
		{"a store that answers late to a route that waits", core.RouteConfig{}, after(time.Second, sells(skin)), nil, true, core.ReasonOwned, 1020 * time.Millisecond},
		{"a store that answers too late for a route that only attaches", core.RouteConfig{Attach: true}, after(time.Second, sells(skin)), nil, true, core.ReasonDeadline, 50 * time.Millisecond},
		{"a store that fails a route that only attaches", core.RouteConfig{Attach: true}, after(time.Millisecond, fails(errDown)), nil, true, core.ReasonHeldOpen, 21 * time.Millisecond},
	} {
		bubble(c.name, t, func(t *testing.T) {
			memory := core.NewMemoryOwners()
			if _, err := memory.Claim(t.Context(), core.Ownership{Store: "shop", Token: "skin-1", Product: "skin", Account: "alice"}); err != nil {
				t.Fatal(err)
			}
			if c.owners == nil {
				c.owners = strictOwners{memory}
			}
			gate := open(t, core.Config{Owners: c.owners}, newStore(c.answer))
			setMode(t, gate, inApp("skin"), core.HoldOpen(time.Now().Add(time.Hour)))
			began := time.Now()
			a := core.NewRoute(gate, inApp("skin"), c.route).Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "skin-1"), nil })
			if waited := time.Since(began); waited != c.waits {
				t.Errorf("waited %v, want %v", waited, c.waits)
			}
			if d := a.Decision(); d.Reason != c.reason || a.Open() != c.open {
				t.Errorf("got %v (%s, %v), open %v", d.Outcome, d.Reason, d.Err, a.Open())
			}
		})
	}
}

func TestHoldOpenOfSeveralProducts(t *testing.T) {
	mine, other := inApp("skin"), inApp("hat")
	for _, c := range []struct {
		name    string
		r       core.Requirement
		outcome core.Outcome
		reason  core.Reason
	}{
		{"any of two, one known", core.AnyOf(other, mine), core.Granted, core.ReasonHeldOpen},
		{"an entitlement with one known", core.Entitlement("vip", mine, other), core.Granted, core.ReasonHeldOpen},
		{"all of one known", core.AllOf(mine), core.Granted, core.ReasonHeldOpen},
		{"all of two, one known and one never bought", core.AllOf(mine, other), core.Denied, core.ReasonNotFound},
		{"a known one and a subscription that is fresh", core.AllOf(mine, subscription("vip")), core.Granted, core.ReasonActive},
	} {
		bubble(c.name, t, func(t *testing.T) {
			var log journal
			gate, store := outage(t, core.Config{Logger: log.logger()}, errDown)
			store.script(sells(func(token string) *core.Purchase { return vip(token, time.Hour) }))
			want(t, gate.HandIn(t.Context(), "alice", subscription("vip"), "vip-1"), core.Granted, core.ReasonActive)
			store.script(fails(errDown))
			setMode(t, gate, c.r, core.HoldOpen(time.Now().Add(time.Hour)))
			want(t, gate.Check(t.Context(), c.r, core.Credentials{Account: "alice", Owned: true}), c.outcome, c.reason)
			// Whichever product the decision names, that somebody was held open is said.
			lines := 1
			if c.outcome != core.Granted {
				lines = 0
			}
			log.want(t, lines, "a known owner is let in", "product=shop/inapp/skin")
		})
	}
}

func TestSetModeRacesWithChecks(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
	var all sync.WaitGroup
	stop := make(chan struct{})
	all.Go(func() {
		defer close(stop)
		for i := range 200 {
			if err := gate.SetMode(inApp("skin"), []core.Mode{core.Normal(), core.Shadow(), core.HoldOpen(time.Now().Add(time.Hour))}[i%3]); err != nil {
				t.Error(err)
			}
		}
	})
	var checks [4]uint64
	for i := range checks {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				checks[i]++
				a := route.Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "skin-1"), nil })
				if !a.Open() || !a.Decision().Granted() {
					t.Error("an owner was refused")
				}
				gate.Mode(inApp("skin"))
			}
		})
	}
	all.Wait()
	var counted, made uint64
	for _, n := range gate.Stats().Decisions {
		counted += n.Count
	}
	for _, n := range checks {
		made += n
	}
	if counted != made {
		t.Errorf("%d decisions were counted, %d were made", counted, made)
	}
}

func TestModesNameThemselves(t *testing.T) {
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		mode  core.Mode
		name  string
		until time.Time
	}{
		{core.Mode{}, "normal", time.Time{}},
		{core.Normal(), "normal", time.Time{}},
		{core.Shadow(), "shadow", time.Time{}},
		{core.HoldOpen(until), "hold_open", until},
	} {
		if c.mode.String() != c.name || !c.mode.Until().Equal(c.until) {
			t.Errorf("%q until %v, want %q", c.mode, c.mode.Until(), c.name)
		}
	}
}
