package gatetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// RunOwners tests that a registry does what core.Owners says. empty returns a registry without entries,
// one of its own for each test; t.Cleanup closes it. A registry that is kept somewhere passes a reopen
// as well: it closes o, opens again what is kept, and returns that, so that the suite can look whether
// everything is still there.
func RunOwners(t *testing.T, empty func(t *testing.T) core.Owners, reopen ...func(t *testing.T, o core.Owners) core.Owners) {
	run := func(name string, test func(owners)) {
		t.Run(name, func(t *testing.T) { test(owners{t, empty(t), reopen}) })
	}
	run("an empty registry knows nobody", emptyOwners)
	run("the first claim stands", firstClaim)
	run("bound is kept once it was true", boundClaim)
	run("one token at two stores is two purchases", twoStores)
	run("no store and token run into each other", oddNames)
	run("an account's purchases come oldest first", oldestFirst)
	run("what is released can be claimed by another", releasing)
	run("what it returns is the caller's own", callersOwn)
	run("an empty account owns nothing", emptyAccount)
	run("of many claims at once one stands", parallelClaims)
	run("bound is kept under parallel claims", parallelBound)
	run("claims, releases and questions may come at once", parallelAll)
	run("under a context that has ended it works or says so", endedContext)
}

// owners is a registry under test.
type owners struct {
	*testing.T
	core.Owners
	reopen []func(*testing.T, core.Owners) core.Owners
}

// own is an ownership as a gate records it.
func own(account, token string) core.Ownership {
	return core.Ownership{Store: "shop", Token: token, Product: "skin", Account: account}
}

func bound(o core.Ownership) core.Ownership {
	o.Bound = true
	return o
}

// again runs check, and once more on what is kept.
func (o *owners) again(check func()) {
	o.Helper()
	check()
	for _, reopen := range o.reopen {
		o.Owners = reopen(o.T, o.Owners)
		check()
	}
}

func (o *owners) claims(claimed, stands core.Ownership) {
	o.Helper()
	if got, err := o.Claim(o.Context(), claimed); err != nil || got != stands {
		o.Errorf("claiming %+v: %+v, %v; want %+v", claimed, got, err, stands)
	}
}

func (o *owners) owns(account string, want ...core.Ownership) {
	o.Helper()
	if got, err := o.Owned(o.Context(), account); err != nil || !slices.Equal(got, want) {
		o.Errorf("%s owns %+v, %v; want %+v", account, got, err, want)
	}
	for _, w := range want {
		if got, ok, err := o.Owner(o.Context(), w.Store, w.Token); err != nil || !ok || got != w {
			o.Errorf("the owner of %q is %+v, %v, %v; want %+v", w.Token, got, ok, err, w)
		}
	}
}

func (o *owners) nobody(store core.StoreID, token string) {
	o.Helper()
	if got, ok, err := o.Owner(o.Context(), store, token); ok || err != nil || got != (core.Ownership{}) {
		o.Errorf("the owner of %q is %+v, %v, %v; want nobody", token, got, ok, err)
	}
}

func (o *owners) releases(store core.StoreID, token string) {
	o.Helper()
	if err := o.Release(o.Context(), store, token); err != nil {
		o.Errorf("releasing %q: %v", token, err)
	}
}

func emptyOwners(o owners) {
	o.again(func() {
		o.nobody("shop", "t1")
		o.owns("alice")
		o.releases("shop", "t1")
	})
}

func firstClaim(o owners) {
	o.claims(own("alice", "t1"), own("alice", "t1"))
	o.claims(own("bob", "t1"), own("alice", "t1"))
	other := own("bob", "t1")
	other.Product = "another"
	o.claims(other, own("alice", "t1"))
	o.again(func() {
		o.owns("alice", own("alice", "t1"))
		o.owns("bob")
		o.claims(own("bob", "t1"), own("alice", "t1"))
	})
}

func boundClaim(o owners) {
	recorded, stands := own("alice", "t1"), bound(own("alice", "t1"))
	o.claims(recorded, recorded)
	o.claims(stands, stands)
	o.claims(recorded, stands)
	o.claims(bound(own("bob", "t1")), stands)
	o.claims(recorded, stands)
	// A claim of somebody else's binds nothing for the owner either.
	o.claims(own("alice", "t2"), own("alice", "t2"))
	o.claims(bound(own("bob", "t2")), own("alice", "t2"))
	o.again(func() { o.owns("alice", stands, own("alice", "t2")) })
}

func twoStores(o owners) {
	other := own("bob", "t1")
	other.Store = "other"
	o.claims(own("alice", "t1"), own("alice", "t1"))
	o.claims(other, other)
	o.again(func() { o.owns("bob", other) })
	o.releases("other", "t1")
	o.again(func() {
		o.nobody("other", "t1")
		o.owns("alice", own("alice", "t1"))
		o.owns("bob")
	})
}

func oddNames(o owners) {
	var all []core.Ownership
	for _, name := range [][3]string{
		{"a", "bc", "x"}, {"ab", "c", "x"}, {"a:", "bc", "x:"}, {"a", ":bc", ":x"}, {"a/b", "c", "x/y"}, {"a", "b/c", "x"},
		{"a\x00b", "c", "x\x00"}, {"a", "b\x00c", "\x00"}, {"a", "B", "X"}, {"a", "b", "x "}, {"店", "토큰", "선수"},
		{"a", strings.Repeat("t", 1<<10), strings.Repeat("account", 50)}, {"a", "*", "*"}, {"a", "..", "../x"},
	} {
		all = append(all, core.Ownership{Store: core.StoreID(name[0]), Token: name[1], Product: "skin", Account: name[2]})
	}
	accounts := map[string][]core.Ownership{}
	for _, w := range all {
		o.claims(w, w)
		accounts[w.Account] = append(accounts[w.Account], w)
	}
	o.again(func() {
		for account, want := range accounts {
			o.owns(account, want...)
		}
	})
}

func oldestFirst(o owners) {
	var all []core.Ownership
	for i := range 12 { // t10 sorts before t2
		all = append(all, own("alice", fmt.Sprint("t", 11-i)))
		o.claims(all[i], all[i])
		o.claims(own("bob", fmt.Sprint("u", i)), own("bob", fmt.Sprint("u", i)))
	}
	o.claims(all[0], all[0]) // again: no newer for it
	all[3] = bound(all[3])
	o.claims(all[3], all[3])
	o.again(func() { o.owns("alice", all...) })
	o.releases("shop", all[2].Token)
	o.again(func() { o.owns("alice", slices.Delete(slices.Clone(all), 2, 3)...) })
	o.claims(all[2], all[2]) // now it is the newest
	o.again(func() { o.owns("alice", append(slices.Delete(slices.Clone(all), 2, 3), all[2])...) })
}

func releasing(o owners) {
	o.claims(bound(own("alice", "t1")), bound(own("alice", "t1")))
	o.releases("shop", "t1")
	o.again(func() {
		o.nobody("shop", "t1")
		o.owns("alice")
	})
	o.claims(own("bob", "t1"), own("bob", "t1")) // not bound, as the one before was
	o.again(func() {
		o.owns("bob", own("bob", "t1"))
		o.owns("alice")
	})
}

func callersOwn(o owners) {
	o.claims(own("alice", "t1"), own("alice", "t1"))
	got, err := o.Owned(o.Context(), "alice")
	if err != nil || len(got) != 1 {
		o.Fatalf("got %v, %v", got, err)
	}
	got[0].Account = "mallory"
	_ = append(got, own("mallory", "t2"))
	o.owns("alice", own("alice", "t1"))
	o.owns("mallory")
}

func emptyAccount(o owners) {
	for _, claimed := range []core.Ownership{own("", "t1"), bound(own("", "t1"))} {
		if got, err := o.Claim(o.Context(), claimed); err == nil || got != (core.Ownership{}) {
			o.Errorf("an empty account claims: %+v, %v", got, err)
		} else if strings.Contains(err.Error(), "t1") {
			o.Errorf("the error names the token: %v", err)
		}
	}
	o.claims(own("alice", "t2"), own("alice", "t2"))
	if got, err := o.Claim(o.Context(), own("", "t2")); err == nil {
		o.Errorf("an empty account claims what is another's: %+v", got)
	}
	o.again(func() {
		o.nobody("shop", "t1")
		o.owns("")
		o.owns("alice", own("alice", "t2"))
	})
}
