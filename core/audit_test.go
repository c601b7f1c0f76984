package core_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestWhatBindingWouldRefuseIsCountedWhereItIsOff(t *testing.T) {
	const off = core.InsecureBindingOff
	for _, c := range []struct {
		name    string
		binding core.Binding
		label   string
		checks  []core.Credentials // all of them granted, but for what binding refuses
		want    uint64
	}{
		{"an account by its label, and a stranger before and after it", off, "alice", []core.Credentials{by("bob", "skin-1"), by("alice", "skin-1"), by("bob", "skin-1"), by("alice", "skin-1")}, 2},
		{"the first account without a label, and those after it", off, "", []core.Credentials{by("alice", "skin-1"), by("alice", "skin-1"), by("bob", "skin-1"), by("carol", "skin-1"), by("alice", "skin-1")}, 2},
		{"each purchase for itself", off, "", []core.Credentials{by("alice", "skin-1"), by("bob", "skin-2"), by("alice", "skin-2")}, 1},
		{"nobody in particular", off, "alice", []core.Credentials{{Token: "skin-1"}, {Token: "skin-1"}}, 0},
		{"what the server looked up", off, "bob", []core.Credentials{{Account: "alice", Tokens: []core.Token{{Value: "skin-1", Known: true}}}}, 0},
		{"binding that is on, and refuses", core.BindingRecord, "bob", []core.Credentials{by("alice", "skin-1"), by("alice", "skin-1")}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			gate := open(t, core.Config{Binding: c.binding}, newStore(labelled(c.label)))
			for _, credentials := range c.checks {
				if d := gate.Check(t.Context(), inApp("skin"), credentials); !d.Granted() && c.binding == off {
					t.Fatalf("%s of %q: %s", d.Outcome, credentials.Account, d.Reason)
				}
			}
			if got := shop(t, gate).WouldRefuse; got != c.want {
				t.Errorf("counted %d, want %d", got, c.want)
			}
		})
	}
}

func TestAPurchaseThatGrantsNothingIsNotCountedAsRefusedByBinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alices := vip("vip-1", time.Hour)
		alices.Label = "alice"
		gate := open(t, core.Config{Binding: core.InsecureBindingOff}, newStore(sells(func(string) *core.Purchase {
			again := *alices
			return &again
		})))
		check := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("bob", "vip-1")) }
		want(t, check(), core.Granted, core.ReasonActive)
		time.Sleep(2 * time.Hour)
		for range 2 { // from the store, from memory
			want(t, check(), core.Denied, core.ReasonRenewalPending)
		}
		if n := shop(t, gate).WouldRefuse; n != 1 {
			t.Errorf("counted %d, want the one that was granted", n)
		}
	})
}

func TestBindingsThatChangeMakeNobodyAStranger(t *testing.T) {
	gate := open(t, core.Config{Binding: core.InsecureBindingOff}, newStore(sells(skin)))
	for range 2 {
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		if err := gate.Unbind(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
	}
	if n := shop(t, gate).WouldRefuse; n != 0 {
		t.Errorf("counted %d, want none", n)
	}
}
