package googleplay_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestStore(t *testing.T) {
	gatetest.RunStore(t, func(t *testing.T) gatetest.Market {
		fake := googleplaytest.New(googleplaytest.Config{Seed: 7})
		t.Cleanup(func() { fake.Check(t) })
		return gatetest.Market{
			Connect: func(transport http.RoundTripper) core.Store {
				c, err := googleplay.New(googleplay.Config{
					PackageName: fake.PackageName(), ServiceAccountKey: fake.ServiceAccountKey(),
					HTTPClient: &http.Client{Transport: transport},
				})
				if err != nil {
					t.Fatal(err)
				}
				return c
			},
			Transport: fake.RoundTripper(),
			Products:  []core.Product{googleplay.InApp("gems_100"), googleplay.Subscription("vip")},
			Buy: func(p core.Product, label string) string {
				if p.Kind == core.KindInApp {
					return fake.Buy(googleplaytest.InApp(p.ID), googleplaytest.Label(label))
				}
				return fake.Buy(googleplaytest.Subscription(p.ID), googleplaytest.Label(label))
			},
			Refund:  fake.Refund,
			Unknown: "nobodys" + strings.Repeat("x", 60),
			Secrets: []string{string(fake.ServiceAccountKey())},
		}
	})
}
