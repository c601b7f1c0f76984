package onestore_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

func isError(err, target error) bool { return errors.Is(err, target) }

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func TestEveryDocumentedMemberIsRead(t *testing.T) {
	date := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	want := []any{
		&onestore.PurchaseDetails{
			ConsumptionState: new(int64), DeveloperPayload: ptr("developerPayload"), PurchaseState: new(int64),
			PurchaseTime: at(1345678900000), PurchaseID: "17070421461015116878", AcknowledgeState: new(int64), Quantity: ptr[int64](2), ServerTime: date,
		},
		&onestore.RecurringPurchaseDetails{
			StartTime: at(1345678900000), ExpiryTime: at(1345678999999), NextPaymentTime: at(1345688000000), AutoRenewing: ptr(true),
			CancelReason: ptr[int64](1), CancelledTime: at(1345679000000), AcknowledgeState: new(int64),
			LastPurchaseID: "15081718460701027851", LastPurchaseState: new(int64), ServerTime: date,
		},
		&onestore.SubscriptionDetail{
			AcknowledgementState: ptr[int64](1), DeveloperPayload: ptr("payload"), AutoRenewing: ptr(true), PaymentState: ptr[int64](1),
			PriceAmount: "100", PriceAmountMicros: ptr[int64](100000000), NextPriceAmount: "150", NextPriceAmountMicros: ptr[int64](150000000),
			NextPaymentTime: at(1623337199000), PriceCurrencyCode: "KRW", CountryCode: "KR", StartTime: at(1623337198000), ExpiryTime: at(1625929199000),
			PauseStartTime: at(1625929199001), PauseEndTime: at(1625929199002), AutoResumeTime: at(1625878800000),
			LinkedPurchaseToken: "SANDBOX3000002616574", LastPurchaseID: "20202394820938409234", CancelledTime: at(1625929199003), CancelReason: new(int64),
			PromotionPrice: &onestore.PromotionPrice{PromotionPrice: "100", PromotionPriceMicros: ptr[int64](100000000), PromotionPeriod: ptr[int64](30)},
			PriceChange: &onestore.PriceChange{
				Seq: ptr[int64](1), PreviousPrice: "100", PreviousPriceMicros: ptr[int64](100000000), NewPrice: "500", NewPriceMicros: ptr[int64](500000000),
				ApplyTime: at(1625670000000), Agreement: ptr(false), AgreementDueDateTime: at(1345678920000),
			},
			ServerTime: date,
		},
	}
	for i, d := range details {
		t.Run(d.name, func(t *testing.T) {
			u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", date.Format(http.TimeFormat))
				body(200, d.sample)(w, r)
			}}
			got, err := d.call(t.Context(), u.listen(t), "gold", token)
			if err != nil || !reflect.DeepEqual(got, want[i]) {
				t.Errorf("got %+v, %v; want %+v", got, err, want[i])
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

// with replaces members of a sample: a nil is null, and "-" leaves the member out.
func with(t *testing.T, sample string, change map[string]any) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(sample), &members); err != nil {
		t.Fatal(err)
	}
	for name, v := range change {
		if members[name] = v; v == "-" {
			delete(members, name)
		}
	}
	b, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWhatDecidesMustBeThereAndWhole(t *testing.T) {
	required := [][]string{
		{"purchaseState", "consumptionState", "purchaseTime"},
		{"expiryTime", "lastPurchaseState"},
		{"expiryTimeMillis"},
	}
	for i, d := range details {
		for _, name := range required[i] {
			for _, v := range []any{"-", nil, "", "x", true, 0.5, -1.5, []any{}, map[string]any{}, "0x0", " 0", json.Number("1e0"), json.Number("99999999999999999999")} {
				u := &upstream{t: t, reply: body(200, with(t, d.sample, map[string]any{name: v}))}
				c := u.inProcess(t)
				_, err := d.call(t.Context(), c, "gold", token)
				var e *onestore.Error
				if !errors.As(err, &e) || e.Status != 200 || !isError(err, onestore.ErrMalformedAnswer) || !strings.Contains(err.Error(), name+" is ") {
					t.Errorf("%s, %s = %v: got %v", d.name, name, v, err)
				}
				if se := lookup(t, c, d.product); se.Fault != core.FaultUnavailable || se.Reason != core.ReasonMalformedUpstream {
					t.Errorf("%s, %s = %v: got %+v", d.name, name, v, se)
				}
			}
		}
		for _, v := range []any{-1, 7258118400000, 0} {
			name := map[int]string{0: "purchaseTime", 1: "expiryTime", 2: "expiryTimeMillis"}[i]
			u := &upstream{t: t, reply: body(200, with(t, d.sample, map[string]any{name: v}))}
			if se := lookup(t, u.inProcess(t), d.product); se.Reason != core.ReasonMalformedUpstream {
				t.Errorf("%s, %s = %v: got %+v", d.name, name, v, se)
			}
		}
	}
}

func TestEveryOtherMemberMayBeAbsentOrNull(t *testing.T) {
	keep := map[string]bool{"purchaseState": true, "consumptionState": true, "purchaseTime": true, "expiryTime": true, "lastPurchaseState": true, "expiryTimeMillis": true}
	for _, d := range details {
		var members map[string]any
		if err := json.Unmarshal([]byte(d.sample), &members); err != nil {
			t.Fatal(err)
		}
		for _, v := range []any{"-", nil} {
			change := map[string]any{"futureMember": map[string]any{"x": []any{1, "2"}}}
			for name := range members {
				if !keep[name] {
					change[name] = v
				}
			}
			u := &upstream{t: t, reply: body(200, with(t, d.sample, change))}
			p, err := u.inProcess(t).Lookup(t.Context(), d.product, token)
			if err != nil || p.Quantity != 1 || p.Label != "" || p.Acknowledgement != core.AcknowledgementMissing || p.Payment != core.PaymentNone {
				t.Errorf("%s with %v: got %+v, %v", d.name, v, p, err)
			}
		}
	}
}

func TestNumbersMayBeStrings(t *testing.T) {
	for _, d := range details {
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(d.sample), &members); err != nil {
			t.Fatal(err)
		}
		change := map[string]any{}
		for name, raw := range members {
			var n json.Number
			if err := json.Unmarshal(raw, &n); err == nil && raw[0] != '"' {
				change[name] = n.String()
			}
		}
		if len(change) < 5 {
			t.Fatalf("found %d numbers", len(change))
		}
		u := &upstream{t: t, reply: body(200, d.sample)}
		want, err := d.call(t.Context(), u.inProcess(t), "gold", token)
		if err != nil {
			t.Fatal(err)
		}
		u.reply = body(200, with(t, d.sample, change))
		got, err := d.call(t.Context(), u.inProcess(t), "gold", token)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []any{got, want} {
			reflect.ValueOf(v).Elem().FieldByName("ServerTime").SetZero()
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestAcknowledgementIsReadInEitherSpelling(t *testing.T) { // T-13
	for i, d := range details {
		own, other := "acknowledgeState", "acknowledgementState"
		if i == 2 {
			own, other = other, own
		}
		for name, tc := range map[string]struct {
			own, other any
			want       core.Acknowledgement
		}{
			"the endpoint's own": {1, "-", core.Acknowledged},
			"the other":          {"-", 1, core.Acknowledged},
			"the own one wins":   {0, 1, core.Unacknowledged},
			"null is absent":     {nil, 1, core.Acknowledged},
			"none":               {"-", "-", core.AcknowledgementMissing},
			"an unknown value":   {2, "-", core.AcknowledgementMissing},
		} {
			u := &upstream{t: t, reply: body(200, with(t, d.sample, map[string]any{own: tc.own, other: tc.other}))}
			p, err := u.inProcess(t).Lookup(t.Context(), d.product, token)
			if err != nil || p.Acknowledgement != tc.want {
				t.Errorf("%s, %s: got %+v, %v", d.name, name, p, err)
			}
		}
	}
}

func TestASuccessThatIsNoneIsAFault(t *testing.T) {
	for _, d := range details {
		inside := strings.TrimPrefix(strings.TrimSpace(d.sample), "{")
		for name, tc := range map[string]struct {
			status int
			body   string
			reason core.Reason
		}{
			"an empty object":                   {200, `{}`, core.ReasonMalformedUpstream},
			"null":                              {200, `null`, core.ReasonMalformedUpstream},
			"a list":                            {200, `[]`, core.ReasonMalformedUpstream},
			"a string":                          {200, `""`, core.ReasonMalformedUpstream},
			"nothing":                           {200, ``, core.ReasonMalformedUpstream},
			"a page":                            {200, `<html></html>`, core.ReasonMalformedUpstream},
			"a result":                          {200, `{"result":{"code":"Success"}}`, core.ReasonMalformedUpstream},
			"a purchase with a result":          {200, `{"result":{"code":"Success"},` + inside, core.ReasonMalformedUpstream},
			"a purchase with an error":          {200, `{"error":{"code":"X"},` + inside, core.ReasonMalformedUpstream},
			"an error NoSuchData":               {200, `{"error":{"code":"NoSuchData"}}`, core.ReasonMalformedUpstream},
			"an error about the token":          {200, `{"error":{"code":"InvalidRequest","message":"[ purchaseToken ]"}}`, core.ReasonUpstreamMisconfigured},
			"a purchase and garbage":            {200, d.sample + "x", core.ReasonMalformedUpstream},
			"a purchase and a second one":       {200, d.sample + d.sample, core.ReasonMalformedUpstream},
			"a purchase after a byte order":     {200, "\ufeff" + d.sample, core.ReasonMalformedUpstream},
			"a purchase and a megabyte":         {200, d.sample + strings.Repeat(" ", 1<<20), core.ReasonMalformedUpstream},
			"a purchase with another status":    {201, d.sample, core.ReasonMalformedUpstream},
			"a purchase with a failing status":  {500, d.sample, core.ReasonUpstreamUnavailable},
			"a member in two cases":             {200, `{"PURCHASESTATE":0,"LASTPURCHASESTATE":0,"EXPIRYTIMEMILLIS":1,` + inside, core.ReasonMalformedUpstream},
			"NoSuchData in an unexpected place": {500, `{"error":{"code":"NoSuchData"}}`, core.ReasonUpstreamUnavailable},
		} {
			t.Run(d.name+" "+name, func(t *testing.T) {
				u := &upstream{t: t, reply: body(tc.status, tc.body)}
				c := u.inProcess(t)
				se := lookup(t, c, d.product)
				if se.Fault != core.FaultUnavailable && se.Fault != core.FaultMisconfigured || se.Reason != tc.reason {
					t.Errorf("got %+v", se)
				}
				if isError(se, onestore.ErrNoSuchData) {
					t.Error("it is matched by ErrNoSuchData")
				}
				if _, err := d.call(t.Context(), c, "gold", token); err == nil {
					t.Error("the typed call succeeds")
				}
			})
		}
	}
}

func TestABodyCutAnywhereIsNoPurchase(t *testing.T) {
	for _, d := range details {
		sample := with(t, d.sample, nil)
		cut := 0
		u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) { body(200, sample[:cut])(w, r) }}
		c := u.inProcess(t)
		for cut = range len(sample) {
			if p, err := c.Lookup(t.Context(), d.product, token); p != nil || err == nil {
				t.Errorf("%s cut at %d of %d: %+v", d.name, cut, len(sample), p)
			}
		}
		cut = len(sample)
		if _, err := c.Lookup(t.Context(), d.product, token); err != nil {
			t.Errorf("%s whole: %v", d.name, err)
		}
	}
}
