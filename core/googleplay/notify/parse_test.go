package notify_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/googleplay/notify"
)

// push wraps data as Pub/Sub does.
func push(data string) string {
	return `{"message":{"attributes":{"key":"value"},"data":"` + base64.StdEncoding.EncodeToString([]byte(data)) +
		`","messageId":"136969346945"},"subscription":"projects/p/subscriptions/s"}`
}

const head = `{"version":"1.0","packageName":"com.some.thing","eventTimeMillis":"1503349566168",`

func TestEachKindIsReadWhole(t *testing.T) {
	at := time.UnixMilli(1503349566168).UTC()
	for data, want := range map[string]notify.Notification{
		`"subscriptionNotification":{"version":"1.0","notificationType":4,"purchaseToken":"T1","subscriptionId":"monthly"}}`: {Subscription: &notify.Subscription{Type: notify.Purchased, PurchaseToken: "T1", ProductID: "monthly"}},
		`"subscriptionNotification":{"notificationType":"99","purchaseToken":"T1"}}`:                                         {Subscription: &notify.Subscription{Type: 99, PurchaseToken: "T1"}},
		`"subscriptionNotification":{"purchaseToken":"T1"}}`:                                                                 {Subscription: &notify.Subscription{PurchaseToken: "T1"}},
		`"oneTimeProductNotification":{"version":"1.0","notificationType":2,"purchaseToken":"T2","sku":"gems"}}`:             {Product: &notify.Product{Type: notify.ProductCanceled, PurchaseToken: "T2", ProductID: "gems"}},
		`"voidedPurchaseNotification":{"purchaseToken":"T3","orderId":"GPA.1","productType":1,"refundType":1}}`:              {Voided: &notify.Voided{PurchaseToken: "T3", OrderID: "GPA.1", Subscription: true}},
		`"voidedPurchaseNotification":{"purchaseToken":"T3","orderId":"GPA.1","productType":2,"refundType":2}}`:              {Voided: &notify.Voided{PurchaseToken: "T3", OrderID: "GPA.1", Partial: true}},
		`"testNotification":{"version":"1.0"},"subscriptionNotification":null}`:                                              {Test: true},
		`"x":{}}`: {},
	} {
		want.Version, want.PackageName, want.EventTime = "1.0", "com.some.thing", at
		n, err := notify.Parse([]byte(head+data), "com.some.thing")
		if err != nil {
			t.Errorf("%s: %v", data, err)
			continue
		}
		same(t, data, n, &want)
		want.MessageID = "136969346945"
		if n, err = notify.ParsePush([]byte(push(head+data)), "com.some.thing"); err != nil {
			t.Errorf("%s, pushed: %v", data, err)
			continue
		}
		same(t, data, n, &want)
	}
}

func same(t *testing.T, name string, got, want *notify.Notification) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

func TestWhatIsNoNotification(t *testing.T) {
	sub := `"subscriptionNotification":{"notificationType":4,"purchaseToken":"canary"}`
	for name, data := range map[string]string{
		"an array":                     `[]`,
		"nothing":                      ``,
		"no package":                   `{"version":"1.0","eventTimeMillis":"1503349566168",` + sub + `}`,
		"no time":                      `{"version":"1.0","packageName":"com.some.thing",` + sub + `}`,
		"a time that is none":          `{"version":"1.0","packageName":"com.some.thing","eventTimeMillis":"x",` + sub + `}`,
		"a member twice":               head + sub + `,` + sub + `}`,
		"two kinds":                    head + sub + `,"testNotification":{}}`,
		"a kind that is no object":     head + `"subscriptionNotification":[]}`,
		"no token":                     head + `"oneTimeProductNotification":{"notificationType":1}}`,
		"a token that is none":         head + `"voidedPurchaseNotification":{"purchaseToken":"canary b"}}`,
		"a type that is no number":     head + `"subscriptionNotification":{"notificationType":"canary","purchaseToken":"T"}}`,
		"a token that is a dot":        head + `"voidedPurchaseNotification":{"purchaseToken":".."}}`,
		"a refund type that is a list": head + `"voidedPurchaseNotification":{"purchaseToken":"T","refundType":[1]}}`,
	} {
		for how, err := range map[string]error{"pulled": second(notify.Parse([]byte(data), "com.some.thing")), "pushed": second(notify.ParsePush([]byte(push(data)), "com.some.thing"))} {
			if !errors.Is(err, notify.ErrMalformed) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s, %s: %v", name, how, err)
			}
		}
	}
	for name, body := range map[string]string{
		"no message":          `{}`,
		"a message of text":   `{"message":"x"}`,
		"no id":               `{"message":{"data":"e30="}}`,
		"an id of 129 bytes":  `{"message":{"data":"e30=","messageId":"` + strings.Repeat("1", 129) + `"}}`,
		"no data":             `{"message":{"messageId":"1","attributes":{"x":"y"}}}`,
		"data that is a list": `{"message":{"messageId":"1","data":[1]}}`,
		"data as URLs have":   `{"message":{"messageId":"1","data":"_-_-"}}`,
		"no JSON":             `canary`,
	} {
		if err := second(notify.ParsePush([]byte(body), "com.some.thing")); !errors.Is(err, notify.ErrMalformed) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, app := range []string{"", "com.some.thing.else", "COM.SOME.THING"} {
		if err := second(notify.Parse([]byte(head+sub+`}`), app)); !errors.Is(err, notify.ErrOtherApp) || strings.Contains(err.Error(), "com.some") {
			t.Errorf("%q: %v", app, err)
		}
	}
}

func second(n *notify.Notification, err error) error {
	if (n == nil) != (err != nil) {
		return fmt.Errorf("both or neither: %v, %w", n, err)
	}
	return err
}

func TestANotificationPrintsWithoutItsToken(t *testing.T) {
	n, err := notify.Parse([]byte(head+`"voidedPurchaseNotification":{"purchaseToken":"canary","orderId":"canary"}}`), "com.some.thing")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "n", *n, "p", n, "v", n.Voided)
	for _, text := range []string{fmt.Sprintf("%v %+v %s %v", *n, *n, n, *n.Voided), log.String()} {
		if strings.Contains(text, "canary") || !strings.Contains(text, "VOIDED_PURCHASE") {
			t.Errorf("it prints %s", text)
		}
	}
	for typ, want := range map[fmt.Stringer]string{
		notify.ItemsChanged: "SUBSCRIPTION_ITEMS_CHANGED", notify.SubscriptionType(14): "SUBSCRIPTION_14",
		notify.ProductCanceled: "ONE_TIME_PRODUCT_CANCELED", notify.ProductType(3): "ONE_TIME_PRODUCT_3",
	} {
		if typ.String() != want {
			t.Errorf("got %s, want %s", typ, want)
		}
	}
}

func FuzzParsePush(f *testing.F) {
	f.Add(push(head + `"subscriptionNotification":{"notificationType":4,"purchaseToken":"T1"}}`))
	f.Add(push(head + `"voidedPurchaseNotification":{"purchaseToken":"T3","productType":2,"refundType":2}}`))
	f.Add(`{"message":{"data":"e30=","messageId":"1"}}`)
	f.Fuzz(func(t *testing.T, body string) {
		n, err := notify.ParsePush([]byte(body), "com.some.thing")
		switch {
		case err != nil:
			if n != nil || !errors.Is(err, notify.ErrMalformed) && !errors.Is(err, notify.ErrOtherApp) {
				t.Fatalf("%v, %v", n, err)
			}
		case n.MessageID == "" || n.PackageName != "com.some.thing" || n.EventTime.IsZero(),
			(n.Subscription != nil || n.Product != nil || n.Voided != nil) != (n.PurchaseToken() != ""):
			t.Fatalf("half a notification: %+v", n)
		}
	})
}
