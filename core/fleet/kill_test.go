package fleet_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/redeem"
)

var kills = flag.Int("kills", 20, "how often each test kills the server")

func TestWhatWasPromisedOutlivesAKillOfTheServer(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	f := join(t, server.Addr())
	l, err := f.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	promises := map[string]func(n int) error{
		"owners": func(n int) error {
			_, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: fmt.Sprint("t", n), Account: "mina"})
			return err
		},
		"debts": func(n int) error {
			_, err := f.Outbox().Record(t.Context(), core.Debt{Store: "shop", Token: fmt.Sprint("t", n), By: time.Unix(int64(n), 0)}, true)
			return err
		},
		"voids": func(n int) error {
			return f.Voids().Apply(t.Context(), core.VoidLog{
				Records:     []core.VoidRecord{{Store: "shop", Token: fmt.Sprint("t", n), Whole: true, Seen: time.Unix(int64(n), 0)}},
				Checkpoints: map[core.StoreID]time.Time{"shop": time.Unix(int64(n), 0)},
			})
		},
		"redemptions": func(n int) error {
			e := redeem.Entry{Store: "shop", Token: fmt.Sprint("t", n), Account: "mina", ID: fmt.Sprint(n), State: redeem.Intended, Began: time.Unix(int64(n), 0)}
			_, _, err := l.Swap(t.Context(), e)
			return err
		},
	}
	most := map[string]int{}
	for round := range *kills {
		var mu sync.Mutex
		var wg sync.WaitGroup
		var made atomic.Int64
		for what, promise := range promises {
			wg.Go(func() {
				mu.Lock()
				n := most[what]
				mu.Unlock()
				for {
					if promise(n+1) != nil { // it may or may not have happened, and is made again
						return
					}
					n++
					made.Add(1)
					mu.Lock()
					most[what] = n
					mu.Unlock()
				}
			})
		}
		for made.Load() < 8 { // they are in the middle of it
			time.Sleep(time.Millisecond)
		}
		time.Sleep(rand.N(20 * time.Millisecond))
		server.Kill()
		wg.Wait()
		server.Restart()
		for what, have := range kept(t, f, l) {
			if n := most[what]; have < n || have > n+1 {
				t.Fatalf("round %d: %d %s are there, %d were promised", round, have, what, n)
			}
		}
	}
	t.Logf("%d kills, promised were %v", *kills, most)
}

// kept is how many of each promise are there, which were made in order.
func kept(t *testing.T, f *fleet.Fleet, l redeem.Ledger) map[string]int {
	t.Helper()
	owned, err := f.Owners().Owned(t.Context(), "mina")
	if err != nil {
		t.Fatal(err)
	}
	log, err := f.Voids().Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := log.Checkpoints["shop"]; ok && at.Unix() != int64(len(log.Records)) {
		t.Errorf("%d voids with a checkpoint of %d: one is there without the other", len(log.Records), at.Unix())
	}
	open, err := l.Unfinished(t.Context(), "mina")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]int{"owners": len(owned), "debts": len(unsettled(t, f.Outbox())), "voids": len(log.Records), "redemptions": len(open)}
}
