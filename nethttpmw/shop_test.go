package nethttpmw_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// The products of the shop.
var (
	vip  = core.Product{Store: "shop", Kind: core.KindSubscription, ID: "vip"}
	pass = core.Product{Store: "shop", Kind: core.KindInApp, ID: "pass"}
	gems = core.Product{Store: "shop", Kind: core.KindInApp, ID: "gems"}.Consumable()
)

// script answers a look-up.
type script func(ctx context.Context, p core.Product, token string) (*core.Purchase, error)

// shop is a store whose answers are a function.
type shop struct {
	mu     sync.Mutex
	answer script
	calls  int
}

var _ core.Store = (*shop)(nil)

func newShop(answer script) *shop { return &shop{answer: answer} }

func (*shop) ID() core.StoreID { return "shop" }

func (*shop) Describe() core.StoreInfo {
	return core.StoreInfo{Platform: "scripted", Application: "app", Environment: "test"}
}

func (*shop) CheckProduct(core.Product) error { return nil }

func (*shop) CheckToken(token string) error {
	if !strings.Contains(token, ".") {
		return errors.New("has no dot")
	}
	return nil
}

func (s *shop) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	s.mu.Lock()
	s.calls++
	answer := s.answer
	s.mu.Unlock()
	return answer(ctx, p, token)
}

// lookups is how often the store was asked.
func (s *shop) lookups() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// honest knows the tokens "product.account", each labelled with its account.
func honest(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
	id, account, ok := strings.Cut(token, ".")
	if !ok || id != p.ID || account == "nobody" {
		return nil, &core.StoreError{Fault: core.FaultNotFound}
	}
	return bought(token, account), nil
}

// bought is a purchase that grants a subscription as well as a managed product.
func bought(token, account string) *core.Purchase {
	return &core.Purchase{
		Token: token, ID: "order-" + token, Label: account, State: core.StatePurchased,
		Consumption: core.Unconsumed, Acknowledgement: core.Acknowledged, Payment: core.PaymentReceived,
		AutoRenewing: true, Quantity: 1, PurchasedAt: time.Now().Add(-time.Hour), ExpiresAt: time.Now().Add(time.Hour),
	}
}

// failing never finds a purchase.
func failing(err error) script {
	return func(context.Context, core.Product, string) (*core.Purchase, error) { return nil, err }
}

// lapsing changes what honest tells.
func lapsing(change func(*core.Purchase)) script {
	return func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
		purchase, err := honest(ctx, p, token)
		if err == nil {
			change(purchase)
		}
		return purchase, err
	}
}

// newGate makes a gate in front of s that is closed when the test ends.
func newGate(t testing.TB, s core.Store, change ...func(*core.Config)) *core.Gate {
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

// player is the game's own authentication.
func player(r *http.Request) string { return r.Header.Get("X-Player") }

// one and several are how the tests' clients present tokens.
var (
	one     = nethttpmw.TokenHeader("X-Purchase-Token", player)
	several = nethttpmw.TokensHeader("X-Purchase-Tokens", player)
)
