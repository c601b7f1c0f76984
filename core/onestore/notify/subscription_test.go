package notify_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestASubscriptionMessageIsReadWhole(t *testing.T) {
	names := []string{"RECOVERED", "RENEWED", "CANCELED", "PURCHASED", "ON_HOLD", "IN_GRACE_PERIOD", "RESTARTED",
		"PRICE_CHANGE_CONFIRMED", "DEFERRED", "PAUSED", "PAUSE_SCHEDULE_CHANGED", "REVOKED", "EXPIRED"}
	misspelled := 0
	for i, name := range names {
		s := onestoretest.New(onestoretest.Config{Seed: uint64(i)})
		token := s.Buy(onestoretest.Subscription("vip"))
		body := s.SubscriptionNotification(token, i+1)
		if strings.Contains(string(body), "environmenmt") {
			misspelled++
		}
		got, err := verifierOf(t, s).ParseSubscription(body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.Now().Sub(got.EventTime).Abs() > time.Minute {
			t.Errorf("%s: at %v", name, got.EventTime)
		}
		want := notify.Subscription{MessageVersion: "3.1.0D", ClientID: s.ClientID(), EventTime: got.EventTime, Version: "1", Type: notify.Type(i + 1),
			PurchaseToken: token, ProductID: "vip", Environment: onestore.Sandbox, Market: onestore.MarketGlobal}
		if *got != want || got.Type.String() != "SUBSCRIPTION_"+name {
			t.Errorf("%s: got %#v", name, *got)
		}
	}
	if misspelled == 0 || misspelled == len(names) {
		t.Errorf("%d messages were misspelled", misspelled)
	}
	for n, want := range map[notify.Type]string{0: "SUBSCRIPTION_0", 14: "SUBSCRIPTION_14", -1: "SUBSCRIPTION_-1", 1 << 40: "SUBSCRIPTION_1099511627776"} {
		if n.String() != want {
			t.Errorf("got %s, want %s", n, want)
		}
	}
}

// sns is a subscription message in which something was replaced.
func sns(old, new string) string {
	const good = `{"msgVersion":"3.1.0D","clientId":"0000042301","eventTimeMillis":24431212233123,` +
		`"subscriptionNotification":{"version":"1","notificationType":12,"purchaseToken":"SANDBOX3000002616001","productId":"vip"},` +
		`"environment":"SANDBOX","marketCode":"MKT_GLB"}`
	if !strings.Contains(good, old) {
		panic(old + " is not in the message")
	}
	return strings.Replace(good, old, new, 1)
}

func TestSubscriptionMessages(t *testing.T) {
	v := verifier(t, "")
	for _, c := range []struct {
		name, body string
		want       error // nil: it is accepted
		says       string
	}{
		{"the document's time, of 14 digits", sns("", ""), nil, ""},
		{"the document's spelling", sns("environment", "environmenmt"), nil, ""},
		{"numbers as texts", sns("12,", `"12",`), nil, ""},
		{"a type that is not documented", sns("12,", `14,`), nil, ""},
		{"an unknown member", sns("{", `{"x":[{}],`), nil, ""},
		{"version 3.0.0", sns(`"msgVersion":"3.1.0D","clientId":"0000042301"`, `"msgVersion":"3.0.0D","packageName":"com.onestore.pns"`), nil, ""},
		{"both spellings that agree", sns(`"environment"`, `"environmenmt":"SANDBOX","environment"`), nil, ""},

		{"both spellings that do not", sns(`"environment"`, `"environmenmt":"COMMERCIAL","environment"`), notify.ErrOtherApp, "environmenmt"},
		{"another client", sns("0000042301", "canary"), notify.ErrOtherApp, "clientId"},
		{"a client that is a number", sns(`"0000042301"`, "42301"), notify.ErrOtherApp, "clientId"},
		{"the package of a newer message alone", sns(`"clientId":"0000042301"`, `"packageName":"canary"`), notify.ErrOtherApp, "packageName"},
		{"the other environment", sns("SANDBOX\"", "COMMERCIAL\""), notify.ErrOtherApp, "environment"},
		{"no environment", sns(`"environment":"SANDBOX",`, ""), notify.ErrOtherApp, "environment"},
		{"an environment in small letters", sns(`"SANDBOX"`, `"sandbox"`), notify.ErrOtherApp, "environment"},
		{"the other market", sns("MKT_GLB", "MKT_ONE"), notify.ErrOtherApp, "marketCode"},
		{"no JSON", "<xml>", notify.ErrMalformed, "not JSON"},
		{"a member twice", sns("{", `{"clientId":"x",`), notify.ErrMalformed, "twice"},
		{"an inner member twice", sns(`"version"`, `"PurchaseToken":"x","version"`), notify.ErrMalformed, "twice"},
		{"no time", sns(`"eventTimeMillis":24431212233123,`, ""), notify.ErrMalformed, "eventTimeMillis is missing"},
		{"a time of null", sns("24431212233123", "null"), notify.ErrMalformed, "eventTimeMillis is missing"},
		{"a time of 0", sns("24431212233123", "0"), notify.ErrMalformed, "eventTimeMillis is not a plausible time"},
		{"a time before 1970", sns("24431212233123", "-1"), notify.ErrMalformed, "eventTimeMillis is not a plausible time"},
		{"a time after 9999", sns("24431212233123", "253402300800000"), notify.ErrMalformed, "eventTimeMillis is not a plausible time"},
		{"no event", sns(`"subscriptionNotification"`, `"x"`), notify.ErrMalformed, "subscriptionNotification is missing"},
		{"an event that is a text", sns(`"subscriptionNotification":{`, `"subscriptionNotification":"canary","x":{`), notify.ErrMalformed, "subscriptionNotification is not an object"},
		{"no type", sns(`"notificationType":12,`, ""), notify.ErrMalformed, "subscriptionNotification.notificationType is missing"},
		{"a type that is a word", sns("12,", `"canary",`), notify.ErrMalformed, "notificationType is not an integer"},
		{"no token", sns(`"purchaseToken":"SANDBOX3000002616001",`, ""), notify.ErrMalformed, "subscriptionNotification.purchaseToken is missing"},
		{"what can be no token", sns("SANDBOX3000002616001", "canary/.."), notify.ErrMalformed, "purchaseToken is no purchase token"},
		{"version 2", sns("3.1.0D", "2.0.0D"), notify.ErrMalformed, "msgVersion"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := v.ParseSubscription([]byte(c.body))
			if (s == nil) != (c.want != nil) || !errors.Is(err, c.want) || c.want != nil && !strings.Contains(fmt.Sprint(err), c.says) {
				t.Fatalf("got %v and the error %v, want %v with %q", s, err, c.want, c.says)
			}
			if strings.Contains(fmt.Sprint(err), "canary") {
				t.Errorf("the error quotes the message: %v", err)
			}
		})
	}
}
