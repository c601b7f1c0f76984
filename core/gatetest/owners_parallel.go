package gatetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/skugate/skugate/core"
)

func parallelClaims(o owners) {
	const accounts, tokens = 16, 8
	var got [tokens][accounts]core.Ownership
	var wg sync.WaitGroup
	for account := range accounts {
		wg.Go(func() {
			for token := range tokens {
				var err error
				if got[token][account], err = o.Claim(o.Context(), own(fmt.Sprint("account", account), fmt.Sprint("t", token))); err != nil {
					o.Error(err)
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for token := range tokens {
		stands := got[token][0]
		for _, g := range got[token] {
			if g != stands || g.Account == "" {
				o.Fatalf("claims disagree: %+v and %+v", stands, g)
			}
		}
		if now, ok, err := o.Owner(o.Context(), "shop", stands.Token); err != nil || !ok || now != stands {
			o.Errorf("afterwards the owner is %+v, %v, %v; every claim was told %+v", now, ok, err, stands)
		}
	}
	for account := range accounts {
		owned, err := o.Owned(o.Context(), fmt.Sprint("account", account))
		if err != nil {
			o.Error(err)
		}
		total += len(owned)
	}
	if total != tokens {
		o.Errorf("%d purchases are owned, want %d", total, tokens)
	}
}

func parallelBound(o owners) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			claimed := own("alice", "t1")
			claimed.Bound = i == 7
			if got, err := o.Claim(o.Context(), claimed); err != nil || claimed.Bound && !got.Bound {
				o.Errorf("claiming %+v: %+v, %v", claimed, got, err)
			}
		})
	}
	wg.Wait()
	o.again(func() { o.owns("alice", bound(own("alice", "t1"))) })
}

func parallelAll(o owners) {
	var wg sync.WaitGroup
	for i := range 8 {
		account, token := fmt.Sprint("account", i%2), fmt.Sprint("t", i%3)
		wg.Go(func() {
			for range 20 {
				stands, err := o.Claim(o.Context(), own(account, token))
				if err != nil || stands.Token != token || stands.Account == "" {
					o.Errorf("claiming: %+v, %v", stands, err)
				}
				owned, err := o.Owned(o.Context(), account)
				if err != nil || slices.ContainsFunc(owned, func(w core.Ownership) bool { return w.Account != account }) {
					o.Errorf("%s owns %+v, %v", account, owned, err)
				}
				if now, ok, err := o.Owner(o.Context(), "shop", token); err != nil || ok && now.Token != token {
					o.Errorf("the owner of %q is %+v, %v", token, now, err)
				}
				if err := o.Release(o.Context(), "shop", token); err != nil {
					o.Error(err)
				}
			}
		})
	}
	wg.Wait()
	o.again(func() {
		for i := range 3 {
			o.nobody("shop", fmt.Sprint("t", i))
		}
		o.owns("account0")
		o.owns("account1")
	})
}

// A caller that is gone may be served or not, but is not told anything that is not so.
func endedContext(o owners) {
	ctx, cancel := context.WithCancelCause(o.Context())
	cancel(errors.New("the caller is gone"))
	o.claims(own("alice", "t1"), own("alice", "t1"))
	if got, err := o.Claim(ctx, own("bob", "t1")); err == nil && got != own("alice", "t1") {
		o.Errorf("claiming: %+v", got)
	}
	if got, ok, err := o.Owner(ctx, "shop", "t1"); err == nil && (!ok || got != own("alice", "t1")) {
		o.Errorf("the owner is %+v, %v", got, ok)
	}
	if got, err := o.Owned(ctx, "alice"); err == nil && !slices.Equal(got, []core.Ownership{own("alice", "t1")}) {
		o.Errorf("alice owns %+v", got)
	}
	want := []core.Ownership{own("alice", "t1")}
	if got, err := o.Claim(ctx, own("alice", "t2")); err == nil {
		want = append(want, got)
		o.again(func() { o.owns("alice", want...) })
	}
	if err := o.Release(ctx, "shop", "t1"); err == nil {
		o.again(func() { o.nobody("shop", "t1") })
	}
}
