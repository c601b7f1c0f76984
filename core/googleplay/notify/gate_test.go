package notify_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/googleplay/notify"
)

// What happened takes effect with the next request, and the message itself decides nothing.
func TestTheStoreIsAskedAgain(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{})
	client, err := googleplay.New(googleplay.Config{
		PackageName: fake.PackageName(), ServiceAccountKey: fake.ServiceAccountKey(), HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	gate, err := core.New(core.Config{Stores: []core.Store{client}})
	if err != nil {
		t.Fatal(err)
	}
	d := open(t, func(c *notify.Config) { c.Gate, c.PackageName = gate, fake.PackageName() })
	vip := core.Entitlement("vip", googleplay.Subscription("vip"), googleplay.InApp("forever"))
	check := func(what, token string, want core.Outcome) {
		t.Helper()
		if d := gate.Check(t.Context(), vip, core.Credentials{Account: "mina", Token: token}); d.Outcome != want {
			t.Errorf("%s: %v (%s, %v), want %v", what, d.Outcome, d.Reason, d.Err, want)
		}
	}
	sub := fake.Buy(googleplaytest.Subscription("vip"), googleplaytest.Label("mina"), googleplaytest.Acknowledged())
	one := fake.Buy(googleplaytest.InApp("forever"), googleplaytest.Label("mina"), googleplaytest.Acknowledged())
	check("a subscription", sub, core.Granted)
	check("a product", one, core.Granted)
	d.want("a false revocation", d.post(path, fake.SubscriptionNotification(sub, int(notify.Revoked))), 200)
	check("after it", sub, core.Granted)

	fake.Refund(sub)
	fake.Refund(one)
	check("refunded, and nobody said so", sub, core.Granted)
	check("refunded, and nobody said so", one, core.Granted)
	asked := fake.Count(googleplaytest.OpSubscriptionGet)
	d.want("the revocation", d.post(path, fake.SubscriptionNotification(sub, int(notify.Revoked))), 200)
	d.want("the void", d.post(path, fake.VoidedNotification(one)), 200)
	d.want("look-ups by the notification itself", fake.Count(googleplaytest.OpSubscriptionGet), asked)
	check("a subscription, now", sub, core.Denied)
	check("a product, now", one, core.Denied)

	if err := gate.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	d.want("a closed gate", d.post(path, fake.VoidedNotification(one)), 503)
	fake.Check(t)
}
