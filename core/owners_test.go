package core_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/skugate/skugate/core"
)

func TestMemoryOwners(t *testing.T) {
	testOwners(t, func(*testing.T) core.Owners { return core.NewMemoryOwners() })
}

// testOwners is what every Owners does. empty returns an empty registry.
func testOwners(t *testing.T, empty func(t *testing.T) core.Owners) {
	own := func(account, token string) core.Ownership {
		return core.Ownership{Store: "shop", Token: token, Product: "skin", Account: account}
	}
	claim := func(t *testing.T, r core.Owners, o core.Ownership) core.Ownership {
		t.Helper()
		got, err := r.Claim(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	owned := func(t *testing.T, r core.Owners, account string) []core.Ownership {
		t.Helper()
		got, err := r.Owned(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	t.Run("an empty registry knows nobody", func(t *testing.T) {
		r := empty(t)
		if o, ok, err := r.Owner(t.Context(), "shop", "t1"); ok || err != nil || o != (core.Ownership{}) {
			t.Errorf("got %+v %v %v", o, ok, err)
		}
		if got := owned(t, r, "alice"); len(got) != 0 {
			t.Errorf("alice owns %v", got)
		}
		if err := r.Release(t.Context(), "shop", "t1"); err != nil {
			t.Errorf("releasing what nobody owns: %v", err)
		}
	})
	t.Run("the first claim stands", func(t *testing.T) {
		r := empty(t)
		if got := claim(t, r, own("alice", "t1")); got != own("alice", "t1") {
			t.Errorf("got %+v", got)
		}
		if got := claim(t, r, own("bob", "t1")); got != own("alice", "t1") {
			t.Errorf("the second got %+v", got)
		}
		o, ok, err := r.Owner(t.Context(), "shop", "t1")
		if err != nil || !ok || o != own("alice", "t1") {
			t.Errorf("got %+v %v %v", o, ok, err)
		}
		if got := owned(t, r, "bob"); len(got) != 0 {
			t.Errorf("bob owns %v", got)
		}
	})
	t.Run("bound is kept once it was true", func(t *testing.T) {
		r := empty(t)
		bound := own("alice", "t1")
		bound.Bound = true
		claim(t, r, own("alice", "t1"))
		if got := claim(t, r, bound); got != bound {
			t.Errorf("claimed again as bound: %+v", got)
		}
		if got := claim(t, r, own("alice", "t1")); got != bound {
			t.Errorf("claimed again as recorded: %+v", got)
		}
		stolen := own("bob", "t1")
		stolen.Bound = true
		if got := claim(t, r, stolen); got != bound {
			t.Errorf("another account's claim changed it: %+v", got)
		}
	})
	t.Run("one token at two stores is two purchases", func(t *testing.T) {
		r := empty(t)
		other := own("bob", "t1")
		other.Store = "other"
		claim(t, r, own("alice", "t1"))
		if got := claim(t, r, other); got != other {
			t.Errorf("got %+v", got)
		}
		if err := r.Release(t.Context(), "other", "t1"); err != nil {
			t.Fatal(err)
		}
		if _, ok, _ := r.Owner(t.Context(), "shop", "t1"); !ok {
			t.Error("a release at one store released at the other")
		}
	})
	t.Run("an account's purchases come oldest first", func(t *testing.T) {
		r := empty(t)
		var all []core.Ownership
		for i := range 5 {
			all = append(all, own("alice", fmt.Sprint("t", i)))
			claim(t, r, all[i])
			claim(t, r, own("bob", fmt.Sprint("u", i)))
		}
		claim(t, r, all[0]) // again: no newer for it
		if got := owned(t, r, "alice"); !slices.Equal(got, all) {
			t.Errorf("got %v", got)
		}
		if err := r.Release(t.Context(), "shop", "t2"); err != nil {
			t.Fatal(err)
		}
		if got := owned(t, r, "alice"); !slices.Equal(got, slices.Delete(slices.Clone(all), 2, 3)) {
			t.Errorf("after a release: %v", got)
		}
	})
	t.Run("what is released can be claimed by another", func(t *testing.T) {
		r := empty(t)
		claim(t, r, own("alice", "t1"))
		if err := r.Release(t.Context(), "shop", "t1"); err != nil {
			t.Fatal(err)
		}
		if got := owned(t, r, "alice"); len(got) != 0 {
			t.Errorf("alice still owns %v", got)
		}
		if got := claim(t, r, own("bob", "t1")); got != own("bob", "t1") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("what it returns is the caller's own", func(t *testing.T) {
		r := empty(t)
		claim(t, r, own("alice", "t1"))
		owned(t, r, "alice")[0].Account = "mallory"
		if got := owned(t, r, "alice"); !slices.Equal(got, []core.Ownership{own("alice", "t1")}) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("an empty account owns nothing", func(t *testing.T) {
		r := empty(t)
		if _, err := r.Claim(t.Context(), own("", "t1")); err == nil {
			t.Error("an empty account could claim")
		}
		if _, ok, _ := r.Owner(t.Context(), "shop", "t1"); ok {
			t.Error("and was recorded")
		}
	})
	t.Run("of many claims at once one stands", func(t *testing.T) {
		r := empty(t)
		got := make([]string, 64)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				o, err := r.Claim(t.Context(), own(fmt.Sprint("account", i), "t1"))
				if err != nil {
					t.Error(err)
				}
				got[i] = o.Account
			})
		}
		wg.Wait()
		for _, account := range got {
			if account != got[0] || account == "" {
				t.Fatalf("claims disagree: %q and %q", got[0], account)
			}
		}
	})
}
