package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skugate/skugate/core"
)

// The products. The entitlement's purchase is the second of the three, so that one product is looked
// past.
var (
	skin = core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}
	vip  = core.Entitlement("vip",
		core.Product{Store: "shop", Kind: core.KindSubscription, ID: "vip_monthly"},
		skin,
		core.Product{Store: "shop", Kind: core.KindInApp, ID: "vip_forever"})
)

// account is who asks.
const account = "player-8231"

// tokenOf makes the i-th token: 144 characters, as Google's are; ONE store's have 20.
func tokenOf(i int) string { return fmt.Sprintf("%s-%011d", strings.Repeat("x", 132), i) }

// unknownToken is the i-th of those that the shop has never heard of.
func unknownToken(i int) string { return fmt.Sprintf("%s-%011d", strings.Repeat("?", 132), i) }

// shop is a store that sells the skin and answers at once, or after a while.
type shop struct {
	wait  time.Duration
	calls func()
	label string // of the purchases
}

func (s *shop) ID() core.StoreID                { return "shop" }
func (s *shop) Describe() core.StoreInfo        { return core.StoreInfo{} }
func (s *shop) CheckProduct(core.Product) error { return nil }
func (s *shop) CheckToken(string) error         { return nil }

// Lookup implements core.Store.
func (s *shop) Lookup(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
	if s.calls != nil {
		s.calls()
	}
	if s.wait > 0 {
		time.Sleep(s.wait)
	}
	if p.ID != skin.ID || strings.HasPrefix(token, "?") {
		return nil, &core.StoreError{Fault: core.FaultNotFound}
	}
	return &core.Purchase{
		Token: token, ID: "SANDBOX3000000004564", Label: s.label, State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-time.Hour),
	}, nil
}

// newGate is a gate over a shop whose facts last longer than a run.
func newGate(s core.Store, purchases int) *core.Gate {
	gate, err := core.New(core.Config{
		Stores:        []core.Store{s},
		Lifetimes:     core.Lifetimes{Fresh: 24 * time.Hour, Usable: 48 * time.Hour, Denied: 24 * time.Hour, Absent: 24 * time.Hour},
		Memory:        core.Memory{Purchases: purchases},
		UnknownTokens: core.UnknownTokens{Burst: -1},
	})
	if err != nil {
		panic(err)
	}
	return gate
}

// warm lets the gate meet tokens until they are hot, and returns equal ones that share no memory with
// what it kept, as a server's do.
func warm(gate *core.Gate, n int) []string {
	look := make([]string, n)
	for i := range look {
		look[i] = tokenOf(i)
	}
	for range 3 {
		for i := range look {
			if d := gate.Check(context.Background(), vip, core.Credentials{Account: account, Token: tokenOf(i)}); !d.Granted() {
				panic("not granted: " + string(d.Reason))
			}
		}
	}
	return look
}
