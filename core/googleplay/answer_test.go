package googleplay_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
)

func number(n int64) *int64 { return &n }

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 12, 0, 0, 0, time.UTC) }

func TestEveryMemberIsRead(t *testing.T) {
	dated := func(sample string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", "Tue, 01 Sep 2026 12:00:00 GMT")
			body(200, sample)(w, r)
		}
	}
	u := &upstream{t: t, reply: dated(productSample)}
	p, err := u.listen(t).ProductPurchase(t.Context(), "gold", token)
	if err != nil {
		t.Fatal(err)
	}
	if want := (&googleplay.ProductPurchase{
		PurchaseTime: time.UnixMilli(1345678900000).UTC(), PurchaseState: number(0), ConsumptionState: number(0), AcknowledgementState: number(0),
		DeveloperPayload: "payload", OrderID: "GPA.3300-0000-0000-00001", PurchaseType: number(1), PurchaseToken: token, ProductID: "gold",
		Quantity: number(3), RefundableQuantity: number(2), ObfuscatedExternalAccountID: "player-1", ObfuscatedExternalProfileID: "profile-1",
		RegionCode: "US", ServerTime: day(time.September, 1),
	}); !reflect.DeepEqual(p, want) {
		t.Errorf("got %+v", p)
	}
	u = &upstream{t: t, reply: dated(subscriptionSample)}
	s, err := u.listen(t).SubscriptionPurchaseV2(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if want := (&googleplay.SubscriptionPurchaseV2{
		SubscriptionState: googleplay.SubscriptionActive, StartTime: day(time.March, 1), RegionCode: "US", LatestOrderID: "GPA.3300-0000-0000-00002",
		LinkedPurchaseToken: "canaryold", AcknowledgementState: "ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED",
		AutoResumeTime: day(time.May, 1).Add(500 * time.Millisecond), UserCancelTime: day(time.March, 2).Add(-time.Hour), TestPurchase: true,
		ObfuscatedExternalAccountID: "player-1", ObfuscatedExternalProfileID: "profile-1", ServerTime: day(time.September, 1),
		LineItems: []googleplay.SubscriptionLineItem{{
			ProductID: "gold", ExpiryTime: time.Date(2199, 4, 1, 12, 0, 0, 0, time.UTC), AutoRenewEnabled: true,
			LatestSuccessfulOrderID: "GPA.3300-0000-0000-00002..0", BasePlanID: "monthly", OfferID: "intro",
		}},
	}); !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v", s)
	}
}

func TestIntegersMayBeStrings(t *testing.T) { // T-80
	for _, change := range []map[string]any{
		{"purchaseTimeMillis": 1345678900000, "purchaseState": "0", "consumptionState": "0", "quantity": "3", "refundableQuantity": "2", "purchaseType": "1"},
		{},
	} {
		u := &upstream{t: t, reply: body(200, with(t, productSample, change))}
		p, err := u.inProcess(t).Lookup(t.Context(), googleplay.InApp("gold"), token)
		if err != nil || p.State != core.StatePurchased || p.Quantity != 2 || p.Refunded != 1 || p.Test {
			t.Errorf("%v: got %+v, %v", change, p, err)
		}
	}
}

func TestAnAnswerThatIsNotWholeIsNoPurchase(t *testing.T) {
	broken := func(sample string, changes ...map[string]any) []string {
		list := []string{"", "{}", "null", "[]", "0", `"x"`, "<html>", sample + "x", sample + sample, "\ufeff" + sample, sample[:len(sample)-2],
			`{"error":{"code":404}}`, with(t, sample, map[string]any{"error": nil})}
		for _, c := range changes {
			list = append(list, with(t, sample, c))
		}
		return list
	}
	cases := map[core.Product][]string{
		googleplay.InApp("gold"): broken(productSample,
			map[string]any{"purchaseState": absent}, map[string]any{"purchaseState": nil}, map[string]any{"purchaseState": "zero"}, map[string]any{"purchaseState": false},
			map[string]any{"purchaseState": ""}, map[string]any{"purchaseState": 0.5}, map[string]any{"PURCHASESTATE": 0},
			map[string]any{"consumptionState": absent}, map[string]any{"consumptionState": nil},
			map[string]any{"purchaseTimeMillis": absent}, map[string]any{"purchaseTimeMillis": "0"}, map[string]any{"purchaseTimeMillis": "x"},
			map[string]any{"quantity": 0}, map[string]any{"quantity": -1}, map[string]any{"quantity": 1_000_001}, map[string]any{"quantity": 1}, // less than what is refundable
			map[string]any{"refundableQuantity": -1}, map[string]any{"refundableQuantity": 4}, map[string]any{"refundableQuantity": "some"},
			map[string]any{"purchaseType": "test"}, map[string]any{"productId": 7}, map[string]any{"purchaseToken": map[string]any{}}),
		googleplay.Subscription("gold"): broken(subscriptionSample,
			map[string]any{"subscriptionState": absent}, map[string]any{"subscriptionState": nil}, map[string]any{"subscriptionState": 1}, map[string]any{"subscriptionState": ""},
			map[string]any{"lineItems": map[string]any{}}, map[string]any{"lineItems": []any{1}}, map[string]any{"lineItems": []any{nil}},
			map[string]any{"lineItems": []any{map[string]any{"productId": "gold", "expiryTime": "soon"}}},
			map[string]any{"lineItems": []any{map[string]any{"productId": "gold", "expiryTime": 1345678900000}}},
			map[string]any{"lineItems": []any{map[string]any{"productId": "gold", "expiryTime": "2201-01-01T00:00:00Z"}}},
			map[string]any{"lineItems": []any{map[string]any{"productId": "gold", "expiryTime": "1969-01-01T00:00:00Z"}}},
			map[string]any{"lineItems": []any{map[string]any{"productId": "gold", "autoRenewingPlan": true}}},
			map[string]any{"startTime": "yesterday"}, map[string]any{"testPurchase": true}, map[string]any{"externalAccountIdentifiers": []any{}},
			map[string]any{"pausedStateContext": map[string]any{"autoResumeTime": "x"}}),
	}
	for p, bodies := range cases {
		for _, text := range bodies {
			u := &upstream{t: t, reply: body(200, text)}
			c := u.inProcess(t)
			if se := lookup(t, c, p); se.Reason != core.ReasonMalformedUpstream || se.Fault != core.FaultUnavailable || !isError(se, googleplay.ErrMalformedAnswer) {
				t.Errorf("%s of %s: %v", p, text, se)
			}
		}
	}
	for _, status := range []int{201, 202, 206} {
		u := &upstream{t: t, reply: body(status, productSample)}
		if se := lookup(t, u.inProcess(t), googleplay.InApp("gold")); se.Reason != core.ReasonMalformedUpstream {
			t.Errorf("status %d: %v", status, se)
		}
	}
}

func TestWhatMayBeAbsentIsNotAsked(t *testing.T) { // T-82, T-89
	u := &upstream{t: t, reply: body(200, `{"purchaseTimeMillis":"1345678900000","purchaseState":0,"consumptionState":0}`)}
	p, err := u.inProcess(t).Lookup(t.Context(), googleplay.InApp("gold"), token)
	if want := (core.Purchase{Token: token, State: core.StatePurchased, Consumption: core.Unconsumed, Quantity: 1, PurchasedAt: time.UnixMilli(1345678900000).UTC()}); err != nil || *p != want {
		t.Errorf("got %+v, %v", p, err)
	}
}
