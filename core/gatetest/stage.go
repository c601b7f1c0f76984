package gatetest

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// The products of the suite's shop.
var (
	vip  = core.Product{Store: "shop", Kind: core.KindSubscription, ID: "vip"}
	skin = core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}
	gems = core.Product{Store: "shop", Kind: core.KindInApp, ID: "gems"}.Consumable()
)

// honest knows the tokens "product.account", each labelled with its account; nobody has none.
func honest(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
	id, account, ok := strings.Cut(token, ".")
	if !ok || id != p.ID || account == "" || account == "nobody" {
		return nil, &core.StoreError{Fault: core.FaultNotFound}
	}
	return Owned(p, token, account), nil
}

// newShop is a store that is honest until it is told otherwise.
func newShop() *Store {
	s := NewStore("shop")
	s.Otherwise(honest)
	return s
}

// newGate makes a gate in front of s that is closed when the test ends.
func newGate(t *testing.T, s core.Store, change ...func(*core.Config)) *core.Gate {
	t.Helper()
	config := core.Config{Stores: []core.Store{s}}
	for _, c := range change {
		c(&config)
	}
	gate, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return gate
}

// premium is a protected handler that counts its runs.
type premium struct {
	runs atomic.Int64
	do   Handler // default: PREMIUM
}

func (p *premium) handle(r Request) Response {
	p.runs.Add(1)
	if p.do != nil {
		return p.do(r)
	}
	return Response{Body: "PREMIUM"}
}

func (p *premium) wantRuns(t *testing.T, n int64) {
	t.Helper()
	if got := p.runs.Load(); got != n {
		t.Errorf("the handler ran %d times, want %d", got, n)
	}
}

// at is a route to the handler behind gates, the outermost first.
func (p *premium) at(path string, gates ...any) route {
	return route{path: path, gates: slices.Clone(gates), handler: p.handle}
}

// wantLetIn fails unless the answer is the premium handler's.
func wantLetIn(t *testing.T, a answer) {
	t.Helper()
	if a.code() != 200 || a.body != "PREMIUM" || len(a.field("Retry-After")) > 0 {
		t.Errorf("got\n%s\nwant the handler's answer", a)
	}
}

// next receives what must come, and says so if it does not.
func next[T any](t *testing.T, what string, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
	return v
}
