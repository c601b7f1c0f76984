package gatetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/skugate/skugate/core"
)

// decisions is where a handler finds what was decided.
func decisions(t *testing.T, a *adapter) {
	t.Run("a granted request carries its decision in both places", func(t *testing.T) {
		handler := &premium{do: func(r Request) Response {
			d, ok := r.Decision, r.Found
			if !ok || !d.Granted() || d.Reason != core.ReasonActive || d.Product != vip || d.Purchase == nil || d.Purchase.Token != "vip.alice" {
				t.Errorf("From = %+v, %v", d, ok)
			}
			if got, ok := core.FromContext(r.Context); !ok || got != d {
				t.Errorf("core.FromContext = %+v, %v; want %+v", got, ok, d)
			}
			if got, ok := core.Find(r.Context, vip); !ok || got != d {
				t.Errorf("core.Find = %+v, %v; want %+v", got, ok, d)
			}
			if got, ok := core.Find(r.Context, skin); ok {
				t.Errorf("core.Find of what no gate asked for = %+v", got)
			}
			return Response{Body: "PREMIUM"}
		}}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one())))
		wantLetIn(t, get(t, address, as("alice", "vip.alice")...))
		handler.wantRuns(t, 1)
	})
	t.Run("behind no gate there is none", func(t *testing.T) {
		handler := &premium{do: func(r Request) Response {
			if d, ok := core.FromContext(r.Context); ok || r.Found || r.Decision != (core.Decision{}) {
				t.Errorf("From = %+v, %v; core.FromContext = %+v, %v", r.Decision, r.Found, d, ok)
			}
			return Response{}
		}}
		address := a.serve(t, handler.at("/open"), (&premium{}).at("/raids", a.require(newGate(t, newShop()), vip, a.one())))
		conn := dial(t, address)
		for _, path := range []string{"/raids", "/open"} { // also not one left from the request before
			if got, err := conn.do("GET", head("GET", path, as("alice", "vip.alice")...)); err != nil || got.code() != 200 {
				t.Errorf("%s: got\n%s\n%v", path, got, err)
			}
		}
		handler.wantRuns(t, 1)
	})
	t.Run("of nested gates the innermost decides last", func(t *testing.T) { nested(t, a) })
	t.Run("a decision outlives its request", func(t *testing.T) { outlives(t, a) })
}

func nested(t *testing.T, a *adapter) {
	sees := func(where string, r Request, p core.Product) {
		if d, ok := core.FromContext(r.Context); !r.Found || r.Decision.Product != p || !ok || d != r.Decision {
			t.Errorf("%s: From = %v, %v; core.FromContext = %v, %v; want the decision on %v", where, r.Decision.Product, r.Found, d.Product, ok, p)
		}
	}
	handler := &premium{do: func(r Request) Response {
		sees("the handler", r, skin)
		for _, p := range []core.Product{vip, skin} {
			if d, ok := core.Find(r.Context, p); !ok || d.Product != p || !d.Granted() {
				t.Errorf("core.Find(%v) = %+v, %v", p, d, ok)
			}
		}
		return Response{Body: "PREMIUM"}
	}}
	several := a.tokensHeader("X-Purchase-Tokens", player)
	gate := newGate(t, newShop())
	var after atomic.Int64
	address := a.serve(t, handler.at("/raids",
		a.then(func(r Request) {
			if d, ok := core.FromContext(r.Context); ok {
				t.Errorf("in front of both gates core.FromContext = %+v", d)
			}
		}),
		a.require(gate, vip, several),
		a.then(func(r Request) { after.Add(1); sees("between the gates, afterwards", r, vip) }),
		a.require(gate, skin, several)))
	both := []string{"X-Player: alice", "X-Purchase-Tokens: skin.alice, vip.alice"}
	wantLetIn(t, get(t, address, both...))
	handler.wantRuns(t, 1)
	if got := get(t, address, "X-Player: alice", "X-Purchase-Tokens: skin.alice"); got.outcome() != notOwned {
		t.Errorf("without what the outer gate asks for: got\n%s", got)
	}
	if n := after.Load(); n != 1 {
		t.Errorf("behind the outer gate there were %d requests, want 1", n)
	}
	if got := get(t, address, "X-Player: alice", "X-Purchase-Tokens: vip.alice"); got.outcome() != notOwned {
		t.Errorf("without what the inner gate asks for: got\n%s", got)
	}
	if n := after.Load(); n != 2 {
		t.Errorf("behind the outer gate there were %d requests, want 2", n)
	}
	handler.wantRuns(t, 1)
}

// outlives keeps a decision while its connection, and whatever memory goes with that, serves others.
func outlives(t *testing.T, a *adapter) {
	kept := make(chan core.Decision, 1)
	handler := &premium{do: func(r Request) Response {
		select {
		case kept <- r.Decision:
		default: // the first one is kept
		}
		return Response{Body: "PREMIUM"}
	}}
	raw := a.credentials(func(h headerFunc) (core.Credentials, error) {
		return core.Credentials{Account: player(h), Token: h("X-Purchase-Token")}, nil
	})
	address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, raw)))
	conn := dial(t, address)
	ask := func(player string) {
		if got, err := conn.do("GET", head("GET", "/raids", as(player, "vip."+player)...)); err != nil || got.code() != 200 {
			t.Errorf("%s: got\n%s\n%v", player, got, err)
		}
	}
	ask("alice")
	d := next(t, "a decision", kept)
	tell := func() string {
		return fmt.Sprintf("%v %v %+v %v %v %v", d.Outcome, d.Product, *d.Purchase, d.ExpiresAt, d.Source, d.PublicReason())
	}
	first, done := tell(), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			if now := tell(); now != first {
				t.Errorf("the decision was %s and became %s", first, now)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for i := range 50 {
		ask(fmt.Sprintf("p%04d", i)) // as long as alice: it would fit where she stood
	}
	close(done)
	wg.Wait()
	if now := tell(); now != first || d.Purchase.Token != "vip.alice" {
		t.Errorf("the decision was %s and became %s", first, now)
	}
}
