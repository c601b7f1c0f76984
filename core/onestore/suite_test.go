package onestore_test

import (
	"net/http"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestStore(t *testing.T) {
	for market, fakes := range map[onestore.Market]string{onestore.MarketGlobal: onestoretest.MarketGlobal, onestore.MarketKorea: onestoretest.MarketKorea} {
		t.Run(string(market), func(t *testing.T) {
			gatetest.RunStore(t, func(t *testing.T) gatetest.Market {
				fake := onestoretest.New(onestoretest.Config{Market: fakes, Environment: onestoretest.Commercial, Seed: 7})
				t.Cleanup(func() { fake.Check(t) })
				return gatetest.Market{
					Connect: func(transport http.RoundTripper) core.Store {
						return client(t, onestore.Config{
							ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: market,
							Environment: onestore.Commercial, HTTPClient: &http.Client{Transport: transport},
						})
					},
					Transport: fake.RoundTripper(),
					Products:  []core.Product{onestore.InApp("골드 100"), onestore.Recurring("pass"), onestore.Subscription("vip")},
					Buy: func(p core.Product, label string) string {
						product := map[core.Kind]func(string) onestoretest.Product{
							core.KindInApp: onestoretest.InApp, core.KindRecurring: onestoretest.Recurring, core.KindSubscription: onestoretest.Subscription,
						}[p.Kind](p.ID)
						return fake.Buy(product, onestoretest.Label(label))
					},
					Unlabelled: []core.Kind{core.KindRecurring}, // the document's answer has no developerPayload
					Refund:     fake.Refund,
					Unknown:    "SANDBOX3000009999999",
					Secrets:    []string{fake.ClientSecret()},
				}
			})
		})
	}
}
