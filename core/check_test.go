package core_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestCheckRefusesWhatItCannotJudge(t *testing.T) {
	product := inApp("skin")
	for _, c := range []struct {
		name        string
		credentials core.Credentials
		reason      core.Reason
	}{
		{"no credentials at all", core.Credentials{}, core.ReasonTokenMissing},
		{"an account without a token", core.Credentials{Account: "alice"}, core.ReasonTokenMissing},
		{"a token without an account", core.Credentials{Token: "skin-1"}, core.ReasonAccountMissing},
		{"known tokens of no account", core.Credentials{Tokens: []core.Token{{Value: "skin-1", Known: true}}}, core.ReasonAccountMissing},
		{"a token that no store can have issued", by("alice", "../skin"), core.ReasonInvalidToken},
		{"an empty token among several", core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "skin-1"}, {}}}, core.ReasonInvalidToken},
		{"a malformed token behind a good one", core.Credentials{Account: "alice", Token: "skin-1", Tokens: []core.Token{{Value: "a/b"}}}, core.ReasonInvalidToken},
		{"a hint at a store that does not exist", core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "skin-1", Store: "elsewhere"}}}, core.ReasonInvalidToken},
		{"an account that is known to have no token", core.Credentials{Account: "alice", Tokens: []core.Token{}}, core.ReasonNotFound},
		{"a hint at a product that is not asked for", core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "skin-1", Product: "vip"}}}, core.ReasonNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(sells(skin))
			gate := open(t, core.Config{}, store)
			want(t, gate.Check(t.Context(), product, c.credentials), core.Denied, c.reason)
			calls(t, store, 0)

			// What memory knows must not turn a bad request into a good one.
			want(t, gate.Check(t.Context(), product, by("alice", "skin-1")), core.Granted, core.ReasonOwned)
			d := gate.Check(t.Context(), product, c.credentials)
			if d.Outcome != core.Denied {
				t.Errorf("with a warm memory it is %v (%s)", d.Outcome, d.Reason)
			}
		})
	}
}

func TestADecisionCarriesWhatItRestsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ends := start.Add(10 * 24 * time.Hour)
		p := vip("", 0)
		p.ExpiresAt, p.Acknowledgement, p.PurchasedAt = ends, core.Unacknowledged, start.Add(-time.Hour)
		store := newStore(after(time.Second, says(*p)))
		gate := open(t, core.Config{}, store)
		product := subscription("vip")

		d := gate.Check(t.Context(), core.Entitlement("vip", inApp("skin"), product), core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "tok", Product: "vip"}}})
		from(t, d, core.Granted, core.ReasonActive, core.SourceStore)
		if !d.Granted() || d.Product != product || d.Purchase == nil || d.Purchase.Token != "tok" || !d.ExpiresAt.Equal(ends) ||
			!d.VerifiedAt.Equal(start) || !d.AcknowledgeBy.Equal(start.Add(71*time.Hour)) || d.RetryAfter != 0 || d.Err != nil {
			t.Errorf("got %+v", d)
		}
		again := gate.Check(t.Context(), product, by("alice", "tok"))
		from(t, again, core.Granted, core.ReasonActive, core.SourceMemory)
		if again.Purchase != d.Purchase || !again.VerifiedAt.Equal(start) {
			t.Errorf("a hit made the fact another one: %+v", again)
		}
	})
}

func TestAColdTokenIsAskedAboutInTheOrderWritten(t *testing.T) {
	store := newStore(sells(skin))
	gate := open(t, core.Config{}, store)
	r := core.Entitlement("all", inApp("a"), inApp("b"), inApp("c"))

	want(t, gate.Check(t.Context(), r, by("alice", "b-1")), core.Granted, core.ReasonOwned)
	if got := store.took(); !slices.Equal(got, []string{"a b-1", "b b-1"}) {
		t.Errorf("asked %q", got)
	}
	// Now it is b's, and speaks for nothing else.
	want(t, gate.Check(t.Context(), inApp("a"), by("alice", "b-1")), core.Denied, core.ReasonProductMismatch)
	want(t, gate.Check(t.Context(), core.AnyOf(inApp("a"), inApp("c")), by("alice", "b-1")), core.Denied, core.ReasonProductMismatch)
	want(t, gate.Check(t.Context(), r, core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "b-1", Product: "c"}}}), core.Denied, core.ReasonProductMismatch)
	if got := store.took(); got != nil {
		t.Errorf("asked again: %q", got)
	}
}

func TestAHintOnlyNarrows(t *testing.T) {
	store := newStore(sells(skin))
	other := newStore(sells(skin))
	other.id = "other"
	gate := open(t, core.Config{}, store, other)
	here, there := inApp("a"), inApp("a").On("other")
	r := core.AnyOf(here, inApp("b"), there)
	check := func(token core.Token) core.Decision {
		return gate.Check(t.Context(), r, core.Credentials{Account: "alice", Tokens: []core.Token{token}})
	}

	want(t, check(core.Token{Value: "b-1", Product: "b"}), core.Granted, core.ReasonOwned)
	if got := store.took(); !slices.Equal(got, []string{"b b-1"}) {
		t.Errorf("a product hint asked %q", got)
	}
	if d := check(core.Token{Value: "a-1", Store: "other"}); d.Product != there {
		t.Errorf("a store hint found %v", d.Product)
	}
	calls(t, store, 1)
	if d := check(core.Token{Value: "zzz-1", Product: "zzz"}); d.Outcome != core.Denied {
		t.Errorf("a hint at a product outside the route: %v", d.Outcome)
	}
	calls(t, store, 1)
	// A hint that says otherwise than the fact is a contradiction, not a second chance.
	want(t, check(core.Token{Value: "b-1", Product: "a", Store: "shop"}), core.Denied, core.ReasonProductMismatch)
	calls(t, store, 1)
}

func TestATokenOfAnotherStoreSpeaksForNothingHere(t *testing.T) {
	store := newStore(sells(skin))
	other := newStore(sells(skin))
	other.id = "other"
	gate := open(t, core.Config{}, store, other)
	c := core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "skin-1", Store: "other"}}}
	want(t, gate.Check(t.Context(), inApp("skin"), c), core.Denied, core.ReasonNotFound)
	calls(t, store, 0)
	calls(t, other, 0)
}

func TestMemoryAndStoreGiveTheSameReasons(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	both := core.AllOf(inApp("a"), inApp("b"))
	for _, from := range []string{"the store", "memory"} {
		d := gate.Check(t.Context(), both, by("alice", "a-1"))
		if d.Outcome != core.Denied || d.Reason != core.ReasonProductMismatch || d.Product != inApp("b") {
			t.Errorf("from %s: %v (%s) on %v", from, d.Outcome, d.Reason, d.Product)
		}
	}
}

func TestCheckEachAnswersInOrder(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	ds := gate.CheckEach(t.Context(), []core.Requirement{inApp("a"), inApp("skin"), nil}, by("alice", "skin-1"))
	if len(ds) != 3 {
		t.Fatalf("%d decisions", len(ds))
	}
	want(t, ds[0], core.Denied, core.ReasonNotFound)
	want(t, ds[1], core.Granted, core.ReasonOwned)
	want(t, ds[2], core.Undetermined, core.ReasonMisconfigured)
	if none := gate.CheckEach(t.Context(), nil, by("alice", "skin-1")); len(none) != 0 {
		t.Errorf("%d decisions on nothing", len(none))
	}
}

func TestMemoryAnswersACallerWhoHasLeft(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	from(t, gate.Check(gone, inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceMemory)
	want(t, gate.Check(gone, inApp("skin"), by("alice", "skin-2")), core.Undetermined, core.ReasonCallerGone)
}
