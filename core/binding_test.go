package core_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// labelled sells purchases whose label is the token's part behind "@", if it has one.
func labelled(label string) answer {
	return sells(func(token string) *core.Purchase {
		p := skin(token)
		p.Label = label
		return p
	})
}

func TestWhoMayUseAToken(t *testing.T) {
	const record, require, off = core.BindingRecord, core.BindingRequire, core.InsecureBindingOff
	for _, c := range []struct {
		name    string
		binding core.Binding
		label   string
		known   bool
		reason  core.Reason // for alice
	}{
		{"record: a label that names the account", record, "alice", false, core.ReasonOwned},
		{"record: a label that names another", record, "bob", false, core.ReasonAccountMismatch},
		{"record: no label", record, "", false, core.ReasonOwned},
		{"record: looked up by the server, whatever the label", record, "bob", true, core.ReasonOwned},
		{"require: a label that names the account", require, "alice", false, core.ReasonOwned},
		{"require: a label that names another", require, "bob", false, core.ReasonAccountMismatch},
		{"require: no label", require, "", false, core.ReasonAccountUnbound},
		{"require: looked up by the server", require, "", true, core.ReasonOwned},
		{"off: a label that names another", off, "bob", false, core.ReasonOwned},
		{"off: no label", off, "", false, core.ReasonOwned},
	} {
		t.Run(c.name, func(t *testing.T) {
			gate := open(t, core.Config{Binding: c.binding}, newStore(labelled(c.label)))
			credentials := core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "skin-1", Known: c.known}}}
			for range 3 { // from the store, from memory, remembered as bound
				d := gate.Check(t.Context(), inApp("skin"), credentials)
				if d.Reason != c.reason {
					t.Fatalf("got %v (%s), want %s", d.Outcome, d.Reason, c.reason)
				}
				if !d.Granted() && (d.Purchase != nil || !d.ExpiresAt.IsZero() || !d.VerifiedAt.IsZero()) {
					t.Errorf("a stranger is shown %+v", d)
				}
			}
		})
	}
}

func TestTheFirstAccountOwnsAnUnlabelledPurchase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		check := func(account string) core.Decision {
			return gate.Check(t.Context(), inApp("skin"), by(account, "skin-1"))
		}
		want(t, check("alice"), core.Granted, core.ReasonOwned)
		want(t, check("bob"), core.Denied, core.ReasonAccountMismatch)
		want(t, check("alice"), core.Granted, core.ReasonOwned)
		time.Sleep(5*time.Minute + time.Second) // stale, refreshed, and after the memory forgot
		want(t, check("bob"), core.Denied, core.ReasonAccountMismatch)
		store.script(fails(errDown))
		time.Sleep(time.Hour)
		want(t, check("bob"), core.Denied, core.ReasonAccountMismatch)
		from(t, check("alice"), core.Granted, core.ReasonOwned, core.SourceOutage)
		time.Sleep(24 * time.Hour)
		store.script(sells(skin))
		want(t, check("bob"), core.Denied, core.ReasonAccountMismatch)
		want(t, check("alice"), core.Granted, core.ReasonOwned)
	})
}

func TestOfManyAccountsAtOnceOneBecomesTheOwner(t *testing.T) {
	for range 20 {
		gate := open(t, core.Config{}, newStore(sells(skin)))
		granted := make(chan string, 64)
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				account := fmt.Sprint("account", i)
				if gate.Check(t.Context(), inApp("skin"), by(account, "skin-1")).Granted() {
					granted <- account
				}
			})
		}
		wg.Wait()
		if len(granted) != 1 {
			t.Fatalf("%d accounts own one purchase", len(granted))
		}
	}
}

// Whoever guesses the token of a lapsed purchase must not own it when its owner renews.
func TestALapsedPurchaseIsRecordedForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(func(token string) *core.Purchase { return vip(token, -time.Hour) }))
		owners := core.NewMemoryOwners()
		gate := open(t, core.Config{Owners: owners}, store)
		check := func(account string) core.Decision {
			return gate.Check(t.Context(), subscription("vip"), by(account, "vip-1"))
		}
		for range 2 {
			if d := check("mallory"); d.Outcome != core.Denied {
				t.Fatalf("got %v", d.Outcome)
			}
		}
		if _, ok, _ := owners.Owner(t.Context(), "shop", "vip-1"); ok {
			t.Error("somebody owns it")
		}
		store.script(sells(func(token string) *core.Purchase { return vip(token, time.Hour) }))
		time.Sleep(10 * time.Second)
		want(t, check("alice"), core.Granted, core.ReasonActive)
		want(t, check("mallory"), core.Denied, core.ReasonAccountMismatch)
	})
}

func TestALapsedPurchaseIsShownToItsOwnerOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(func(token string) *core.Purchase { return vip(token, time.Minute) }))
		gate := open(t, core.Config{}, store)
		check := func(account string) core.Decision {
			return gate.Check(t.Context(), subscription("vip"), by(account, "vip-1"))
		}
		want(t, check("alice"), core.Granted, core.ReasonActive)
		store.script(sells(func(token string) *core.Purchase { return vip(token, -time.Minute) }))
		time.Sleep(2 * time.Minute)
		d := check("alice")
		want(t, d, core.Denied, core.ReasonRenewalPending)
		if d.Purchase == nil {
			t.Error("the owner is shown nothing")
		}
		d = check("mallory")
		want(t, d, core.Denied, core.ReasonAccountMismatch)
		if d.Purchase != nil {
			t.Error("a stranger is shown the purchase")
		}
	})
}

func TestALinkedPurchaseInheritsItsPredecessorsAccount(t *testing.T) {
	for _, binding := range []core.Binding{core.BindingRecord, core.BindingRequire} {
		store := newStore(sells(func(token string) *core.Purchase {
			p := vip(token, time.Hour)
			if token == "vip-2" {
				p.LinkedToken = "vip-1"
			}
			return p
		}))
		gate := open(t, core.Config{Binding: binding}, store)
		if err := gate.Bind(t.Context(), "alice", subscription("vip"), "vip-1"); err != nil {
			t.Fatal(err)
		}
		check := func(account, token string) core.Decision {
			return gate.Check(t.Context(), subscription("vip"), by(account, token))
		}
		want(t, check("mallory", "vip-2"), core.Denied, core.ReasonAccountMismatch)
		want(t, check("alice", "vip-2"), core.Granted, core.ReasonActive)
		want(t, check("mallory", "vip-2"), core.Denied, core.ReasonAccountMismatch)
		// The inheritance is recorded: it outlives what is known of the predecessor.
		if err := gate.Unbind(t.Context(), "shop", "vip-1"); err != nil {
			t.Fatal(err)
		}
		want(t, check("mallory", "vip-2"), core.Denied, core.ReasonAccountMismatch)
		want(t, check("alice", "vip-2"), core.Granted, core.ReasonActive)
	}
}

func TestBindAndUnbindTakeEffectOnHits(t *testing.T) {
	store := newStore(sells(skin))
	gate := open(t, core.Config{Binding: core.BindingRequire}, store)
	product := inApp("skin")
	check := func(account string) core.Decision { return gate.Check(t.Context(), product, by(account, "skin-1")) }
	bind := func(account string) error { return gate.Bind(t.Context(), account, product, "skin-1") }
	unbind := func() {
		t.Helper()
		if err := gate.Unbind(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
	}
	want(t, check("alice"), core.Denied, core.ReasonAccountUnbound)
	if err := bind("alice"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		want(t, check("alice"), core.Granted, core.ReasonOwned)
	}
	if err := bind("bob"); !errors.Is(err, core.ErrOwned) {
		t.Errorf("binding it again: %v", err)
	}
	if err := bind("alice"); err != nil {
		t.Errorf("binding it to the same account again: %v", err)
	}
	want(t, check("bob"), core.Denied, core.ReasonAccountMismatch)
	unbind()
	want(t, check("alice"), core.Denied, core.ReasonAccountUnbound)
	unbind() // nobody owns it: no fault
	if err := bind("bob"); err != nil {
		t.Fatal(err)
	}
	want(t, check("bob"), core.Granted, core.ReasonOwned)
	want(t, check("alice"), core.Denied, core.ReasonAccountMismatch)
	calls(t, store, 1)
}

func TestBindRefusesWhatMakesNoOwner(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	for name, err := range map[string]error{
		"an empty account":   gate.Bind(t.Context(), "", inApp("skin"), "skin-1"),
		"a malformed token":  gate.Bind(t.Context(), "alice", inApp("skin"), "a b"),
		"an empty token":     gate.Bind(t.Context(), "alice", inApp("skin"), ""),
		"an unknown store":   gate.Bind(t.Context(), "alice", inApp("skin").On("x"), "skin-1"),
		"unbinding of one":   gate.Unbind(t.Context(), "x", "skin-1"),
		"an invalidation":    gate.InvalidateToken(t.Context(), "x", "skin-1"),
		"an invalidation, 2": gate.Invalidate(t.Context(), inApp("skin").On("x"), "skin-1"),
	} {
		if err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

func TestALabelGoesBeforeTheRegistry(t *testing.T) {
	gate := open(t, core.Config{}, newStore(labelled("bob")))
	if err := gate.Bind(t.Context(), "alice", inApp("skin"), "skin-1"); err != nil {
		t.Fatal(err)
	}
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonAccountMismatch)
	if got := gate.Label("bob"); got != "bob" {
		t.Errorf("the label is %q", got)
	}
}

// failingOwners is a registry that is down, or worse.
type failingOwners struct {
	core.Owners
	err   error
	zero  bool // claims answer with nobody
	stuck bool // answers when the context ends
}

func (f *failingOwners) Owner(ctx context.Context, _ core.StoreID, _ string) (core.Ownership, bool, error) {
	if f.stuck {
		<-ctx.Done()
		return core.Ownership{}, false, ctx.Err()
	}
	return core.Ownership{}, false, f.err
}

func (f *failingOwners) Claim(context.Context, core.Ownership) (core.Ownership, error) {
	if f.zero {
		return core.Ownership{}, nil
	}
	return core.Ownership{}, f.err
}

func TestARegistryThatFailsIsNotANo(t *testing.T) {
	cause := errors.New("disk full")
	owners := &failingOwners{Owners: core.NewMemoryOwners(), err: cause}
	gate := open(t, core.Config{Owners: owners}, newStore(sells(skin)))
	for range 2 {
		d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		want(t, d, core.Undetermined, core.ReasonLookupFailed)
		if !errors.Is(d.Err, cause) {
			t.Errorf("the error is %v", d.Err)
		}
	}
	if err := gate.Bind(t.Context(), "alice", inApp("skin"), "skin-1"); !errors.Is(err, cause) {
		t.Errorf("Bind: %v", err)
	}
	owners.err, owners.zero = nil, true
	if d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")); d.Granted() {
		t.Error("a registry that records nobody let somebody in")
	}
}

func TestARegistryThatHangsIsBoundedLikeAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := open(t, core.Config{Owners: &failingOwners{Owners: core.NewMemoryOwners(), stuck: true}}, newStore(sells(skin)))
		began := time.Now()
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonLookupFailed)
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestAGrantedHitAsksNoRegistry(t *testing.T) {
	owners := &countingOwners{Owners: core.NewMemoryOwners()}
	gate := open(t, core.Config{Owners: owners}, newStore(sells(skin)))
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	asked := owners.asked.load()
	for range 10 {
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	}
	if n := owners.asked.load(); n != asked {
		t.Errorf("ten hits asked the registry %d times", n-asked)
	}
}

type countingOwners struct {
	core.Owners
	asked gauge
}

func (c *countingOwners) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	c.asked.add(1)
	return c.Owners.Owner(ctx, store, token)
}

func (c *countingOwners) Claim(ctx context.Context, o core.Ownership) (core.Ownership, error) {
	c.asked.add(1)
	return c.Owners.Claim(ctx, o)
}
