package core_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

func TestTenThousandRequestsForOneColdKeyMakeOneStoreCall(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(token string) (*core.Purchase, error)
		want   core.Outcome
	}{
		"a purchase that grants": {func(token string) (*core.Purchase, error) { return skin(token), nil }, core.Granted},
		"no such purchase":       {func(string) (*core.Purchase, error) { return nil, errNotFound }, core.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
				time.Sleep(20 * time.Millisecond) // the store's own time; long enough for the herd to gather
				return test.answer(token)
			})
			gate, err := core.New(core.Config{Stores: []core.Store{store}, Timeout: 30 * time.Second,
				Lifetimes: core.Lifetimes{Absent: time.Minute}})
			if err != nil {
				t.Fatal(err)
			}
			defer gate.Close(context.Background())

			var herd sync.WaitGroup
			start := make(chan struct{})
			decisions := make([]core.Decision, 10_000)
			for i := range decisions {
				herd.Go(func() {
					<-start
					decisions[i] = gate.Check(context.Background(), inApp("skin"), core.Credentials{Account: "alice", Token: "cold"})
				})
			}
			close(start)
			herd.Wait()
			for i, d := range decisions {
				if d.Outcome != test.want {
					t.Fatalf("request %d came to %v (%v, %v), want %v", i, d.Outcome, d.Reason, d.Err, test.want)
				}
			}
			if n := store.count(); n != 1 {
				t.Errorf("the store was asked %d times, want once", n)
			}
		})
	}
}
