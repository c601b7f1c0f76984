package histories_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// The catalogue, and what routes ask for.
var (
	gold    = onestore.InApp("gold").Consumable()
	skin    = onestore.InApp("skin")
	pass    = onestore.InApp("pass").For(2 * time.Hour)
	monthly = onestore.Recurring("monthly")
	vip     = onestore.Subscription("vip")
	vipGold = onestore.Subscription("vip_gold")

	catalogue = []core.Product{vip, skin, monthly, pass, gold, vipGold}
	perks     = core.Entitlement("perks", vip, vipGold, monthly, skin, pass)
	bundle    = core.AllOf(skin, vip)
)

// callTime bounds every decision.
const callTime = time.Second

// world is a history under way, and what was written down of it.
type world struct {
	setup setup
	bug   bug
	store *onestoretest.Store
	gates []*core.Gate
	books []*book // owners' registries, one or as many as gates
	clock int     // of moments
	mu    sync.Mutex
	wg    sync.WaitGroup

	bought []*bought
	heard  []*heard
	checks []*check
	voids  []voided
	resets []reset
	claims []claim // Bind and Unbind; those of checks follow from their decisions
	holds  []held
	closed map[int]moment  // gates, from when on
	odd    map[string]bool // tokens that Edit made the store talk oddly about
	bad    []span          // trouble
	story  []func() string
}

type bought struct {
	token, account, label string
	product               core.Product
	linked                *bought
}

type voided struct {
	gate      int
	token, id string
	at        moment // before it took effect
	done      moment
}

// reset is an invalidation.
type reset struct {
	gate     int
	token    string
	at, done moment
}

type held struct {
	gate  int
	r     core.Requirement
	until time.Time
}

// span is a time of trouble; one that goes on has no end.
type span struct{ from, to time.Time }

// book is an owners' registry that can be out of order.
type book struct {
	core.Owners
	lost atomic.Bool
}

var errBookLost = errors.New("the registry is out of order")

func (b *book) Claim(ctx context.Context, o core.Ownership) (core.Ownership, error) {
	if b.lost.Load() {
		return core.Ownership{}, errBookLost
	}
	return b.Owners.Claim(ctx, o)
}

func (b *book) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	if b.lost.Load() {
		return core.Ownership{}, false, errBookLost
	}
	return b.Owners.Owner(ctx, store, token)
}

// happen lets h happen, with a bug or none, and returns what was written down.
func happen(t *testing.T, h history, b bug) (w *world) {
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, h.setup, b)
		for _, s := range h.steps {
			w.step(s)
		}
		w.end(t)
	})
	return w
}

func newWorld(t *testing.T, s setup, b bug) *world {
	w := &world{setup: s, bug: b, odd: map[string]bool{}, closed: map[int]moment{}}
	cfg := onestoretest.Config{KeepUnacknowledged: s.keepUnpaid, Seed: s.seed}
	env := onestore.Sandbox
	if s.commercial {
		cfg.Environment, env = onestoretest.Commercial, onestore.Commercial
	}
	w.store = onestoretest.New(cfg)
	w.store.Advance(s.skew)
	for i, g := range s.gates {
		client, err := onestore.New(onestore.Config{
			ClientID: w.store.ClientID(), ClientSecret: w.store.ClientSecret(), Market: onestore.MarketGlobal, Environment: env,
			HTTPClient: &http.Client{Transport: &wire{world: w, gate: i, inner: w.store.RoundTripper()}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() }) // nil by contract
		if i == 0 || !s.sharedBook {
			w.books = append(w.books, &book{Owners: b.owners(core.NewMemoryOwners())})
		}
		gate, err := core.New(core.Config{
			Stores: []core.Store{b.store(client)}, Owners: w.book(i), Binding: s.binding, Labels: w.labels(t), Rule: b.rule(),
			Timeout: callTime, Lifetimes: g.lives, Guard: g.guard, Memory: core.Memory{Purchases: 64, Refusals: 64},
			UnknownTokens: core.UnknownTokens{Burst: g.burst, Every: 10 * time.Second},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := gate.Validate(perks, bundle); err != nil {
			t.Fatal(err)
		}
		w.gates = append(w.gates, gate)
	}
	return w
}

func (w *world) labels(t *testing.T) core.Labels {
	if !w.setup.hidden {
		return core.PlainLabels{}
	}
	l, err := core.HMACLabels([]byte("a key of the game's own"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// book is the registry of a gate.
func (w *world) book(gate int) *book { return w.books[w.shelf(gate)] }

func (w *world) shelf(gate int) int {
	if w.setup.sharedBook {
		return 0
	}
	return gate
}

// end lets everything under way come to its end.
func (w *world) end(t *testing.T) {
	w.store.Down(false)
	w.store.Clear()
	w.wg.Wait()
	for i, g := range w.gates {
		if err := g.Close(t.Context()); err != nil {
			t.Errorf("gate %d: %v", i, err)
		}
	}
}

// now is the next moment.
func (w *world) now() moment {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock++
	return moment{w.clock, time.Now()}
}

func (w *world) hear(h *heard) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, h)
}

// trouble begins or ends a time in which a decision may be undetermined.
func (w *world) trouble(on bool) {
	switch n := len(w.bad); {
	case on && (n == 0 || !w.bad[n-1].to.IsZero()):
		w.bad = append(w.bad, span{from: time.Now()})
	case !on && n > 0 && w.bad[n-1].to.IsZero():
		w.bad[n-1].to = time.Now()
	}
}

// tell notes what happened, in words that are made only if somebody wants to read them.
func (w *world) tell(format string, args ...any) {
	at := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.story = append(w.story, func() string { return at.Format("02 15:04:05.000 ") + fmt.Sprintf(format, args...) })
}
