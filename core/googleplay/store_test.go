package googleplay_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
)

func TestAProductPurchaseIsMapped(t *testing.T) {
	found := func(change map[string]any, check func(*core.Purchase) bool) {
		t.Helper()
		u := &upstream{t: t, reply: body(200, with(t, productSample, change))}
		got, err := u.inProcess(t).Lookup(t.Context(), googleplay.InApp("gold"), token)
		if err != nil || !check(got) {
			t.Errorf("%v: got %+v, %v", change, got, err)
		}
	}
	found(nil, func(p *core.Purchase) bool {
		return *p == core.Purchase{
			Token: token, ID: "GPA.3300-0000-0000-00001", Label: "player-1", State: core.StatePurchased, Consumption: core.Unconsumed,
			Acknowledgement: core.Unacknowledged, Quantity: 2, Refunded: 1, PurchasedAt: time.UnixMilli(1345678900000).UTC(),
		}
	})
	for v, want := range map[any]core.State{0: core.StatePurchased, 1: core.StateCanceled, 2: core.StatePending, 3: core.StateUnrecognized, -1: core.StateUnrecognized} {
		found(map[string]any{"purchaseState": v}, func(p *core.Purchase) bool { return p.State == want })
	}
	for v, want := range map[any]core.Consumption{0: core.Unconsumed, 1: core.Consumed, 2: core.ConsumptionUnrecognized} {
		found(map[string]any{"consumptionState": v}, func(p *core.Purchase) bool { return p.Consumption == want })
	}
	for v, want := range map[any]core.Acknowledgement{0: core.Unacknowledged, 1: core.Acknowledged, 2: core.AcknowledgementMissing, nil: core.AcknowledgementMissing, absent: core.AcknowledgementMissing} {
		found(map[string]any{"acknowledgementState": v}, func(p *core.Purchase) bool { return p.Acknowledgement == want })
	}
	for v, want := range map[any]core.State{0: core.StateTest, 1: core.StatePurchased, 2: core.StatePurchased, 9: core.StatePurchased, absent: core.StatePurchased, nil: core.StatePurchased} { // T-81
		found(map[string]any{"purchaseType": v}, func(p *core.Purchase) bool { return p.State == want && p.Test == (v == 0) })
	}
	found(map[string]any{"purchaseType": 0, "purchaseState": 1}, func(p *core.Purchase) bool { return p.State == core.StateCanceled && p.Test })
	for left, want := range map[any]int{0: 0, 1: 1, 3: 3, absent: 3, nil: 3} { // T-82
		found(map[string]any{"refundableQuantity": left}, func(p *core.Purchase) bool { return p.Quantity == want && p.Refunded == 3-want })
	}
}

func TestASubscriptionIsMapped(t *testing.T) {
	u := &upstream{t: t, reply: body(200, with(t, subscriptionSample, map[string]any{"testPurchase": absent}))}
	p, err := u.inProcess(t).Lookup(t.Context(), googleplay.Subscription("gold"), token)
	if want := (core.Purchase{
		Token: token, ID: "GPA.3300-0000-0000-00002..0", Label: "player-1", State: core.StatePurchased, Acknowledgement: core.Acknowledged,
		Payment: core.PaymentReceived, AutoRenewing: true, Quantity: 1, PurchasedAt: day(time.March, 1), ExpiresAt: time.Date(2199, 4, 1, 12, 0, 0, 0, time.UTC),
		CanceledAt: day(time.March, 2).Add(-time.Hour), LinkedToken: "canaryold",
	}); err != nil || *p != want {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestAnAcknowledgementThatIsNotSaidOwesNothing(t *testing.T) {
	for v, want := range map[any]core.Acknowledgement{
		"ACKNOWLEDGEMENT_STATE_PENDING": core.Unacknowledged, "ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED": core.Acknowledged,
		"ACKNOWLEDGEMENT_STATE_UNSPECIFIED": core.AcknowledgementMissing, nil: core.AcknowledgementMissing, absent: core.AcknowledgementMissing,
	} {
		u := &upstream{t: t, reply: body(200, with(t, subscriptionSample, map[string]any{"acknowledgementState": v}))}
		if p, err := u.inProcess(t).Lookup(t.Context(), googleplay.Subscription("gold"), token); err != nil || p.Acknowledgement != want {
			t.Errorf("%v: got %+v, %v", v, p, err)
		}
	}
}

func TestALineItemIsChosen(t *testing.T) {
	item := func(id, expiry, order, next string) map[string]any {
		m := map[string]any{"productId": id, "autoRenewingPlan": map[string]any{"autoRenewEnabled": true}}
		for name, value := range map[string]string{"expiryTime": expiry, "latestSuccessfulOrderId": order} {
			if value != "" {
				m[name] = value
			}
		}
		if next != "" {
			m["deferredItemReplacement"] = map[string]any{"productId": next}
		}
		return m
	}
	const early, late = "2199-04-01T12:00:00Z", "2199-05-01T12:00:00Z"
	for name, tc := range map[string]struct {
		items  []any
		reason core.Reason // of an error
		state  core.State
		id     string
		expiry string
	}{
		"the only one":                                 {items: []any{item("gold", early, "o1", "")}, state: core.StatePurchased, id: "o1", expiry: early},
		"an add-on's neighbour":                        {items: []any{item("silver", late, "o2", ""), item("gold", early, "o1", "")}, state: core.StatePurchased, id: "o1", expiry: early},
		"the one that lasts longest":                   {items: []any{item("gold", early, "o1", ""), item("gold", late, "o2", ""), item("gold", early, "o3", "")}, state: core.StatePurchased, id: "o2", expiry: late},
		"without an order of its own":                  {items: []any{item("gold", early, "", "")}, state: core.StatePurchased, id: "GPA.3300-0000-0000-00002", expiry: early},
		"one that will take another's place":           {items: []any{item("silver", early, "o1", "gold"), item("gold", late, "", "")}, state: core.StatePending, id: "GPA.3300-0000-0000-00002", expiry: late},
		"one that will, without an expiry":             {items: []any{item("silver", early, "o1", "gold"), item("gold", "", "", "")}, state: core.StatePending, id: "GPA.3300-0000-0000-00002"},
		"one whose place will be taken":                {items: []any{item("gold", early, "o1", "silver"), item("silver", late, "", "")}, state: core.StatePurchased, id: "o1", expiry: early},
		"one that changes its plan":                    {items: []any{item("gold", early, "o1", "gold")}, state: core.StatePurchased, id: "o1", expiry: early},
		"one that has taken another's place":           {items: []any{item("silver", early, "o1", "gold"), item("gold", late, "o2", "")}, state: core.StatePurchased, id: "o2", expiry: late},
		"row 72: none of the product":                  {items: []any{item("silver", early, "o1", "")}, reason: core.ReasonProductMismatch},
		"row 72: none at all":                          {items: []any{}, reason: core.ReasonProductMismatch},
		"row 72: one whose id differs in its case":     {items: []any{item("Gold", early, "o1", "")}, reason: core.ReasonProductMismatch},
		"a faulty neighbour makes the answer no whole": {items: []any{item("gold", early, "o1", ""), item("silver", "soon", "o1", "")}, reason: core.ReasonMalformedUpstream},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{t: t, reply: body(200, with(t, subscriptionSample, map[string]any{"testPurchase": absent, "lineItems": tc.items}))}
			c := u.inProcess(t)
			if tc.reason != "" {
				if se := lookup(t, c, googleplay.Subscription("gold")); se.Reason != tc.reason {
					t.Errorf("got %v", se)
				}
				return
			}
			p, err := c.Lookup(t.Context(), googleplay.Subscription("gold"), token)
			if err != nil || p.State != tc.state || p.ID != tc.id || !p.AutoRenewing {
				t.Fatalf("got %+v, %v", p, err)
			}
			if got := p.ExpiresAt; got.IsZero() != (tc.expiry == "") || !got.IsZero() && got.Format(time.RFC3339) != tc.expiry {
				t.Errorf("it expires at %v", got)
			}
		})
	}
}

func TestTheClientSaysWhoItAsks(t *testing.T) {
	usual := client(t, config("")).Describe()
	if want := (core.StoreInfo{Platform: "googleplay", Application: packageName, Environment: "production"}); usual != want {
		t.Errorf("got %+v", usual)
	}
	cfg := config("")
	cfg.AllowTestPurchases = true
	if got := client(t, cfg).Describe(); got == usual {
		t.Error("a client that lets test purchases count must not share facts with one that does not")
	}
	if got := client(t, config("http://127.0.0.1:1/x")).Describe().Environment; got != "production at 127.0.0.1:1/x" {
		t.Errorf("got %s", got)
	}
}

func TestCheckProduct(t *testing.T) {
	c := client(t, config(""))
	for _, p := range []core.Product{googleplay.InApp("gold_100.x-2"), googleplay.Subscription("vip"), googleplay.InApp("gold").Consumable()} {
		if err := c.CheckProduct(p); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	for _, p := range []core.Product{
		{}, googleplay.InApp(""), googleplay.InApp("gold").On("other"), {Store: "googleplay", Kind: core.KindRecurring, ID: "gold"}, googleplay.InApp("a b"),
	} {
		if err := c.CheckProduct(p); err == nil {
			t.Errorf("%s is accepted", p)
		}
		_, err := c.Lookup(t.Context(), p, token)
		var se *core.StoreError
		if !errors.As(err, &se) || se.Fault != core.FaultMisconfigured || se.Reason != core.ReasonMisconfigured {
			t.Errorf("Lookup of %s: %v", p, err)
		}
	}
	_, err := c.Lookup(t.Context(), googleplay.InApp("gold"), "a b")
	var se *core.StoreError
	if !errors.As(err, &se) || se.Fault != core.FaultTokenRefused || se.Reason != core.ReasonInvalidToken {
		t.Errorf("Lookup of a token with a blank: %v", err)
	}
}

func TestAClientThatNewDidNotMakeRefuses(t *testing.T) {
	c := new(googleplay.Client)
	if _, err := c.ProductPurchase(t.Context(), "gold", token); err == nil {
		t.Error("it answers")
	}
	for _, err := range c.VoidedPurchases(t.Context(), googleplay.Window{}) {
		if err == nil {
			t.Error("it lists")
		}
	}
	_ = c.Describe()
	c.CloseIdleConnections()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestAVoidOfAllIsAVoid(t *testing.T) { // T-88
	c := client(t, config(""))
	v := googleplay.VoidedPurchase{PurchaseToken: token, OrderID: "GPA.1", VoidedTime: day(time.March, 1)}
	if got, all := c.Void(v); !all || got != (core.Void{Store: "googleplay", Token: token, PurchaseID: "GPA.1", At: day(time.March, 1)}) {
		t.Errorf("got %+v, %t", got, all)
	}
	v.VoidedQuantity = number(2)
	if _, all := c.Void(v); all {
		t.Error("a refund of some of several is no void")
	}
}

func TestTheGateClosesWhatIsIdle(t *testing.T) {
	u := &upstream{t: t, reply: whole}
	c := u.inProcess(t)
	if _, err := c.ProductPurchase(t.Context(), "gold", token); err != nil {
		t.Fatal(err)
	}
	c.CloseIdleConnections()
	if _, err := c.ProductPurchase(t.Context(), "gold", token); err != nil {
		t.Errorf("the client does not stay usable: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	u.reply = func(http.ResponseWriter, *http.Request) { t.Error("a closed client asks") }
	if se := lookup(t, c, googleplay.InApp("gold")); se.Reason != core.ReasonClosed {
		t.Errorf("got %v", se)
	}
}
