package gatetest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/skugate/skugate/core"
)

// sources is where the adapter's own credentials functions take tokens from.
func sources(t *testing.T, a *adapter) {
	t.Run("TokensHeader", func(t *testing.T) { header(t, a) })
	t.Run("TokenLookup", func(t *testing.T) { lookup(t, a) })
	t.Run("Owned", func(t *testing.T) { registry(t, a) })
	t.Run("a function of the game's own", func(t *testing.T) { ownFunction(t, a) })
}

// answers says what becomes of each of some requests.
type answers []struct {
	name  string
	lines []string
	want  golden // zero: let in
}

func (all answers) run(t *testing.T, handler *premium, address string) {
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			runs := handler.runs.Load()
			if got := get(t, address, c.lines...); c.want == (golden{}) {
				wantLetIn(t, got)
				runs++
			} else {
				c.want.want(t, got)
			}
			handler.wantRuns(t, runs)
		})
	}
}

func header(t *testing.T, a *adapter) {
	handler := &premium{}
	address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), core.AllOf(vip, skin), a.tokensHeader("X-Purchase-Tokens", player))))
	with := func(player, tokens string) []string {
		return []string{"X-Player: " + player, "X-Purchase-Tokens: " + tokens}
	}
	answers{
		{"the tokens of all that is asked for let in", with("alice", "vip.alice,skin.alice"), golden{}},
		{"in any order", with("alice", "skin.alice , vip.alice"), golden{}},
		{"with others between", with("alice", "skin.alice,gems.alice,vip.nobody,vip.alice"), golden{}},
		{"with hints", with("alice", "vip.alice;product=vip,skin.alice;store=shop;product=skin"), golden{}},
		{"one of two is not enough", with("alice", "vip.alice"), goldenNotOwned},
		{"another account's does not count", with("alice", "vip.alice,skin.bob"), goldenNotOwned},
		{"without a token", []string{"X-Player: alice"}, goldenMissing},
		{"without an account", []string{"X-Purchase-Tokens: vip.alice,skin.alice"}, goldenNoAccount},
		{"in two lines", append(with("alice", "vip.alice"), "X-Purchase-Tokens: skin.alice"), goldenMalformed},
	}.run(t, handler, address)
}

func lookup(t *testing.T, a *adapter) {
	for _, c := range []struct {
		name   string
		tokens []core.Token
		err    error
		lines  []string // default: alice without a token
		want   golden   // zero: let in
		asked  int64    // how often the game's records were
	}{
		{name: "a token on record lets in", tokens: []core.Token{{Value: "vip.alice"}}, asked: 1},
		{name: "one of several lets in", tokens: []core.Token{{Value: "vip.nobody"}, {Value: "skin.alice", Product: "skin"}, {Value: "vip.alice", Store: "shop", Product: "vip"}}, asked: 1},
		{name: "the game's word binds a purchase that is labelled otherwise", tokens: []core.Token{{Value: "vip.bob"}}, asked: 1},
		{name: "no tokens on record is a denial", tokens: []core.Token{}, want: goldenNotOwned, asked: 1},
		{name: "nil is no tokens", want: goldenNotOwned, asked: 1},
		{name: "a token that the request brings does not count", lines: as("alice", "vip.alice"), want: goldenNotOwned, asked: 1},
		{name: "records that fail say nothing about the player", err: errors.New("db01 is down"), want: goldenUnavailable, asked: 1},
		{name: "tokens beside an error do not count", tokens: []core.Token{{Value: "vip.alice"}}, err: errors.New("half read"), want: goldenUnavailable, asked: 1},
		{name: "without an account nothing is looked up", tokens: []core.Token{{Value: "vip.alice"}}, lines: []string{"X-Nothing: here"}, want: goldenNoAccount},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked atomic.Int64
			who := a.tokenLookup(player, func(ctx context.Context, account string) ([]core.Token, error) {
				asked.Add(1)
				if account != "alice" {
					t.Errorf("looked up for %q", account)
				}
				// The request's own context goes down: it has what stands in front of the gate.
				if d, ok := core.FromContext(ctx); !ok || d.Product != gems {
					t.Errorf("the look-up's context has the decision %+v, %v", d, ok)
				}
				return c.tokens, c.err
			})
			if c.lines == nil {
				c.lines = []string{"X-Player: alice"}
			}
			handler := &premium{}
			gate := newGate(t, newShop())
			address := a.serve(t, handler.at("/raids", a.attach(gate, gems, a.one()), a.require(gate, vip, who)))
			answers{{"", c.lines, c.want}}.run(t, handler, address)
			if got := asked.Load(); got != c.asked {
				t.Errorf("the records were asked %d times, want %d", got, c.asked)
			}
		})
	}
}

// failingOwners is a registry that cannot be read.
type failingOwners struct{ core.Owners }

func (failingOwners) Owned(context.Context, string) ([]core.Ownership, error) {
	return nil, errors.New("the registry is down")
}

func registry(t *testing.T, a *adapter) {
	handler := &premium{}
	store := newShop()
	store.Put(vip, Owned(vip, "vip.found", ""))
	gate := newGate(t, store)
	for account, token := range map[string]string{"alice": "vip.alice", "frank": "vip.found"} {
		if d := gate.HandIn(t.Context(), account, vip, token); !d.Granted() {
			t.Fatalf("%s could not hand in: %v %q", account, d.Outcome, d.Reason)
		}
	}
	broken := newGate(t, newShop(), func(c *core.Config) { c.Owners = failingOwners{core.NewMemoryOwners()} })
	address := a.serve(t, handler.at("/raids", a.require(gate, vip, a.owned(player))))
	answers{
		{"what was handed in lets in", []string{"X-Player: alice"}, golden{}},
		{"what was handed in without a label lets in", []string{"X-Player: frank"}, golden{}},
		{"who handed nothing in does not own it", []string{"X-Player: bob"}, goldenNotOwned},
		{"a token that the request brings does not count", as("bob", "vip.bob"), goldenNotOwned},
		{"nor does it harm", as("alice", "vip.bob"), golden{}},
		{"without an account", []string{"X-Purchase-Token: vip.alice"}, goldenNoAccount},
	}.run(t, handler, address)
	answers{
		{"a registry that fails says nothing about the player", []string{"X-Player: alice"}, goldenUnavailable},
	}.run(t, handler, a.serve(t, handler.at("/raids", a.require(broken, vip, a.owned(player)))))
}

func ownFunction(t *testing.T, a *adapter) {
	handler := &premium{}
	who := a.credentials(func(h headerFunc) (core.Credentials, error) {
		switch h("X-Say") {
		case "missing":
			return core.Credentials{}, core.ErrTokenMissing
		case "malformed":
			return core.Credentials{Account: "alice", Token: "vip.alice"}, core.ErrTokenMalformed
		case "failed":
			return core.Credentials{Account: "alice", Token: "vip.alice"}, errors.New("the session store is down")
		case "nothing":
			return core.Credentials{}, nil
		case "none":
			return core.Credentials{Account: "alice", Tokens: []core.Token{}}, nil
		default:
			return core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "vip.alice", Store: "shop", Product: "vip"}}}, nil
		}
	})
	answers{
		{"what it returns counts", []string{"X-Say: hello"}, golden{}},
		{"a missing token", []string{"X-Say: missing"}, goldenMissing},
		{"a malformed token, whatever comes beside it", []string{"X-Say: malformed"}, goldenMalformed},
		{"another error, whatever comes beside it", []string{"X-Say: failed"}, goldenUnavailable},
		{"nothing at all", []string{"X-Say: nothing"}, goldenMissing},
		{"an account that has no tokens", []string{"X-Say: none"}, goldenNotOwned},
	}.run(t, handler, a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, who))))
}
