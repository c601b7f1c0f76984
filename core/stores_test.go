package core_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// twoStores is a gate in front of two stores, and one entitlement that either sells.
func twoStores(t *testing.T, c core.Config, here, there answer) (*core.Gate, core.Requirement, *scripted, *scripted) {
	t.Helper()
	a, b := newStore(here), newStore(there)
	b.id = "other"
	return open(t, c, a, b), core.Entitlement("skin", inApp("skin"), inApp("skin").On("other")), a, b
}

func TestATokenWithoutAHintIsAskedAtEachStore(t *testing.T) {
	for _, c := range []struct {
		name        string
		here, there answer
		want        core.Outcome
		reason      core.Reason
	}{
		{"found at one of them", sells(skin), fails(errNotFound), core.Granted, core.ReasonOwned},
		{"found at the other", fails(errNotFound), sells(skin), core.Granted, core.ReasonOwned},
		{"found at one, the other is down", sells(skin), fails(errDown), core.Granted, core.ReasonOwned},
		{"found at the other, the one is down", fails(errDown), sells(skin), core.Granted, core.ReasonOwned},
		{"found at neither", fails(errNotFound), fails(errNotFound), core.Denied, core.ReasonNotFound},
		{"no here, an outage there", fails(errNotFound), fails(errDown), core.Undetermined, core.ReasonUpstreamUnavailable},
		{"an outage here, no there", fails(errDown), fails(errNotFound), core.Undetermined, core.ReasonUpstreamUnavailable},
	} {
		gate, vip, _, _ := twoStores(t, core.Config{}, c.here, c.there)
		if d := gate.Check(t.Context(), vip, by("alice", "skin-1")); d.Outcome != c.want || d.Reason != c.reason {
			t.Errorf("%s: %v (%s, %v), want %v (%s)", c.name, d.Outcome, d.Reason, d.Err, c.want, c.reason)
		}
	}
}

func TestTheFirstYesDoesNotWaitForTheOtherStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, vip, _, slow := twoStores(t, core.Config{}, after(time.Millisecond, sells(skin)), after(time.Second, fails(errNotFound)))
		began := time.Now()
		want(t, gate.Check(t.Context(), vip, by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		if took := time.Since(began); took != time.Millisecond {
			t.Errorf("it took %v", took)
		}
		calls(t, slow, 1)
	})
}

// A purchase that one store has is none of another's, whatever became of it since.
func TestATokenThatIsKnownIsAskedAtNoOtherStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lapsed := func(token string) *core.Purchase {
			p := vip(token, -time.Hour)
			p.AutoRenewing = false
			return p
		}
		here, there := newStore(sells(lapsed)), newStore(fails(errNotFound))
		there.id = "other"
		gate := open(t, core.Config{}, here, there)
		either := core.Entitlement("vip", subscription("skin"), subscription("skin").On("other"))
		for range 5 {
			want(t, gate.Check(t.Context(), either, by("alice", "skin-1")), core.Denied, core.ReasonExpired)
		}
		calls(t, here, 1)
		calls(t, there, 1)
		there.script(fails(errDown)) // nor does its outage put anything in doubt
		time.Sleep(time.Second)
		want(t, gate.Check(t.Context(), either, by("alice", "skin-1")), core.Denied, core.ReasonExpired)
		calls(t, there, 1)
	})
}

func TestAHintAsksOneStoreAlone(t *testing.T) {
	gate, vip, here, there := twoStores(t, core.Config{}, sells(skin), fails(errDown))
	ask := func(tokens ...core.Token) core.Decision {
		return gate.Check(t.Context(), vip, core.Credentials{Account: "alice", Tokens: tokens})
	}
	want(t, ask(core.Token{Value: "skin-1", Store: "shop"}), core.Granted, core.ReasonOwned)
	calls(t, there, 0)
	want(t, ask(core.Token{Value: "skin-2", Store: "other", Product: "skin"}), core.Undetermined, core.ReasonUpstreamUnavailable)
	calls(t, here, 1)
	d := ask(core.Token{Value: "skin-3", Store: "elsewhere"})
	want(t, d, core.Denied, core.ReasonInvalidToken)
	if core.Answer(d, 0).Status != 400 || d.Err == nil {
		t.Errorf("a store that the gate does not have: %+v", d)
	}
	calls(t, here, 1)
	calls(t, there, 1)
}

func TestLookUpsAtSeveralStoresAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, vip, here, there := twoStores(t, core.Config{Timeout: time.Minute}, after(time.Second, fails(errNotFound)), after(time.Second, fails(errNotFound)))
		var tokens []core.Token
		for i := range core.MaxTokens {
			tokens = append(tokens, core.Token{Value: fmt.Sprint("none-", i)})
		}
		began := time.Now()
		want(t, gate.Check(t.Context(), vip, core.Credentials{Account: "alice", Tokens: tokens}), core.Denied, core.ReasonNotFound)
		if took := time.Since(began); took != 4*time.Second { // 16 look-ups, 4 at once
			t.Errorf("it took %v", took)
		}
		calls(t, here, 8)
		calls(t, there, 8)
	})
}

// That a store does not know another store's token is nobody's guess.
func TestATokenOfOneStoreIsNotChargedForTheOther(t *testing.T) {
	for _, c := range []struct {
		name        string
		here, there answer
		leave       time.Duration // 0: the caller waits
	}{
		{"the no comes first", after(2*time.Millisecond, sells(skin)), after(time.Millisecond, fails(errNotFound)), 0},
		{"the yes comes first", after(time.Millisecond, sells(skin)), after(2*time.Millisecond, fails(errNotFound)), 0},
		{"the caller leaves before both", after(3*time.Millisecond, sells(skin)), after(2*time.Millisecond, fails(errNotFound)), time.Millisecond},
		{"the caller leaves after the no", after(3*time.Millisecond, sells(skin)), after(time.Millisecond, fails(errNotFound)), 2 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate, vip, here, _ := twoStores(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 2, Every: time.Hour}}, c.here, c.there)
				ask := func(token string) core.Decision {
					ctx := t.Context()
					if c.leave > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, c.leave)
						defer cancel()
					}
					defer time.Sleep(10 * time.Millisecond) // until what was left alone has landed
					return gate.Check(ctx, vip, by("alice", token))
				}
				for i := range 6 {
					if d := ask(fmt.Sprint("skin-", i)); d.Reason == core.ReasonTooManyUnknownTokens {
						t.Fatalf("token %d: %s", i, d.Reason)
					}
				}
				// Those that nobody sold are charged once, though two stores were asked.
				here.script(after(3*time.Millisecond, fails(errNotFound)))
				for i := range 3 {
					if d := ask(fmt.Sprint("none-", i)); (d.Reason == core.ReasonTooManyUnknownTokens) != (i == 2) {
						t.Errorf("guess %d: %s", i, d.Reason)
					}
				}
			})
		})
	}
}
