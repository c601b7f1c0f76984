package core_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// late answers with the purchase as it is when the store is asked, and takes its time.
func late(d time.Duration, make func() *core.Purchase) answer {
	return func(ctx context.Context, _ core.Product, token string) (*core.Purchase, error) {
		p := *make()
		p.Token = token
		return after(d, says(p))(ctx, core.Product{}, token)
	}
}

// renews is a subscription that ends in left, is renewed then, and says so to whoever asks afterwards.
func renews(left time.Duration) func() *core.Purchase {
	ends := time.Now().Add(left)
	return func() *core.Purchase {
		p := vip("", 0)
		if p.ExpiresAt = ends; time.Now().After(ends) {
			p.ExpiresAt = ends.Add(30 * 24 * time.Hour)
		}
		return p
	}
}

// A purchase can end while the store's answer is on its way. One that renews may have done so meanwhile:
// the answer is from before, and says neither yes nor no.
func TestARenewalThatOvertakesAnAnswerIsAskedAbout(t *testing.T) {
	const left, slow = 100 * time.Millisecond, 300 * time.Millisecond
	setup := func(t *testing.T, c core.Config, a answer) (*scripted, func(account string) core.Decision) {
		store := newStore(a)
		gate := open(t, c, store)
		return store, func(account string) core.Decision {
			return gate.Check(t.Context(), core.AnyOf(subscription("vip"), inApp("skin")), by(account, "t"))
		}
	}
	// then replaces the answers after the first.
	then := func(first, second answer) answer {
		n := 0
		return func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
			if n++; n == 1 {
				return first(ctx, p, token)
			}
			return second(ctx, p, token)
		}
	}
	bubble("and the second answer lets in", t, func(t *testing.T) {
		store, check := setup(t, core.Config{}, late(slow, renews(left)))
		from(t, check("alice"), core.Granted, core.ReasonActive, core.SourceStore)
		calls(t, store, 2)
		from(t, check("alice"), core.Granted, core.ReasonActive, core.SourceMemory)
		want(t, check("bob"), core.Denied, core.ReasonAccountMismatch)
	})
	bubble("once for a hundred callers", t, func(t *testing.T) {
		store, check := setup(t, core.Config{Binding: core.InsecureBindingOff}, late(slow, renews(left)))
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() {
				if d := check(""); !d.Granted() {
					t.Errorf("got %v (%s)", d.Outcome, d.Reason)
				}
			})
		}
		callers.Wait()
		calls(t, store, 2)
	})
	bubble("and a no after the end is one", t, func(t *testing.T) {
		p := vip("", left)
		store, check := setup(t, core.Config{}, after(slow, says(*p)))
		from(t, check("alice"), core.Denied, core.ReasonRenewalPending, core.SourceStore)
		calls(t, store, 2)
		from(t, check("alice"), core.Denied, core.ReasonRenewalPending, core.SourceMemory)
	})
	bubble("but not if it was cancelled", t, func(t *testing.T) {
		p := vip("", left)
		p.AutoRenewing = false
		store, check := setup(t, core.Config{}, after(slow, says(*p)))
		want(t, check("alice"), core.Denied, core.ReasonExpired)
		calls(t, store, 1)
	})
	bubble("and a store that is gone then has not said no", t, func(t *testing.T) {
		store, check := setup(t, core.Config{}, then(late(slow, renews(left)), fails(errDown)))
		want(t, check("alice"), core.Undetermined, core.ReasonUpstreamUnavailable)
		calls(t, store, 2)
		store.script(late(0, renews(time.Hour)))
		from(t, check("alice"), core.Granted, core.ReasonActive, core.SourceStore)
	})
	bubble("but the renewal grace counts from the first answer", t, func(t *testing.T) {
		lives := core.Lifetimes{RenewalGrace: time.Minute}
		_, check := setup(t, core.Config{Lifetimes: lives}, then(late(slow, renews(left)), fails(errDown)))
		from(t, check("alice"), core.Granted, core.ReasonActive, core.SourceOutage)
	})
	bubble("and only within the check's time", t, func(t *testing.T) {
		_, check := setup(t, core.Config{Timeout: 400 * time.Millisecond}, late(slow, renews(left)))
		began := time.Now()
		want(t, check("alice"), core.Undetermined, core.ReasonDeadline)
		if took := time.Since(began); took != 400*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
	bubble("and once only", t, func(t *testing.T) {
		store, check := setup(t, core.Config{}, late(slow, func() *core.Purchase { return vip("", left) }))
		want(t, check("alice"), core.Undetermined, core.ReasonDeadline)
		calls(t, store, 2)
	})
	bubble("and a token that was found is not charged", t, func(t *testing.T) {
		budget := core.UnknownTokens{Burst: 1, Every: time.Hour}
		store := newStore(then(late(slow, renews(left)), fails(errNotFound)))
		gate := open(t, core.Config{UnknownTokens: budget}, store)
		check := func(token string) core.Decision {
			return gate.Check(t.Context(), subscription("vip"), by("alice", token))
		}
		want(t, check("t"), core.Denied, core.ReasonNotFound)
		store.script(says(*vip("", time.Hour)))
		from(t, check("u"), core.Granted, core.ReasonActive, core.SourceStore)
	})
}

func TestAVoidedPurchaseThatEndsOnTheWayIsVoided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(late(300*time.Millisecond, renews(100*time.Millisecond)))
		gate := open(t, core.Config{}, store)
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "t"}); err != nil {
			t.Fatal(err)
		}
		want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "t")), core.Denied, core.ReasonVoided)
		calls(t, store, 1)
	})
}
