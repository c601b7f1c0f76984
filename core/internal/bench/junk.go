package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/cache"
	"github.com/skugate/skugate/core"
)

// The junk table's world: users who pay, and a cache for a twentieth of them.
const (
	payers    = 20_000
	room      = payers / 20
	purchases = 200_000 // requests of paying users that count; as many come before
)

// paying counts look-ups of tokens that the shop sold.
type paying struct {
	shop
	calls atomic.Int64
}

func (p *paying) Lookup(ctx context.Context, product core.Product, token string) (*core.Purchase, error) {
	if token[0] != '?' {
		p.calls.Add(1)
	}
	return p.shop.Lookup(ctx, product, token)
}

// junkTable replays one sequence of paying users with more and more made-up tokens between.
func junkTable(s settings) error {
	fmt.Println("paying users' hit ratio, of perfect knowledge  goal")
	for _, c := range []struct{ s, goal float64 }{{1.01, 0.945}, {1.1, 0.965}, {1.2, 0.98}} {
		ratio := popular(c.s)
		fmt.Printf("%.3f  %.3f  Zipf %.2f, %.2f %% of %.2f %%\n", ratio/best(c.s), c.goal, c.s, 100*ratio, 100*best(c.s))
	}
	fmt.Println("\npoints lost to junk  goal")
	clean := replay(1.1, 0)
	for _, share := range []float64{0.1, 0.5, 0.9} {
		with := replay(1.1, share)
		fmt.Printf("%.2f  0.10  %.0f %% junk\n", 100*(clean-with), 100*share)
	}

	store := &paying{shop: shop{label: account}}
	gate := newGate(store, room)
	ask := func(token string) {
		gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: token})
	}
	for i := range room {
		ask(tokenOf(i))
	}
	held := gate.Stats().Stores[0].Purchases
	for i := range 20 * room {
		ask(unknownToken(i))
	}
	fmt.Printf("\npaying entries lost to a flood of %d junk tokens: %d of %d  goal 0\n", 20*room, held-gate.Stats().Stores[0].Purchases, held)
	return nil
}

// popular returns the hit ratio of a record by itself, whose clock a request takes 5 ms of: how recently an
// entry was used is told in seconds, which a replay at full speed would leave out.
func popular(skew float64) float64 {
	record, err := cache.NewRecord[string, int](cache.Config[string]{Entries: room})
	must(err)
	payer, now, hits := zipf(skew, payers, 1), cache.Now(), 0
	for i := range 2 * purchases {
		now.Wall, now.Mono = now.Wall+5e6, now.Mono+5e6
		token := tokenOf(payer())
		if e, _ := record.Get(token, now); e == nil {
			record.Put(token, &cache.Entry[int]{Began: now, Order: cache.NextOrder(), Life: cache.Life{Fresh: 1000 * time.Hour}})
		} else if i >= purchases {
			hits++
		}
	}
	return float64(hits) / purchases
}

// replay returns the paying users' hit ratio after a first half that only warms up.
func replay(skew, junk float64) float64 {
	store := &paying{shop: shop{label: account}}
	gate := newGate(store, room)
	payer := zipf(skew, payers, 1)
	noise, n := rand.New(rand.NewPCG(2, 2)), 0
	calls := int64(0)
	for i := range 2 * purchases {
		for noise.Float64() < junk {
			n++
			gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: unknownToken(n)})
		}
		if i == purchases {
			calls = store.calls.Load()
		}
		gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: tokenOf(payer())})
	}
	calls = store.calls.Load() - calls
	return 1 - float64(calls)/purchases
}
