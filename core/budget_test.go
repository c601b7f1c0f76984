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

func TestTheBudgetOfUnknownTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 3, Every: 10 * time.Second}}, store)
		check := func(account, token string) core.Decision {
			return gate.Check(t.Context(), inApp("skin"), by(account, token))
		}
		want(t, check("alice", "skin-1"), core.Granted, core.ReasonOwned)
		for i := range 3 {
			want(t, check("alice", fmt.Sprint("none-", i)), core.Denied, core.ReasonNotFound)
			time.Sleep(6 * time.Second / 10)
			want(t, check("alice", fmt.Sprint("none-", i)), core.Denied, core.ReasonNotFound) // charged once
		}
		before := store.count()
		d := check("alice", "none-9")
		want(t, d, core.Undetermined, core.ReasonTooManyUnknownTokens)
		if reply := core.Answer(d, 0); reply.Status != 429 {
			t.Errorf("a client is told %d, want 429", reply.Status)
		}
		calls(t, store, before)
		want(t, check("alice", "skin-1"), core.Granted, core.ReasonOwned) // memory still answers
		want(t, check("bob", "skin-2"), core.Granted, core.ReasonOwned)   // others are not concerned
		time.Sleep(10 * time.Second)
		want(t, check("alice", "skin-3"), core.Granted, core.ReasonOwned)
	})
}

// A stranger who guesses gets no more look-ups than the budget has, however the guesses are sent.
func TestTheBudgetCannotBeStretched(t *testing.T) {
	const burst, guesses = 5, 100
	slow := after(500*time.Millisecond, fails(errNotFound))
	guess := func(i int) core.Credentials { return by("mallory", fmt.Sprint("guess-", i)) }
	attach := func(ctx context.Context, g *core.Gate, c core.Credentials) {
		core.NewRoute(g, inApp("skin"), core.RouteConfig{Attach: true}).Admit(ctx, func() (core.Credentials, error) { return c, nil })
	}
	check := func(ctx context.Context, g *core.Gate, c core.Credentials) { g.Check(ctx, inApp("skin"), c) }
	leaving := func(ctx context.Context, g *core.Gate, c core.Credentials) {
		ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		check(ctx, g, c)
	}
	parallel := func(each func(context.Context, *core.Gate, core.Credentials)) func(*testing.T, *core.Gate) {
		return func(t *testing.T, g *core.Gate) {
			var all sync.WaitGroup
			for i := range guesses {
				all.Go(func() { each(t.Context(), g, guess(i)) })
			}
			all.Wait()
		}
	}
	for _, c := range []struct {
		name   string
		answer answer
		send   func(*testing.T, *core.Gate)
	}{
		{"all at once", slow, parallel(check)},
		{"all at once, and hung up early", slow, parallel(leaving)},
		{"all at once, and hung up early, of what the store refuses as no token", after(500*time.Millisecond, fails(&core.StoreError{Fault: core.FaultTokenRefused})), parallel(leaving)},
		{"all at once, at a route that attaches", slow, parallel(attach)},
		{"one after the other, each hung up early", fails(errNotFound), func(t *testing.T, g *core.Gate) {
			for i := range guesses {
				leaving(t.Context(), g, guess(i))
			}
		}},
		{"one after the other, of what the store refuses as no token", fails(&core.StoreError{Fault: core.FaultTokenRefused}), func(t *testing.T, g *core.Gate) {
			for i := range guesses {
				check(t.Context(), g, guess(i))
			}
		}},
		{"eight to a request", slow, func(t *testing.T, g *core.Gate) {
			for i := range guesses / 8 {
				c := core.Credentials{Account: "mallory"}
				for j := range 8 {
					c.Tokens = append(c.Tokens, core.Token{Value: fmt.Sprint("guess-", 8*i+j)})
				}
				leaving(t.Context(), g, c)
			}
		}},
		{"as hand-ins", fails(errNotFound), func(t *testing.T, g *core.Gate) {
			for i := range guesses {
				g.HandIn(t.Context(), "mallory", inApp("skin"), guess(i).Token)
			}
		}},
	} {
		bubble(c.name, t, func(t *testing.T) {
			store := newStore(c.answer)
			gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: burst, Every: time.Hour}}, store)
			c.send(t, gate)
			time.Sleep(time.Second)
			c.send(t, gate) // once more, when all that was under way has landed
			time.Sleep(time.Second)
			if n := store.count(); n > burst {
				t.Errorf("the store was asked %d times, want at most %d", n, burst)
			}
			store.script(sells(skin))
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		})
	}
}

// What the budget is not spent on: nobody who paid runs dry.
func TestWhatIsNotCharged(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer answer
		send   func(g *core.Gate, i int) core.Credentials
	}{
		{"purchases", sells(skin), func(_ *core.Gate, i int) core.Credentials { return by("alice", fmt.Sprint("skin-", i)) }},
		{"purchases that lapsed", sells(func(token string) *core.Purchase {
			p := skin(token)
			p.State = core.StateCanceled
			return p
		}), func(_ *core.Gate, i int) core.Credentials { return by("alice", fmt.Sprint("skin-", i)) }},
		{"outages", fails(errDown), func(_ *core.Gate, i int) core.Credentials { return by("alice", fmt.Sprint("skin-", i)) }},
		{"tokens that the server looked up", fails(errNotFound), func(_ *core.Gate, i int) core.Credentials {
			return core.Credentials{Account: "alice", Tokens: []core.Token{{Value: fmt.Sprint("none-", i), Known: true}}}
		}},
		{"one purchase that has not landed, asked about again and again", fails(errNotFound), func(*core.Gate, int) core.Credentials { return by("alice", "skin-early") }},
		{"what others guess", fails(errNotFound), func(_ *core.Gate, i int) core.Credentials {
			return by(fmt.Sprint("mallory-", i), fmt.Sprint("none-", i))
		}},
	} {
		bubble(c.name, t, func(t *testing.T) {
			store := newStore(c.answer)
			gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 2, Every: 1000 * time.Hour}, Guard: core.Guard{TripAfter: 1000}}, store)
			for i := range 50 {
				if d := gate.Check(t.Context(), inApp("skin"), c.send(gate, i)); d.Reason == core.ReasonTooManyUnknownTokens {
					t.Fatalf("check %d was refused", i)
				}
				time.Sleep(6 * time.Second)
			}
			store.script(sells(skin))
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-new")), core.Granted, core.ReasonOwned)
		})
	}
}

// A token that is a purchase of none of the route's products is one unknown token, not one for each.
func TestATokenIsChargedOnceForAllProducts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := core.AnyOf(inApp("a"), inApp("b"), inApp("c"))
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 2, Every: time.Hour}}, newStore(sells(skin)))
		want(t, gate.Check(t.Context(), r, by("alice", "none-1")), core.Denied, core.ReasonNotFound)
		want(t, gate.Check(t.Context(), r, by("alice", "c-1")), core.Granted, core.ReasonOwned) // two of three were misses
		want(t, gate.Check(t.Context(), r, by("alice", "none-2")), core.Denied, core.ReasonNotFound)
		want(t, gate.Check(t.Context(), r, by("alice", "none-3")), core.Undetermined, core.ReasonTooManyUnknownTokens)
	})
}

// What the store refuses is remembered like an absence, so that repeating it asks nothing.
func TestARefusedTokenIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(fails(&core.StoreError{Fault: core.FaultTokenRefused}))
		gate := open(t, core.Config{}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		want(t, check(), core.Denied, core.ReasonInvalidToken)
		for range 100 {
			d := check()
			from(t, d, core.Denied, core.ReasonInvalidToken, core.SourceMemory)
			if status := core.Answer(d, 0).Status; status != 400 {
				t.Fatalf("the status is %d", status)
			}
		}
		calls(t, store, 1)
		store.script(sells(skin))
		time.Sleep(5 * time.Second)
		want(t, check(), core.Granted, core.ReasonOwned)
	})
}
