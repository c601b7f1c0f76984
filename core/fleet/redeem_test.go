package fleet_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/redeem"
)

var gems = onestore.InApp("gems").Consumable()

// instance is a redeemer of its own, with its own gate, in front of a store that all share.
func instance(t *testing.T, store *onestoretest.Store, addr string) *redeem.Redeemer {
	t.Helper()
	c, err := onestore.New(onestore.Config{
		ClientID: store.ClientID(), ClientSecret: store.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox, HTTPClient: &http.Client{Transport: store.RoundTripper()},
	})
	if err != nil {
		t.Fatal(err)
	}
	f := join(t, addr)
	gate, err := core.New(core.Config{Stores: []core.Store{c}, Owners: f.Owners(), Guard: core.Guard{TripAfter: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gate.Close(context.Background()) })
	l, err := f.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := redeem.New(redeem.Config{Gate: gate, Ledger: l, Timeout: 100 * time.Millisecond, Lease: 400 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// till is the game's database: a unique index over redemptions.
type till struct {
	mu     sync.Mutex
	grants map[string]map[string]int // token -> redemption id -> grants
}

func (g *till) deliver(token string) redeem.Deliver {
	return func(_ context.Context, r redeem.Redemption) error {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.grants[token] == nil {
			g.grants[token] = map[string]int{}
		}
		if g.grants[token][r.ID] == 0 {
			g.grants[token][r.ID] = r.Quantity
		}
		return nil
	}
}

// Four instances and twelve impatient clients redeem the same purchases, while the server is killed again and
// again: each is delivered, once, under one id, and nobody else gets it.
func TestOnePurchaseIsOneRedemptionWhateverInstanceAndCrash(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	store := onestoretest.New(onestoretest.Config{KeepUnacknowledged: true})
	var instances []*redeem.Redeemer
	for range 4 {
		instances = append(instances, instance(t, store, server.Addr()))
	}
	till := &till{grants: map[string]map[string]int{}}
	for range max(*kills/2, 1) {
		var tokens []string
		for range 3 {
			tokens = append(tokens, store.Buy(onestoretest.InApp("gems"), onestoretest.Label("mina"), onestoretest.Quantity(2)))
		}
		var wg sync.WaitGroup
		ids := make(chan [2]string, 12)
		for i := range 12 {
			token := tokens[i%3]
			wg.Go(func() {
				for {
					r, err := instances[i%4].Redeem(t.Context(), gems, core.Credentials{Account: "mina", Token: token}, till.deliver(token))
					if err == nil {
						ids <- [2]string{token, r.ID}
						return
					}
					if _, err := instances[i%4].Redeem(t.Context(), gems, core.Credentials{Account: "mallory", Token: token}, till.deliver("stolen")); err == nil {
						t.Error("a stranger redeemed it")
					}
					time.Sleep(5 * time.Millisecond) // an impatient player
				}
			})
		}
		time.Sleep(rand.N(10 * time.Millisecond))
		server.Kill()
		server.Restart()
		wg.Wait()
		close(ids)
		idOf := map[string]string{}
		for told := range ids {
			if have := idOf[told[0]]; have != "" && have != told[1] {
				t.Errorf("two redemption ids of a purchase: %s and %s", have, told[1])
			}
			idOf[told[0]] = told[1]
		}
		for _, token := range tokens {
			if g := till.grants[token]; len(g) != 1 || g[idOf[token]] != 2 {
				t.Errorf("granted was %v, the players were told %s", g, idOf[token])
			}
		}
	}
	if len(till.grants["stolen"]) > 0 {
		t.Error("a stranger was delivered to")
	}
}
