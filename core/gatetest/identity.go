package gatetest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skugate/skugate/core"
)

// naming answers with whom and what the gate let in.
func naming(r Request) Response {
	return Response{Body: fmt.Sprintf("%s with %s", r.Header("X-Player"), r.Decision.Purchase.Token)}
}

// identities is that one request is never answered with what is another's.
func identities(t *testing.T, a *adapter) {
	t.Run("pipelined requests keep their identity", func(t *testing.T) {
		handler := &premium{do: naming}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one())))
		var all strings.Builder
		const rounds = 20
		for i := range rounds {
			me := fmt.Sprint("p", i)
			all.WriteString(head("GET", "/raids", as(me, "vip."+me)...))
			all.WriteString(head("GET", "/raids", as("mallory", "vip."+me)...))
			all.WriteString(head("GET", "/raids", "X-Player: "+me))
		}
		conn := dial(t, address)
		if _, err := io.WriteString(conn, all.String()); err != nil {
			t.Fatal(err)
		}
		following := func() answer {
			got, err := conn.receive("GET")
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		for i := range rounds {
			if got, want := following(), fmt.Sprintf("p%d with vip.p%d", i, i); got.code() != 200 || got.body != want {
				t.Errorf("got\n%s\nwant %s", got, want)
			}
			goldenNotOwned.want(t, following())
			goldenMissing.want(t, following())
		}
		handler.wantRuns(t, rounds)
	})
	t.Run("parallel requests get the decision of their own token", func(t *testing.T) {
		const players, rounds = 16, 20
		store, handler := newShop(), &premium{do: naming}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, store), vip, a.one())))
		var wg sync.WaitGroup
		for i := range players {
			conn := dial(t, address)
			wg.Go(func() {
				me, neighbour := fmt.Sprintf("p%02d", i), fmt.Sprintf("p%02d", (i+1)%players)
				for range rounds {
					// The one after somebody else's token must not be answered from it, nor the other way round.
					for token, want := range map[string]string{me: "200 " + me + " with vip." + me, neighbour: "403 " + goldenNotOwned.body} {
						got, err := conn.do("GET", head("GET", "/raids", as(me, "vip."+token)...))
						if answer := fmt.Sprint(got.code(), " ", got.body); err != nil || answer != want {
							t.Errorf("%s with the token of %s: got %q, %v; want %q", me, token, answer, err, want)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		handler.wantRuns(t, players*rounds)
		if n := store.Calls(); n != players {
			t.Errorf("the store was asked %d times, want once for each of %d tokens", n, players)
		}
	})
	raw := func(h headerFunc) (core.Credentials, error) {
		return core.Credentials{Account: player(h), Token: h("X-Purchase-Token")}, nil
	}
	for name, who := range map[string]any{
		"TokenHeader":  a.one(),
		"TokensHeader": a.tokensHeader("X-Purchase-Token", player),
		"credentials in the request's own memory": a.credentials(raw),
		"several in the request's own memory": a.credentials(func(h headerFunc) (core.Credentials, error) {
			return core.Credentials{Account: player(h), Tokens: []core.Token{{Value: h("X-Purchase-Token"), Store: core.StoreID(h("X-Store")), Product: h("X-Product")}}}, nil
		}),
	} {
		t.Run("made-up tokens after a paid one open nothing: "+name, func(t *testing.T) { reuses(t, a, who) })
	}
	t.Run("an account that the game's records were asked about outlives its request", func(t *testing.T) { looksUp(t, a) })
	t.Run("a client that hangs up ends its own check only", func(t *testing.T) { hangsUp(t, a) })
}

// reuses sends everything over one connection: a framework that uses the memory of a request again
// turns what was kept without a copy into whatever the next client sends.
func reuses(t *testing.T, a *adapter, who any) {
	var mu sync.Mutex
	var told, checked []string // accounts and tokens, as a hook and the store were told of them
	owners := core.NewMemoryOwners()
	store := newShop()
	store.Put(vip, Owned(vip, "vip.found", "")) // the registry records whose it is
	handler := &premium{}
	gate := newGate(t, noting{store, func(token string) {
		mu.Lock()
		defer mu.Unlock()
		checked = append(checked, token)
	}}, func(c *core.Config) {
		c.UnknownTokens.Burst = -1
		c.Owners = owners
		c.Override = func(_ context.Context, account string, _ core.Requirement) core.Outcome {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, account)
			return core.Undetermined
		}
	})
	conn := dial(t, a.serve(t, handler.at("/raids", a.require(gate, vip, who))))
	var asked, tokens []string
	ask := func(player, token, want string) {
		t.Helper()
		asked, tokens = append(asked, player), append(tokens, token)
		got, err := conn.do("GET", head("GET", "/raids", append(as(player, token), "X-Store: shop", "X-Product: vip")...))
		if err != nil || got.outcome() != want {
			t.Errorf("%s with %s: got\n%s\n%v\nwant %s", player, token, got, err, want)
		}
	}
	for _, token := range []string{"vip.alice", "vip.found"} {
		ask("alice", token, letIn)
		for i := range 25 { // of the same length
			ask("alice", fmt.Sprintf("%s.%05d", []string{"vip", "abc"}[i%2], i), notOwned)
		}
		ask("mallo", token, notOwned)
		ask("alice", token, letIn)
	}
	handler.wantRuns(t, 4)
	for account, want := range map[string][]string{"alice": {"vip.alice", "vip.found"}, "mallo": nil} {
		owned, err := owners.Owned(t.Context(), account)
		var tokens []string
		for _, o := range owned {
			tokens = append(tokens, o.Token)
		}
		if err != nil || !slices.Equal(tokens, want) {
			t.Errorf("the registry has %q as %s's, %v; want %q", tokens, account, err, want)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(told, asked) {
		t.Errorf("what a hook was told turned into %q, want %q", told, asked)
	}
	for _, all := range []*[]string{&checked, &tokens} { // what memory answers is not checked again
		slices.Sort(*all)
		*all = slices.Compact(*all)
	}
	if !slices.Equal(checked, tokens) {
		t.Errorf("what the store was told turned into %q, want %q", checked, tokens)
	}
}

// noting is a store that tells which tokens it was to check.
type noting struct {
	*Store
	note func(token string)
}

func (s noting) CheckToken(token string) error {
	s.note(token)
	return s.Store.CheckToken(token)
}

// looksUp keeps the accounts that the game's records were asked about.
func looksUp(t *testing.T, a *adapter) {
	told := make(chan string, 20)
	handler := &premium{}
	who := a.tokenLookup(player, func(_ context.Context, account string) ([]core.Token, error) {
		told <- account
		return []core.Token{{Value: "vip." + account}}, nil
	})
	conn := dial(t, a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, who))))
	for i := range cap(told) {
		got, err := conn.do("GET", head("GET", "/raids", fmt.Sprintf("X-Player: p%04d", i)))
		if err != nil {
			t.Fatal(err)
		}
		wantLetIn(t, got)
	}
	for i := range cap(told) {
		if account, want := <-told, fmt.Sprintf("p%04d", i); account != want {
			t.Errorf("the account %s turned into %s", want, account)
		}
	}
}

func hangsUp(t *testing.T, a *adapter) {
	store, handler := newShop(), &premium{do: naming}
	begun, held := make(chan struct{}, 1), make(chan struct{})
	store.Otherwise(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
		begun <- struct{}{}
		select {
		case <-held:
			return honest(ctx, p, token)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	refused := make(chan core.Decision, 1)
	address := a.serve(t, handler.at("/raids", a.require(newGate(t, store), vip, a.one(),
		a.withErrorHandler(func(d core.Decision, reply core.Reply) core.Reply { refused <- d; return reply }))))
	gone := dial(t, address)
	if _, err := io.WriteString(gone, head("GET", "/raids", as("alice", "vip.alice")...)); err != nil {
		t.Fatal(err)
	}
	next(t, "a look-up", begun)
	_ = gone.Close()
	if a.noHangUps == "" {
		if d := next(t, "a refusal", refused); d.Outcome != core.Undetermined || d.Reason != core.ReasonCallerGone {
			t.Errorf("got %v %q, want undetermined %q", d.Outcome, d.Reason, core.ReasonCallerGone)
		}
		handler.wantRuns(t, 0)
	}
	close(held)
	if got := get(t, address, as("alice", "vip.alice")...); got.code() != 200 || got.body != "alice with vip.alice" {
		t.Errorf("the next request: got\n%s", got)
	}
	if n := store.Calls(); n != 1 {
		t.Errorf("the store was asked %d times; the look-up should have gone on", n)
	}
}
