package reconcile_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/reconcile"
)

func TestGooglePlayIsFollowedAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := googleplaytest.New(googleplaytest.Config{})
		client, err := googleplay.New(googleplay.Config{
			PackageName: store.PackageName(), ServiceAccountKey: store.ServiceAccountKey(),
			HTTPClient: &http.Client{Transport: store.RoundTripper()},
		})
		if err != nil {
			t.Fatal(err)
		}
		config := core.Config{Stores: []core.Store{client}, Outbox: core.NewMemoryOutbox()}
		long(&config)
		gate, err := core.New(config)
		if err != nil {
			t.Fatal(err)
		}
		defer gate.Close(context.Background())
		worker, err := reconcile.New(reconcile.Config{Gate: gate})
		if err != nil {
			t.Fatal(err)
		}
		skin, vip, gems := googleplay.InApp("skin"), googleplay.Subscription("vip"), googleplay.InApp("gems")
		p := &process{gate: gate, route: core.NewRoute(gate, core.AnyOf(skin, vip, gems), core.RouteConfig{})}
		bought := map[core.Product]string{
			skin: store.Buy(googleplaytest.InApp("skin")), vip: store.Buy(googleplaytest.Subscription("vip")),
			gems: store.Buy(googleplaytest.InApp("gems"), googleplaytest.Quantity(3)),
		}
		round := func() reconcile.Report {
			t.Helper()
			report, err := worker.RunOnce(t.Context())
			if err != nil {
				t.Error(err)
			}
			return report
		}
		for product, token := range bought {
			if d := p.request(t.Context(), token, 200); d.Product != product || !d.Granted() {
				t.Fatalf("got %+v", d)
			}
		}
		if report := round(); report.Acknowledged != len(bought) {
			t.Errorf("the report is %+v", report)
		}
		time.Sleep(10 * 24 * time.Hour) // nothing is refunded for want of an acknowledgement
		for product, token := range bought {
			if product != vip && !p.request(t.Context(), token, 200).Granted() {
				t.Errorf("%v was taken back", product)
			}
		}
		store.Refund(bought[skin])
		store.RefundQuantity(bought[gems], 1)
		time.Sleep(time.Hour)
		if report := round(); report.Voids != 1 {
			t.Errorf("the report is %+v", report)
		}
		if d := p.request(t.Context(), bought[skin], 200); d.Granted() {
			t.Errorf("a refunded purchase: %+v", d)
		}
		if d := p.request(t.Context(), bought[gems], 200); !d.Granted() {
			t.Errorf("of three one was refunded, two stand: %+v", d)
		}
		store.Check(t)
	})
}
