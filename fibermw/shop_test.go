package fibermw_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/fibermw"
)

var vip = core.Product{Store: "shop", Kind: core.KindSubscription, ID: "vip"}

// newGate makes a gate that is closed when the test ends, in front of a shop that knows the tokens
// "product.account", each labelled with its account; nobody has none.
func newGate(t testing.TB, change ...func(*core.Config)) *core.Gate {
	t.Helper()
	shop := gatetest.NewStore("shop")
	shop.Otherwise(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
		id, account, ok := strings.Cut(token, ".")
		if !ok || id != p.ID || account == "" || account == "nobody" {
			return nil, &core.StoreError{Fault: core.FaultNotFound}
		}
		return gatetest.Owned(p, token, account), nil
	})
	config := core.Config{Stores: []core.Store{shop}}
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

// one is how the tests' clients present a token.
var one = fibermw.TokenHeader("X-Purchase-Token", func(c *fiber.Ctx) string { return c.Get("X-Player") })

// signed is a request of alice's with a token.
func signed(token string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Player", "alice")
	r.Header.Set("X-Purchase-Token", token)
	return r
}
