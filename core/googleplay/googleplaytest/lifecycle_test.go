package googleplaytest_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

const day = 24 * time.Hour

func gentle() googleplaytest.Config { return googleplaytest.Config{Gentle: true, Now: frozen} }

func TestTheFactsOfAProduct(t *testing.T) {
	w := inProcess(t, gentle())
	tok := w.store.Buy(googleplaytest.InApp("gems"), googleplaytest.Quantity(3), googleplaytest.Label("player-1"), googleplaytest.Profile("p"))
	says := func(when string, want map[string]string) {
		t.Helper()
		got := w.lookup(tok).facts(t)
		for name, v := range want {
			if text := ""; got[name] != nil {
				if text = fmt.Sprint(got[name]); text != v {
					t.Errorf("%s: %s is %s, want %s", when, name, text, v)
				}
			} else if v != "" {
				t.Errorf("%s: no %s", when, name)
			}
		}
	}
	says("bought", map[string]string{
		"purchaseTimeMillis": "1772366400000", "purchaseState": "0", "consumptionState": "0", "acknowledgementState": "0", "orderId": w.store.OrderID(tok),
		"purchaseType": "", "purchaseToken": tok, "productId": "gems", "quantity": "3", "refundableQuantity": "3", "regionCode": "US",
		"obfuscatedExternalAccountId": "player-1", "obfuscatedExternalProfileId": "p", "kind": "androidpublisher#productPurchase",
	})
	if _, ok := w.lookup(tok).facts(t)["purchaseTimeMillis"].(string); !ok {
		t.Error("a gentle store writes int64 as text")
	}
	if got := w.post(tok, "acknowledge", `{"developerPayload":"kept"}`); got.status != 200 || got.body != "" {
		t.Errorf("acknowledge: %d %s", got.status, got.body)
	}
	says("acknowledged", map[string]string{"acknowledgementState": "1", "developerPayload": "kept"})
	if got := w.post(tok, "acknowledge", ""); got.status != 400 || got.reason() != "invalidPurchaseState" {
		t.Errorf("acknowledged again: %d %s", got.status, got.body)
	}
	w.store.RefundQuantity(tok, 1)
	says("refunded one", map[string]string{"purchaseState": "0", "refundableQuantity": "2"})
	if got := w.post(tok, "consume", ""); got.status != 200 {
		t.Errorf("consume: %d %s", got.status, got.body)
	}
	says("consumed", map[string]string{"consumptionState": "1", "purchaseState": "0"})
	if got := w.post(tok, "consume", ""); got.reason() != "invalidPurchaseState" {
		t.Errorf("consumed again: %d %s", got.status, got.body)
	}
	w.store.RefundQuantity(tok, 2)
	says("refunded the rest", map[string]string{"purchaseState": "1", "refundableQuantity": "0"})
	if got := w.post(tok, "consume", ""); got.reason() != "productNotOwnedByUser" {
		t.Errorf("consumed too late: %d %s", got.status, got.body)
	}
	if got := w.post(tok, "acknowledge", ""); got.reason() != "productNotOwnedByUser" {
		t.Errorf("acknowledged too late: %d %s", got.status, got.body)
	}

	for option, want := range map[string]googleplaytest.Option{"0": googleplaytest.Test(), "1": googleplaytest.PromoCode(), "2": googleplaytest.Rewarded()} {
		tok = w.store.Buy(googleplaytest.InApp("gems"), want)
		says("bought otherwise", map[string]string{"purchaseType": option})
	}
	tok = w.store.Buy(googleplaytest.InApp("gems"), googleplaytest.Pending())
	says("pending", map[string]string{"purchaseState": "2", "orderId": ""})
	if got := w.post(tok, "acknowledge", ""); got.reason() != "invalidPurchaseState" {
		t.Errorf("acknowledged before it is paid: %d %s", got.status, got.body)
	}
	w.store.Pay(tok)
	says("paid", map[string]string{"purchaseState": "0", "orderId": w.store.OrderID(tok)})
	w.store.RefundAndKeep(tok)
	says("refunded and kept", map[string]string{"purchaseState": "0", "refundableQuantity": "0"})
	tok = w.store.Buy(googleplaytest.InApp("gems"))
	w.store.SetTime(w.store.Now().Add(3*day - time.Millisecond))
	says("3 days less a millisecond", map[string]string{"purchaseState": "0"})
	w.store.Advance(time.Millisecond)
	says("3 days", map[string]string{"purchaseState": "1"})
}

// subscription is what the tests look at.
type subscription struct {
	SubscriptionState, StartTime, LatestOrderID, LinkedPurchaseToken, AcknowledgementState string
	PausedStateContext                                                                     struct{ AutoResumeTime string }
	CanceledStateContext                                                                   map[string]any
	TestPurchase                                                                           *struct{}
	LineItems                                                                              []struct {
		ProductID, ExpiryTime, LatestSuccessfulOrderID string
		AutoRenewingPlan                               *struct{ AutoRenewEnabled bool }
		PrepaidPlan                                    *struct{}
	}
}

func (w *wire) subscription(tok string) subscription {
	w.t.Helper()
	var s subscription
	got := w.lookup(tok)
	if got.status != 200 {
		w.t.Fatalf("%d %s", got.status, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), &s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestTheLifeOfASubscription(t *testing.T) {
	w := inProcess(t, gentle())
	tok := w.store.Buy(googleplaytest.Subscription("vip"))
	says := func(state, expiry string, renews bool) {
		t.Helper()
		s := w.subscription(tok)
		item := s.LineItems[0]
		if s.SubscriptionState != "SUBSCRIPTION_STATE_"+state || item.ExpiryTime != expiry || item.AutoRenewingPlan == nil || item.AutoRenewingPlan.AutoRenewEnabled != renews {
			t.Errorf("got %+v, want %s until %s", s, state, expiry)
		}
		if item.LatestSuccessfulOrderID != w.store.OrderID(tok) || s.LatestOrderID != item.LatestSuccessfulOrderID || item.ProductID != "vip" {
			t.Errorf("got %+v", s)
		}
	}
	says("ACTIVE", "2026-03-31T12:00:00Z", true)
	first := w.store.OrderID(tok)
	if got := w.post(tok, "acknowledge", ""); got.status != 200 {
		t.Errorf("acknowledge: %d %s", got.status, got.body)
	}
	w.store.Advance(30 * day)
	says("ACTIVE", "2026-04-30T12:00:00Z", true)
	if got := w.store.OrderID(tok); got != first+"..0" {
		t.Errorf("the renewal's order is %s after %s", got, first)
	}
	w.store.FailPayment(tok)
	w.store.Advance(30 * day)
	says("IN_GRACE_PERIOD", "2026-05-07T12:00:00Z", true)
	w.store.Advance(7*day + time.Millisecond)
	says("ON_HOLD", "2026-05-07T12:00:00Z", true)
	w.store.Renew(tok)
	says("ACTIVE", "2026-06-06T12:00:00.001Z", true)
	w.store.SchedulePause(tok, 7*day)
	says("ACTIVE", "2026-06-06T12:00:00.001Z", true)
	w.store.Advance(30*day + time.Millisecond)
	says("PAUSED", "2026-06-06T12:00:00.001Z", true)
	if got := w.subscription(tok).PausedStateContext.AutoResumeTime; got != "2026-06-13T12:00:00.001Z" {
		t.Errorf("it resumes at %s", got)
	}
	w.store.Advance(7 * day)
	says("ACTIVE", "2026-07-13T12:00:00.001Z", true)
	w.store.CancelRenewal(tok)
	says("CANCELED", "2026-07-13T12:00:00.001Z", false)
	if got := w.subscription(tok).CanceledStateContext; got["userInitiatedCancellation"] == nil {
		t.Errorf("who cancelled: %v", got)
	}
	w.store.Restore(tok)
	says("ACTIVE", "2026-07-13T12:00:00.001Z", true)
	w.store.CancelRenewal(tok)
	w.store.Advance(30*day + time.Millisecond)
	says("EXPIRED", "2026-07-13T12:00:00.001Z", false)
	w.store.Advance(59 * day)
	says("EXPIRED", "2026-07-13T12:00:00.001Z", false)
	w.store.Advance(2 * day)
	if got := w.lookup(tok); got.status != 410 || got.reason() != "purchaseTokenNoLongerValid" {
		t.Errorf("61 days later: %d %s", got.status, got.body)
	}
	w.store.Check(t)
}

func TestOtherBeginningsAndEndsOfSubscriptions(t *testing.T) {
	w := inProcess(t, gentle())
	buy := func(o ...googleplaytest.Option) string {
		return w.store.Buy(googleplaytest.Subscription("vip"), append(o, googleplaytest.Acknowledged())...)
	}
	state := func(tok string) string { return w.subscription(tok).SubscriptionState[len("SUBSCRIPTION_STATE_"):] }
	tok := buy(googleplaytest.Pending())
	if s := w.subscription(tok); s.SubscriptionState != "SUBSCRIPTION_STATE_PENDING" || s.StartTime != "" || s.LineItems[0].ExpiryTime != "" || s.LatestOrderID != "" {
		t.Errorf("pending: %+v", s)
	}
	w.store.CancelPending(tok)
	if got := state(tok); got != "PENDING_PURCHASE_CANCELED" {
		t.Errorf("given up: %s", got)
	}
	prepaid := buy(googleplaytest.Prepaid(), googleplaytest.Period(day), googleplaytest.Test(), googleplaytest.BasePlan("day"), googleplaytest.AddOn("extra"))
	if s := w.subscription(prepaid); s.LineItems[0].PrepaidPlan == nil || s.LineItems[0].AutoRenewingPlan != nil || s.TestPurchase == nil || len(s.LineItems) != 2 || s.SubscriptionState != "SUBSCRIPTION_STATE_ACTIVE" {
		t.Errorf("prepaid: %+v", s)
	}
	w.store.Advance(day + time.Millisecond)
	if got := state(prepaid); got != "EXPIRED" {
		t.Errorf("prepaid, a day later: %s", got)
	}
	for name, end := range map[string]func(string){
		"EXPIRED": w.store.Expire, "EXPIRED ": w.store.Refund, "ON_HOLD": w.store.Hold, "IN_GRACE_PERIOD": w.store.Grace,
		"PAUSED": func(tok string) { w.store.Pause(tok, day) },
		"ACTIVE": func(tok string) { w.store.Pause(tok, day); w.store.Resume(tok) },
		"ACTIVE ": func(tok string) {
			w.store.SchedulePause(tok, day)
			w.store.Resume(tok)
			w.store.Advance(31 * day)
		},
		"EXPIRED  ": func(tok string) { w.store.Hold(tok); w.store.CancelRenewal(tok) },
	} {
		tok := buy()
		end(tok)
		if got := state(tok); got != name[:len(got)] {
			t.Errorf("got %s, want %s", got, name)
		}
	}
	old := buy()
	next := w.store.ChangePlan(old, googleplaytest.Subscription("gold"))
	if s := w.subscription(next); s.LinkedPurchaseToken != old || s.LineItems[0].ProductID != "gold" || s.AcknowledgementState != "ACKNOWLEDGEMENT_STATE_PENDING" || state(old) != "EXPIRED" {
		t.Errorf("a changed plan: %+v", s)
	}
	strict := inProcess(t, googleplaytest.Config{Gentle: true, Now: frozen, GracePeriod: -1, HoldPeriod: -1})
	tok = strict.store.Buy(googleplaytest.Subscription("vip"))
	strict.store.Grace(tok)
	if s := strict.subscription(tok); s.SubscriptionState != "SUBSCRIPTION_STATE_EXPIRED" {
		t.Errorf("without grace and hold: %+v", s)
	}
}

func TestSenselessVerbsPanic(t *testing.T) {
	s := googleplaytest.New(gentle())
	product, sub := s.Buy(googleplaytest.InApp("gold")), s.Buy(googleplaytest.Subscription("vip"))
	ended, prepaid := s.Buy(googleplaytest.Subscription("vip")), s.Buy(googleplaytest.Subscription("vip"), googleplaytest.Prepaid())
	waiting := s.Buy(googleplaytest.InApp("gold"), googleplaytest.Pending())
	held := s.Buy(googleplaytest.Subscription("vip"))
	s.Hold(held)
	s.Expire(ended)
	for name, verb := range map[string]func(){
		"a token that was never given out":    func() { s.Refund("x") },
		"the path of one":                     func() { s.LookupPath("x") },
		"a refund twice":                      func() { s.RefundAndKeep(product); s.Refund(product) },
		"a refund of nothing":                 func() { s.Refund(waiting) },
		"a refund that leaves a subscription": func() { s.RefundAndKeep(sub) },
		"a part of a subscription":            func() { s.RefundQuantity(sub, 1) },
		"more than was bought":                func() { s.RefundQuantity(s.Buy(googleplaytest.InApp("x")), 2) },
		"consuming a subscription":            func() { s.Consume(sub) },
		"acknowledging what ended":            func() { s.Acknowledge(ended) },
		"paying what is paid":                 func() { s.Pay(product) },
		"giving up what is paid":              func() { s.CancelPending(product) },
		"the renewal of a product":            func() { s.CancelRenewal(product) },
		"the renewal of what is prepaid":      func() { s.CancelRenewal(prepaid) },
		"renewing what ended":                 func() { s.Renew(ended) },
		"ending what ended":                   func() { s.Expire(ended) },
		"failing what is on hold":             func() { s.FailPayment(held) },
		"a pause to come of what is on hold":  func() { s.SchedulePause(held, day) },
		"a pause without a length":            func() { s.Pause(sub, 0) },
		"a pause to come without a length":    func() { s.SchedulePause(sub, 0) },
		"resuming what is not paused":         func() { s.Resume(s.Buy(googleplaytest.Subscription("x"))) },
		"restoring what was not cancelled":    func() { s.Restore(s.Buy(googleplaytest.Subscription("x"))) },
		"a plan that is no subscription":      func() { s.ChangePlan(s.Buy(googleplaytest.Subscription("x")), googleplaytest.InApp("y")) },
		"a plan without an id":                func() { s.ChangePlan(s.Buy(googleplaytest.Subscription("x")), googleplaytest.Subscription("")) },
		"a product without an id":             func() { s.Buy(googleplaytest.InApp("")) },
		"a long label":                        func() { s.Buy(googleplaytest.InApp("x"), googleplaytest.Label(fmt.Sprintf("%065d", 1))) },
		"none of a product":                   func() { s.Buy(googleplaytest.InApp("x"), googleplaytest.Quantity(0)) },
		"several of a subscription":           func() { s.Buy(googleplaytest.Subscription("x"), googleplaytest.Quantity(2)) },
		"a subscription by promotion code":    func() { s.Buy(googleplaytest.Subscription("x"), googleplaytest.PromoCode()) },
		"a period that is negative":           func() { s.Buy(googleplaytest.Subscription("x"), googleplaytest.Period(-1)) },
		"a product with a period":             func() { s.Buy(googleplaytest.InApp("x"), googleplaytest.Period(day)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			verb()
		}()
	}
	if _, ok := s.Product("x"); ok {
		t.Error("a token that was never given out has a product")
	}
}
