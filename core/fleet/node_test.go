package fleet_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/gatetest"
)

// skin is what the shop sells, under whatever token.
var skin = core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}

// shop is what all nodes' stores answer: a purchase whose id is the version.
type shop struct {
	version atomic.Int64
	asked   atomic.Int64
}

func (s *shop) store() *gatetest.Store {
	store := gatetest.NewStore("shop")
	store.Otherwise(func(_ context.Context, _ core.Product, token string) (*core.Purchase, error) {
		s.asked.Add(1)
		return &core.Purchase{
			Token: token, ID: strconv.FormatInt(s.version.Load(), 10), State: core.StatePurchased, Consumption: core.Unconsumed,
			Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-24 * time.Hour),
		}, nil
	})
	return store
}

// node is one instance of a game.
type node struct {
	*testing.T
	gate     *core.Gate
	fleet    *fleet.Fleet
	listener *fleet.Listener
	stop     func()
}

// start starts an instance and waits until it is ready. It stops with the test.
func (s *shop) start(t *testing.T, addrs string, change func(*core.Config, *fleet.Config)) *node {
	t.Helper()
	fc := fleet.Config{Client: client(t, addrs), Sync: often}
	gc := core.Config{Stores: []core.Store{s.store()}}
	if change != nil {
		change(&gc, &fc)
	}
	n := &node{T: t, fleet: with(t, fc)}
	gc.Peers = n.fleet.Peers()
	var err error
	if n.gate, err = core.New(gc); err != nil {
		t.Fatal(err)
	}
	if n.listener, err = n.fleet.Listener(n.gate); err != nil {
		t.Fatal(err)
	}
	if n.gate.Ready(t.Context()) == nil {
		t.Error("the gate is ready before the log was read")
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- n.listener.Run(ctx) }()
	stopped := false
	n.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := n.gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(n.stop)
	n.within(patience, "it is ready", func() bool { return n.gate.Ready(t.Context()) == nil })
	return n
}

const (
	// often is how often the nodes read the log.
	often = 20 * time.Millisecond
	// patience is far above what anything takes that has to happen at last.
	patience = 30 * time.Second
)

// within waits until something is so, and returns how long that took.
func (n *node) within(d time.Duration, what string, so func() bool) time.Duration {
	n.Helper()
	began := time.Now()
	for !so() {
		if time.Since(began) > d {
			n.Fatalf("after %v it is not so yet that %s", d, what)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(began)
}

func (n *node) check(token string) core.Decision {
	return n.gate.Check(n.Context(), skin, core.Credentials{Account: "mina", Token: token})
}

// version is the one that the node grants by.
func (n *node) version(token string) int64 {
	n.Helper()
	d := n.check(token)
	if !d.Granted() {
		n.Fatalf("got %v (%s, %v)", d.Outcome, d.Reason, d.Err)
	}
	v, err := strconv.ParseInt(d.Purchase.ID, 10, 64)
	if err != nil {
		n.Fatal(err)
	}
	return v
}

// remembers tells whether the node grants from memory.
func (n *node) remembers(token string) bool {
	d := n.check(token)
	return d.Granted() && d.Source == core.SourceMemory
}

func (n *node) denies(token string, r core.Reason) func() bool {
	return func() bool { return n.check(token).Reason == r }
}

func (n *node) invalidate(token string) {
	n.Helper()
	if err := n.gate.InvalidateToken(n.Context(), "shop", token); err != nil {
		n.Fatal(err)
	}
}

func (n *node) peers() core.PeersStats { return n.gate.Stats().Peers }

// stays waits for the log to be read a few times, and wants a count unchanged meanwhile.
func (n *node) stays(what string, count func() uint64) {
	n.Helper()
	before := count()
	time.Sleep(5 * often)
	if after := count(); after != before {
		n.Errorf("%s: %d, and then %d", what, before, after)
	}
}
