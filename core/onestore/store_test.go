package onestore_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

func TestPurchasesAreMapped(t *testing.T) {
	inapp, auto, sub := details[0], details[1], details[2]
	found := func(sample string, change map[string]any, p core.Product, check func(*core.Purchase) bool) {
		t.Helper()
		u := &upstream{t: t, reply: body(200, with(t, sample, change))}
		got, err := u.inProcess(t).Lookup(t.Context(), p, token)
		if err != nil || !check(got) {
			t.Errorf("%v: got %+v, %v", change, got, err)
		}
	}
	found(inapp.sample, nil, inapp.product, func(p *core.Purchase) bool {
		want := core.Purchase{
			Token: token, ID: "17070421461015116878", Label: "developerPayload", State: core.StatePurchased, Consumption: core.Unconsumed,
			Acknowledgement: core.Unacknowledged, Quantity: 2, Test: true, PurchasedAt: at(1345678900000),
		}
		return *p == want
	})
	found(auto.sample, nil, auto.product, func(p *core.Purchase) bool {
		want := core.Purchase{
			Token: token, ID: "15081718460701027851", State: core.StatePurchased, Acknowledgement: core.Unacknowledged, AutoRenewing: true,
			Quantity: 1, Test: true, PurchasedAt: at(1345678900000), ExpiresAt: at(1345678999999), CanceledAt: at(1345679000000),
		}
		return *p == want
	})
	found(sub.sample, nil, sub.product, func(p *core.Purchase) bool {
		want := core.Purchase{
			Token: token, ID: "20202394820938409234", Label: "payload", State: core.StatePurchased, Acknowledgement: core.Acknowledged,
			Payment: core.PaymentReceived, AutoRenewing: true, Quantity: 1, Test: true, PurchasedAt: at(1623337198000), ExpiresAt: at(1625929199000),
			PausesAt: at(1625929199001), ResumesAt: at(1625929199002), CanceledAt: at(1625929199003), LinkedToken: "SANDBOX3000002616574",
		}
		return *p == want
	})
	for v, want := range map[any]core.State{0: core.StatePurchased, 1: core.StateCanceled, 2: core.StateUnrecognized, -1: core.StateUnrecognized, "0": core.StatePurchased, "2": core.StateUnrecognized} {
		found(inapp.sample, map[string]any{"purchaseState": v}, inapp.product, func(p *core.Purchase) bool { return p.State == want })
		found(auto.sample, map[string]any{"lastPurchaseState": v}, auto.product, func(p *core.Purchase) bool { return p.State == want })
	}
	for v, want := range map[any]core.Consumption{0: core.Unconsumed, 1: core.Consumed, 2: core.ConsumptionUnrecognized} {
		found(inapp.sample, map[string]any{"consumptionState": v}, inapp.product, func(p *core.Purchase) bool { return p.Consumption == want })
	}
	for v, want := range map[any]core.Payment{nil: core.PaymentNone, "-": core.PaymentNone, 0: core.PaymentPending, 1: core.PaymentReceived, 2: core.PaymentFree, 3: core.PaymentDeferred, 4: core.PaymentUnrecognized, -1: core.PaymentUnrecognized} {
		found(sub.sample, map[string]any{"paymentState": v}, sub.product, func(p *core.Purchase) bool { return p.Payment == want })
	}
	for _, v := range []any{nil, "", "-"} { // T-30
		found(inapp.sample, map[string]any{"developerPayload": v}, inapp.product, func(p *core.Purchase) bool { return p.Label == "" })
	}
	found(inapp.sample, map[string]any{"quantity": nil}, inapp.product, func(p *core.Purchase) bool { return p.Quantity == 1 })
	for _, v := range []any{0, -1, 1e12} {
		u := &upstream{t: t, reply: body(200, with(t, inapp.sample, map[string]any{"quantity": v}))}
		if se := lookup(t, u.inProcess(t), inapp.product); se.Reason != core.ReasonMalformedUpstream {
			t.Errorf("quantity %v: %+v", v, se)
		}
	}
}

func TestTheStoresClockIsCarried(t *testing.T) {
	u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Tue, 01 Sep 2026 12:00:00 GMT")
		body(200, details[0].sample)(w, r)
	}}
	p, err := u.listen(t).Lookup(t.Context(), onestore.InApp("gold"), token)
	if err != nil || p.StoreTime.Format("2006-01-02 15:04:05 MST") != "2026-09-01 12:00:00 UTC" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestTestPurchasesAreMarked(t *testing.T) {
	u := &upstream{t: t, reply: body(200, details[0].sample)}
	cfg := config("")
	cfg.Environment, cfg.HTTPClient = onestore.Commercial, &http.Client{Transport: u}
	c := client(t, cfg)
	for tok, test := range map[string]bool{"260918043551SGP40543": false, token: true} {
		if p, err := c.Lookup(t.Context(), onestore.InApp("gold"), tok); err != nil || p.Test != test {
			t.Errorf("got %+v, %v", p, err)
		}
	}
	u.reply = standardError(404, "NoSuchData", "The requested data could not be found.")
	if se := lookup(t, c, onestore.InApp("gold")); se.Reason != core.ReasonNotFound {
		t.Errorf("a sandbox token in the commercial environment: %+v", se)
	}
	for _, r := range u.requests {
		if r.URL.Host != "iap-apis.onestore.net" {
			t.Errorf("%s was asked", r.URL.Host)
		}
	}
}

func TestCheckProduct(t *testing.T) {
	c := client(t, config(""))
	for _, p := range []core.Product{
		onestore.InApp("gold"), onestore.Recurring("pass"), onestore.Subscription("vip"), onestore.InApp("골드 100"),
		onestore.InApp(strings.Repeat("é", 150)), onestore.InApp("gold").Consumable(),
	} {
		if err := c.CheckProduct(p); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	for _, p := range []core.Product{
		{}, onestore.InApp(""), onestore.InApp("gold").On("other"), {Store: "onestore", Kind: "all", ID: "gold"}, onestore.InApp(strings.Repeat("x", 151)),
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
	for _, bad := range []string{"", "..", "a b"} {
		_, err := c.Lookup(t.Context(), onestore.InApp("gold"), bad)
		var se *core.StoreError
		if !errors.As(err, &se) || se.Fault != core.FaultTokenRefused || se.Reason != core.ReasonInvalidToken {
			t.Errorf("Lookup of the token %q: %v", bad, err)
		}
	}
}

func TestAClientThatNewDidNotMakeRefuses(t *testing.T) {
	c := new(onestore.Client)
	if _, err := c.PurchaseDetails(t.Context(), "gold", token); err == nil {
		t.Error("it answers")
	}
	_ = c.Describe()
	c.CloseIdleConnections()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatAFailedChangeMeansToABreaker(t *testing.T) {
	for _, tc := range standard {
		fault, reason := tc.fault, tc.reason
		switch tc.code { // the store works, and has answered
		case "InvalidPurchaseState", "InvalidConsumeState":
			fault, reason = core.FaultTokenRefused, core.ReasonStateConflict
		case "DeveloperPayloadNotMatch":
			fault, reason = core.FaultTokenRefused, core.ReasonAccountMismatch
		}
		for _, ch := range changes {
			u := &upstream{t: t, reply: shop{post: standardError(tc.status, tc.code, tc.message)}.serve}
			err := ch.call(t.Context(), u.inProcess(t), "gold", token)
			var se *core.StoreError
			if !errors.As(err, &se) || se.Fault != fault || se.Reason != reason || !isError(se, tc.sentinel) {
				t.Errorf("%s, %s: %+v", ch.name, tc.code, se)
			}
		}
	}
	c := client(t, config("http://127.0.0.1:1"))
	var se *core.StoreError
	if err := c.ConsumePurchase(t.Context(), "gold", "..", ""); !errors.As(err, &se) || se.Fault != core.FaultTokenRefused {
		t.Errorf("an argument that cannot be: %+v", se)
	}
	if err := c.ConsumePurchase(t.Context(), "gold", token, ""); !errors.As(err, &se) || se.Fault != core.FaultUnavailable || se.Reason != core.ReasonUpstreamUnavailable {
		t.Errorf("no store: %+v", se)
	}
}
