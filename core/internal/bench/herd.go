package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/rest"
)

// herdSize is how many ask at once.
const herdSize = 10_000

// slow answers after a while, in one of three ways, and counts.
type slow struct {
	shop
	fail  bool
	calls atomic.Int64
}

func (s *slow) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	s.calls.Add(1)
	if s.fail {
		time.Sleep(s.wait)
		return nil, errors.New("down")
	}
	return s.shop.Lookup(ctx, p, token)
}

// herdTable lets a herd ask for one cold token.
func herdTable(s settings) error {
	fmt.Println("store calls for 10,000 at once  goal  last answer, of the same without the gate  goal")
	for _, c := range []struct {
		name, token string
		fail        bool
		goal        string
	}{
		{"a grant", tokenOf(1), false, "1"},
		{"a refusal", unknownToken(1), false, "1"},
		{"a failing store", tokenOf(1), true, "one a flight"},
	} {
		for _, wait := range []time.Duration{0, time.Millisecond, 50 * time.Millisecond} {
			var most, total int64
			var ratios []float64
			for range s.rounds {
				store := &slow{shop: shop{wait: wait, label: account}, fail: c.fail}
				gate := newGate(store, 1<<10)
				last := stampede(func() {
					gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: c.token})
				})
				n := store.calls.Load()
				most, total = max(most, n), total+n
				alone := stampede(func() { _, _ = store.Lookup(context.Background(), skin, c.token) })
				ratios = append(ratios, float64(last)/float64(alone))
			}
			fmt.Printf("%.1f (worst %d)  %s  x %.2f  1.10  %s, store takes %v\n", float64(total)/float64(s.rounds), most, c.goal, median(ratios), c.name, wait)
		}
	}
	return reuse()
}

// reuse counts the connections that a full bulkhead makes, wave after wave.
func reuse() error {
	for _, width := range []int{64, 256} {
		var connections, served atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			served.Add(1)
			time.Sleep(time.Millisecond)
			_, _ = w.Write([]byte(answerJSON))
		}))
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		}
		server.Start()
		gate, err := core.New(core.Config{
			Stores:        []core.Store{&overHTTP{client: rest.NewClient(nil), url: server.URL}},
			Guard:         core.Guard{MaxInFlight: width},
			UnknownTokens: core.UnknownTokens{Burst: -1},
		})
		if err != nil {
			return err
		}
		for wave := range 20 {
			var all sync.WaitGroup
			for i := range width {
				all.Go(func() {
					gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: tokenOf(wave*width + i)})
				})
			}
			all.Wait()
		}
		n := served.Load()
		fmt.Printf("connections reused by %d in flight: %.1f %%  goal 100  %d calls over %d connections\n",
			width, 100*(1-max(0, float64(connections.Load())-float64(width))/float64(n)), n, connections.Load())
		server.Close()
	}
	return nil
}

// stampede runs f from many goroutines at once and returns when the last has ended, counted from their start.
func stampede(f func()) time.Duration {
	var all sync.WaitGroup
	start := make(chan struct{})
	for range herdSize {
		all.Go(func() { <-start; f() })
	}
	time.Sleep(10 * time.Millisecond) // until they all wait
	began := time.Now()
	close(start)
	all.Wait()
	return time.Since(began)
}
