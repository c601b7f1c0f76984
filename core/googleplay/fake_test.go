package googleplay_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// clientOf is a client of a fake without a socket.
func clientOf(t *testing.T, fake *googleplaytest.Store, change ...func(*googleplay.Config)) *googleplay.Client {
	t.Helper()
	cfg := googleplay.Config{
		PackageName: fake.PackageName(), ServiceAccountKey: fake.ServiceAccountKey(),
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	}
	for _, f := range change {
		f(&cfg)
	}
	return client(t, cfg)
}

// TestAgainstTheFake asks the fake store, which was written from the documents by itself, is strict
// about every request, and as inconvenient in its answers as they allow.
func TestAgainstTheFake(t *testing.T) {
	for seed := range uint64(12) {
		store := googleplaytest.Start(t, googleplaytest.Config{Seed: seed, KeepUnacknowledged: true})
		c := client(t, googleplay.Config{PackageName: store.PackageName(), ServiceAccountKey: store.ServiceAccountKey(), BaseURL: store.URL()})
		gems, gone := googleplay.InApp("gems_100").Consumable(), googleplay.InApp("gone")
		bought := map[core.Product]string{
			gems:                           store.Buy(googleplaytest.InApp("gems_100"), googleplaytest.Label("player-1"), googleplaytest.Quantity(3)),
			googleplay.InApp("castle"):     store.Buy(googleplaytest.InApp("castle"), googleplaytest.PromoCode()),
			gone:                           store.Buy(googleplaytest.InApp("gone")),
			googleplay.Subscription("vip"): store.Buy(googleplaytest.Subscription("vip"), googleplaytest.Label("player-1"), googleplaytest.AddOn("extra")),
		}
		store.RefundQuantity(bought[gems], 1)
		store.RefundAndKeep(bought[gone])
		for step := range 5 {
			for p, tok := range bought {
				got, err := c.Lookup(t.Context(), p, tok)
				if err != nil {
					t.Fatalf("seed %d, step %d, %s: %v", seed, step, p, err)
				}
				if got.ID != store.OrderID(tok) || got.State != core.StatePurchased || got.Acknowledgement != core.Unacknowledged || got.Test || got.PurchasedAt.IsZero() {
					t.Errorf("seed %d, %s: got %+v", seed, p, got)
				}
				want := map[core.Product][2]int{gems: {2, 1}, gone: {0, 1}}
				if w, ok := want[p]; ok && (got.Quantity != w[0] || got.Refunded != w[1]) {
					t.Errorf("seed %d, %s: got %d of which %d were refunded", seed, p, got.Quantity, got.Refunded)
				}
			}
			for p, tok := range map[core.Product]string{
				googleplay.InApp("vip"): bought[googleplay.Subscription("vip")], googleplay.InApp("castle"): bought[gems],
				googleplay.Subscription("other"): bought[googleplay.Subscription("vip")], gems: "made-up",
			} {
				if _, err := c.Lookup(t.Context(), p, tok); core.FaultNotFound != faultOf(err) {
					t.Errorf("seed %d: a token that is no purchase of %s: %v", seed, p, err)
				}
			}
			store.Advance(40 * time.Minute) // access tokens die on the way
		}
		if got, err := c.Lookup(t.Context(), googleplay.Subscription("extra"), bought[googleplay.Subscription("vip")]); err != nil || got.ExpiresAt.IsZero() {
			t.Errorf("an add-on: %+v, %v", got, err)
		}
	}
}

func faultOf(err error) core.StoreFault {
	if se, ok := err.(*core.StoreError); ok {
		return se.Fault
	}
	return 255
}
