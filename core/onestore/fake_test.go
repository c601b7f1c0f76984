package onestore_test

import (
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// TestAgainstTheFake asks the fake store, which was written from the document by itself, is strict
// about every request, and as inconvenient in its answers as the document allows.
func TestAgainstTheFake(t *testing.T) {
	for seed := range uint64(20) {
		store := onestoretest.Start(t, onestoretest.Config{Seed: seed, KeepUnacknowledged: true})
		c := client(t, onestore.Config{
			ClientID: store.ClientID(), ClientSecret: store.ClientSecret(),
			Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: store.URL(),
		})
		bought := map[core.Product]string{
			onestore.InApp("골드 100"):   store.Buy(onestoretest.InApp("골드 100"), onestoretest.Label("player-1"), onestoretest.Quantity(3)),
			onestore.Recurring("pass"): store.Buy(onestoretest.Recurring("pass")),
			onestore.Subscription("vip"): store.Buy(onestoretest.Subscription("vip"), onestoretest.Label("player-1"),
				onestoretest.Promotion(100, 3)),
		}
		for step := range 5 {
			for p, token := range bought {
				got, err := c.Lookup(t.Context(), p, token)
				if err != nil {
					t.Fatalf("seed %d, step %d, %s: %v", seed, step, p, err)
				}
				if got.ID == "" || got.State != core.StatePurchased || got.Acknowledgement != core.Unacknowledged || !got.Test || got.PurchasedAt.IsZero() {
					t.Errorf("%s: %+v", p, got)
				}
				if now := store.Now(); now.Sub(got.StoreTime).Abs() > 2*time.Second {
					t.Errorf("%s: the store's clock is %v, got %v", p, now, got.StoreTime)
				}
				if p.Kind != core.KindInApp && (!got.AutoRenewing || got.ExpiresAt.Before(got.StoreTime)) {
					t.Errorf("%s: %+v", p, got)
				}
				if p.Kind == core.KindInApp && (got.Quantity != 3 || got.Label != "player-1" || got.Consumption != core.Unconsumed) {
					t.Errorf("%s: %+v", p, got)
				}
				for other := range bought {
					if other != p {
						if se, ok := errorOf(c.Lookup(t.Context(), other, token)); !ok || se.Reason != core.ReasonNotFound {
							t.Errorf("a token of %s as one of %s: %v", p, other, se)
						}
					}
				}
			}
			store.Advance(55 * time.Minute) // renewals, and access tokens that die meanwhile
		}
		for _, op := range []string{"getPurchaseDetails", "getRecurringPurchaseDetails", "getSubscriptionDetail"} {
			if store.Count(onestoretest.Op(op)) < 15 {
				t.Errorf("the fake saw %d of %s", store.Count(onestoretest.Op(op)), op)
			}
		}
		wrong := client(t, onestore.Config{
			ClientID: store.ClientID(), ClientSecret: store.ClientSecret() + "x",
			Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: store.URL(),
		})
		if se, ok := errorOf(wrong.Lookup(t.Context(), onestore.Subscription("vip"), token)); !ok || se.Reason != core.ReasonUpstreamAuth {
			t.Errorf("a wrong secret: %v", se)
		}
	}
}

func errorOf(_ *core.Purchase, err error) (*core.StoreError, bool) {
	se, ok := err.(*core.StoreError)
	return se, ok
}
