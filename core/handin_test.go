package core_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// owner is who is recorded for a token, and whether by the server's own word.
func owner(t testing.TB, o core.Owners, token string) string {
	t.Helper()
	have, ok, err := o.Owner(t.Context(), "shop", token)
	switch {
	case err != nil:
		t.Fatal(err)
	case !ok:
		return "nobody"
	case have.Bound:
		return have.Account + ", bound"
	}
	return have.Account
}

func TestHandIn(t *testing.T) {
	lapsed := func(change func(*core.Purchase)) answer {
		return sells(func(token string) *core.Purchase {
			p := skin(token)
			change(p)
			return p
		})
	}
	for _, c := range []struct {
		name    string
		config  core.Config
		answer  answer // default: sells skins without labels
		before  func(*testing.T, *core.Gate)
		account string // default: alice
		token   string // default: skin-1
		outcome core.Outcome
		reason  core.Reason
		owner   string // default: nobody
		calls   int    // default: 1
	}{
		{name: "an unlabelled purchase", outcome: core.Granted, reason: core.ReasonOwned, owner: "alice, bound"},
		{name: "a purchase with the account's label", answer: labelled("alice"), outcome: core.Granted, reason: core.ReasonOwned, owner: "alice, bound"},
		{name: "where only the server's word counts", config: core.Config{Binding: core.BindingRequire}, outcome: core.Granted, reason: core.ReasonOwned, owner: "alice, bound"},
		{name: "a purchase that is not acknowledged yet", answer: lapsed(unacknowledged), outcome: core.Granted, reason: core.ReasonActiveUnacknowledged, owner: "alice, bound"},
		{name: "what the account was the first to present", outcome: core.Granted, reason: core.ReasonOwned, owner: "alice, bound",
			before: func(t *testing.T, g *core.Gate) {
				want(t, g.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
			}},
		{name: "what the account handed in before", outcome: core.Granted, reason: core.ReasonOwned, owner: "alice, bound",
			before: func(t *testing.T, g *core.Gate) {
				want(t, g.HandIn(t.Context(), "alice", inApp("skin"), "skin-1"), core.Granted, core.ReasonOwned)
			}},
		{name: "what another account was the first to present", outcome: core.Denied, reason: core.ReasonAccountMismatch, owner: "bob",
			before: func(t *testing.T, g *core.Gate) {
				want(t, g.Check(t.Context(), inApp("skin"), by("bob", "skin-1")), core.Granted, core.ReasonOwned)
			}},
		{name: "what another account handed in", outcome: core.Denied, reason: core.ReasonAccountMismatch, owner: "bob, bound",
			before: func(t *testing.T, g *core.Gate) {
				want(t, g.HandIn(t.Context(), "bob", inApp("skin"), "skin-1"), core.Granted, core.ReasonOwned)
			}},
		{name: "what another account handed in, where only the server's word counts", config: core.Config{Binding: core.BindingRequire},
			outcome: core.Denied, reason: core.ReasonAccountMismatch, owner: "bob, bound",
			before: func(t *testing.T, g *core.Gate) {
				want(t, g.HandIn(t.Context(), "bob", inApp("skin"), "skin-1"), core.Granted, core.ReasonOwned)
			}},
		{name: "a purchase with another account's label", answer: labelled("bob"), outcome: core.Denied, reason: core.ReasonAccountMismatch},
		{name: "where binding is off", config: core.Config{Binding: core.InsecureBindingOff}, outcome: core.Granted, reason: core.ReasonOwned, owner: "alice, bound"},
		{name: "what another account handed in, where binding is off", config: core.Config{Binding: core.InsecureBindingOff},
			outcome: core.Denied, reason: core.ReasonAccountMismatch, owner: "bob, bound",
			before: func(t *testing.T, g *core.Gate) {
				want(t, g.HandIn(t.Context(), "bob", inApp("skin"), "skin-1"), core.Granted, core.ReasonOwned)
			}},
		{name: "another account's label, where binding is off", config: core.Config{Binding: core.InsecureBindingOff}, answer: labelled("bob"),
			outcome: core.Denied, reason: core.ReasonAccountMismatch},
		{name: "no account, where binding is off", account: "-", config: core.Config{Binding: core.InsecureBindingOff}, calls: -1,
			outcome: core.Denied, reason: core.ReasonAccountMissing},
		{name: "a purchase that was cancelled", answer: lapsed(func(p *core.Purchase) { p.State = core.StateCanceled }), outcome: core.Denied, reason: core.ReasonPurchaseCanceled},
		{name: "a purchase that was used up", answer: lapsed(consumed(core.Consumed)), outcome: core.Denied, reason: core.ReasonConsumed},
		{name: "a purchase that is not paid yet", answer: lapsed(func(p *core.Purchase) { p.State = core.StatePending }), outcome: core.Denied, reason: core.ReasonPending},
		{name: "a purchase that was voided", outcome: core.Denied, reason: core.ReasonVoided,
			before: func(t *testing.T, g *core.Gate) {
				if err := g.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}); err != nil {
					t.Fatal(err)
				}
			}},
		{name: "an answer that says nothing", answer: says(core.Purchase{}), outcome: core.Undetermined, reason: core.ReasonMalformedUpstream},
		{name: "a token of no purchase", token: "none-1", outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "a token of another product", token: "hat-1", outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "a store that is down", answer: fails(errDown), outcome: core.Undetermined, reason: core.ReasonUpstreamUnavailable},
		{name: "a store that refuses our key", answer: fails(&core.StoreError{Fault: core.FaultMisconfigured}), outcome: core.Undetermined, reason: core.ReasonUpstreamMisconfigured},
		{name: "a store that panics", answer: func(context.Context, core.Product, string) (*core.Purchase, error) { panic("") }, outcome: core.Undetermined, reason: core.ReasonPanicked},
		{name: "a token that no store issues", token: "../x", calls: -1, outcome: core.Denied, reason: core.ReasonInvalidToken},
		{name: "a token with a line break", token: "skin-1\n", calls: -1, outcome: core.Denied, reason: core.ReasonInvalidToken},
		{name: "no token", token: "-", calls: -1, outcome: core.Denied, reason: core.ReasonTokenMissing},
		{name: "no account", account: "-", calls: -1, outcome: core.Denied, reason: core.ReasonAccountMissing},
		{name: "a gate that is closed", calls: -1, outcome: core.Undetermined, reason: core.ReasonClosed,
			before: func(t *testing.T, g *core.Gate) { _ = g.Close(context.Background()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			or := func(s, def string) string {
				switch s {
				case "":
					return def
				case "-":
					return ""
				}
				return s
			}
			account, token := or(c.account, "alice"), or(c.token, "skin-1")
			answer := c.answer
			if answer == nil {
				answer = sells(skin)
			}
			c.config.Owners = core.NewMemoryOwners()
			store := newStore(answer)
			gate := open(t, c.config, store)
			if c.before != nil {
				c.before(t, gate)
			}
			d := gate.HandIn(t.Context(), account, inApp("skin"), token)
			want(t, d, c.outcome, c.reason)
			if d.Product != inApp("skin") {
				t.Errorf("the product is %v", d.Product)
			}
			calls(t, store, max(c.calls+1, 0))
			if got := owner(t, c.config.Owners, token); got != or(c.owner, "nobody") {
				t.Errorf("%s owns it, want %s", got, or(c.owner, "nobody"))
			}
			if !d.Granted() {
				if d := gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: account, Owned: true}); d.Granted() {
					t.Error("the account owns what it could not hand in")
				}
			} else if d := gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: account, Owned: true}); !d.Granted() {
				t.Errorf("the account does not own what it handed in: %s", d.Reason)
			}
		})
	}
}

func TestOfManyHandInsAtOnceOneWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		owners := core.NewMemoryOwners()
		store := newStore(after(time.Second, sells(skin)))
		gate := open(t, core.Config{Owners: owners}, store)
		decisions := make([]core.Decision, 20)
		var everybody sync.WaitGroup
		for i := range decisions {
			everybody.Go(func() { decisions[i] = gate.HandIn(t.Context(), fmt.Sprint("player", i), inApp("skin"), "skin-1") })
		}
		everybody.Wait()
		winner := ""
		for i, d := range decisions {
			if !d.Granted() {
				want(t, d, core.Denied, core.ReasonAccountMismatch)
				if d.Purchase != nil {
					t.Error("a loser sees the purchase")
				}
				continue
			}
			if winner != "" {
				t.Errorf("%s and player%d won", winner, i)
			}
			winner = fmt.Sprint("player", i)
		}
		if got := owner(t, owners, "skin-1"); got != winner+", bound" {
			t.Errorf("%s owns it, %s won", got, winner)
		}
		calls(t, store, 1)
	})
}

func TestAHandInOutlivesMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		want(t, gate.HandIn(t.Context(), "alice", inApp("skin"), "skin-1"), core.Granted, core.ReasonOwned)
		time.Sleep(24 * time.Hour)
		from(t, gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Owned: true}), core.Granted, core.ReasonOwned, core.SourceStore)
		from(t, gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Owned: true}), core.Granted, core.ReasonOwned, core.SourceMemory)
		calls(t, store, 2)
		// A right ends when its purchase does, however it came.
		store.script(fails(errNotFound))
		time.Sleep(24 * time.Hour)
		want(t, gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Owned: true}), core.Denied, core.ReasonNotFound)
	})
}

func TestOwnedIsWhatTheRegistryKnows(t *testing.T) {
	owned := core.Credentials{Account: "alice", Owned: true}
	hand := func(products ...core.Product) func(*testing.T, *core.Gate) {
		return func(t *testing.T, g *core.Gate) {
			for _, p := range products {
				want(t, g.HandIn(t.Context(), "alice", p, p.ID+"-1"), core.Granted, core.ReasonOwned)
			}
		}
	}
	present := func(token string) func(*testing.T, *core.Gate) {
		return func(t *testing.T, g *core.Gate) { g.Check(t.Context(), inApp("skin"), by("alice", token)) }
	}
	for _, c := range []struct {
		name    string
		config  core.Config
		answer  answer // default: sells skins, hats and so on without labels
		before  func(*testing.T, *core.Gate)
		r       core.Requirement // default: the skin
		by      *core.Credentials
		outcome core.Outcome
		reason  core.Reason
	}{
		{name: "nothing", outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "what was handed in", before: hand(inApp("skin")), outcome: core.Granted, reason: core.ReasonOwned},
		{name: "what was presented first", before: present("skin-1"), outcome: core.Granted, reason: core.ReasonOwned},
		{name: "another product", before: hand(inApp("hat")), outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "one of several", before: hand(inApp("hat"), inApp("skin")), outcome: core.Granted, reason: core.ReasonOwned},
		{name: "all of several", before: hand(inApp("hat"), inApp("skin")), r: core.AllOf(inApp("skin"), inApp("hat")), outcome: core.Granted, reason: core.ReasonOwned},
		{name: "not all of several", before: hand(inApp("hat")), r: core.AllOf(inApp("skin"), inApp("hat")), outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "a product of another kind", before: hand(inApp("skin")), r: subscription("skin"), outcome: core.Denied, reason: core.ReasonProductMismatch},
		{name: "nobody", by: &core.Credentials{Owned: true}, before: hand(inApp("skin")), outcome: core.Denied, reason: core.ReasonAccountMissing},
		{name: "another account", by: &core.Credentials{Account: "bob", Owned: true}, before: hand(inApp("skin")), outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "beside a token of another account", by: &core.Credentials{Account: "bob", Token: "skin-1", Owned: true}, before: hand(inApp("skin")), outcome: core.Denied, reason: core.ReasonAccountMismatch},
		{name: "beside a malformed token", by: &core.Credentials{Account: "alice", Token: "a/b", Owned: true}, before: hand(inApp("skin")), outcome: core.Denied, reason: core.ReasonInvalidToken},
		{name: "beside a token that is unknown", by: &core.Credentials{Account: "alice", Token: "none-1", Owned: true}, before: hand(inApp("skin")), outcome: core.Granted, reason: core.ReasonOwned},
		{name: "what was released", before: func(t *testing.T, g *core.Gate) {
			hand(inApp("skin"))(t, g)
			if err := g.Unbind(t.Context(), "shop", "skin-1"); err != nil {
				t.Fatal(err)
			}
		}, outcome: core.Denied, reason: core.ReasonNotFound},
		{name: "what was voided", before: func(t *testing.T, g *core.Gate) {
			hand(inApp("skin"))(t, g)
			if err := g.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}); err != nil {
				t.Fatal(err)
			}
		}, outcome: core.Denied, reason: core.ReasonVoided},
		{name: "an older purchase that lapsed beside one that stands", answer: sells(func(token string) *core.Purchase {
			p := skin(token)
			if token == "skin-old" {
				p.State = core.StateCanceled
			}
			return p
		}), before: func(t *testing.T, g *core.Gate) {
			for _, token := range []string{"skin-old", "skin-1"} {
				if err := g.Bind(t.Context(), "alice", inApp("skin"), token); err != nil {
					t.Fatal(err)
				}
			}
		}, outcome: core.Granted, reason: core.ReasonOwned},
		{name: "a purchase that only the label binds, where the server's word counts", config: core.Config{Binding: core.BindingRequire},
			answer: labelled("alice"), before: present("skin-1"), outcome: core.Granted, reason: core.ReasonOwned},
		{name: "a purchase that nothing binds, where the server's word counts",
			config: core.Config{Binding: core.BindingRequire, Owners: firstSeen(t, "alice", "skin-1")}, outcome: core.Denied, reason: core.ReasonAccountUnbound},
		{name: "beside a purchase at a store that the gate no longer has", config: core.Config{Owners: leftOver(t)}, outcome: core.Granted, reason: core.ReasonOwned},
		{name: "a registry that fails", config: core.Config{Owners: &unlistedOwners{core.NewMemoryOwners()}}, outcome: core.Undetermined, reason: core.ReasonLookupFailed},
		{name: "a store that is down", config: core.Config{Owners: firstSeen(t, "alice", "skin-1")}, answer: fails(errDown), outcome: core.Undetermined, reason: core.ReasonUpstreamUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.answer == nil {
				c.answer = sells(skin)
			}
			gate := open(t, c.config, newStore(c.answer))
			if c.before != nil {
				c.before(t, gate)
			}
			if c.r == nil {
				c.r = inApp("skin")
			}
			if c.by == nil {
				c.by = &owned
			}
			d := gate.Check(t.Context(), c.r, *c.by)
			want(t, d, c.outcome, c.reason)
			if d := gate.Check(t.Context(), c.r, *c.by); d.Outcome != c.outcome {
				t.Errorf("the second time it is %v (%s)", d.Outcome, d.Reason)
			}
		})
	}
}

// leftOver is a registry that outlived one of its stores.
func leftOver(t *testing.T) core.Owners {
	owners := firstSeen(t, "alice", "skin-1")
	if _, err := owners.Claim(t.Context(), core.Ownership{Store: "closed", Token: "old-1", Product: "skin", Account: "alice"}); err != nil {
		t.Fatal(err)
	}
	return owners
}

// unlistedOwners cannot say what an account owns.
type unlistedOwners struct{ core.Owners }

func (unlistedOwners) Owned(context.Context, string) ([]core.Ownership, error) {
	return nil, context.DeadlineExceeded
}

func TestHandInOnAGateThatWasNotMade(t *testing.T) {
	for _, gate := range []*core.Gate{nil, {}} {
		want(t, gate.HandIn(t.Context(), "alice", inApp("skin"), "skin-1"), core.Undetermined, core.ReasonMisconfigured)
	}
	gate := open(t, core.Config{}, newStore(sells(skin)))
	want(t, gate.HandIn(t.Context(), "alice", inApp("skin").On("elsewhere"), "skin-1"), core.Undetermined, core.ReasonMisconfigured)
	want(t, gate.HandIn(t.Context(), "alice", core.Product{}, "skin-1"), core.Undetermined, core.ReasonMisconfigured)
}
