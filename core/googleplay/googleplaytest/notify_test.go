package googleplaytest_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestNotificationsAreAsPubSubPostsThem(t *testing.T) {
	store := googleplaytest.New(gentle())
	vip, gems := store.Buy(googleplaytest.Subscription("vip")), store.Buy(googleplaytest.InApp("gems"), googleplaytest.Quantity(2))
	store.Refund(vip)
	store.RefundQuantity(gems, 1)
	seen := map[string]bool{}
	for want, body := range map[string][]byte{
		`"subscriptionNotification":{"version":"1.0","notificationType":12,"purchaseToken":"` + vip + `","subscriptionId":"vip"}`:              store.SubscriptionNotification(vip, 12),
		`"oneTimeProductNotification":{"version":"1.0","notificationType":1,"purchaseToken":"` + gems + `","sku":"gems"}`:                      store.ProductNotification(gems, 1),
		`"voidedPurchaseNotification":{"purchaseToken":"` + vip + `","orderId":"` + store.OrderID(vip) + `","productType":1,"refundType":1}`:   store.VoidedNotification(vip),
		`"voidedPurchaseNotification":{"purchaseToken":"` + gems + `","orderId":"` + store.OrderID(gems) + `","productType":2,"refundType":2}`: store.VoidedNotification(gems),
		`"testNotification":{"version":"1.0"}`: store.TestNotification(),
	} {
		var push struct {
			Message      struct{ Data, MessageID string }
			Subscription string
		}
		if err := json.Unmarshal(body, &push); err != nil || push.Subscription == "" || push.Message.MessageID == "" || seen[push.Message.MessageID] {
			t.Fatalf("%s: %v", body, err)
		}
		seen[push.Message.MessageID] = true
		data, err := base64.StdEncoding.DecodeString(push.Message.Data)
		want = `{"version":"1.0","packageName":"` + store.PackageName() + `","eventTimeMillis":"1772366400000",` + want + `}`
		if err != nil {
			t.Fatal(err)
		}
		var got, wanted any
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		if a, b := mustJSON(t, got), mustJSON(t, wanted); a != b {
			t.Errorf("got  %s\nwant %s", a, b)
		}
	}
	for name, senseless := range map[string]func(){
		"a product among subscriptions": func() { store.SubscriptionNotification(gems, 1) },
		"a subscription among products": func() { store.ProductNotification(vip, 1) },
		"a void that was none":          func() { store.VoidedNotification(store.Buy(googleplaytest.InApp("gems"))) },
		"a token that nobody has":       func() { store.ProductNotification("x", 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is made", name)
				}
			}()
			senseless()
		}()
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
