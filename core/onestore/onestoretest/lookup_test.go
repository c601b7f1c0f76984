package onestoretest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

var start = time.Date(2026, 9, 18, 4, 35, 51, 0, time.UTC)

func frozen() time.Time { return start }

func TestAnswersByteForByte(t *testing.T) {
	const ms = "1789706151000"
	tests := []struct {
		name string
		cfg  onestoretest.Config
		buy  func(*onestoretest.Store) string
		want string
	}{
		{
			"a managed product", onestoretest.Config{},
			func(s *onestoretest.Store) string {
				return s.Buy(onestoretest.InApp("gold"), onestoretest.Label("player <1>"), onestoretest.Quantity(2))
			},
			`{"consumptionState":0,"developerPayload":"player <1>","purchaseState":0,"purchaseTime":` + ms +
				`,"purchaseId":"SANDBOX3000000004001","acknowledgeState":0,"quantity":2}`,
		},
		{
			"an unlabelled one of the commercial environment", onestoretest.Config{Environment: onestoretest.Commercial},
			func(s *onestoretest.Store) string { return s.Buy(onestoretest.InApp("gold")) },
			`{"consumptionState":0,"developerPayload":null,"purchaseState":0,"purchaseTime":` + ms +
				`,"purchaseId":"26091804355110400001","acknowledgeState":0,"quantity":1}`,
		},
		{
			"a monthly product", onestoretest.Config{},
			func(s *onestoretest.Store) string { return s.Buy(onestoretest.Recurring("pass")) },
			`{"startTime":` + ms + `,"expiryTime":1789706451000,"nextPaymentTime":1789706451000,"autoRenewing":true,` +
				`"cancelReason":null,"cancelledTime":null,"acknowledgeState":0,"lastPurchaseId":"SANDBOX3000000004001","lastPurchaseState":0}`,
		},
		{
			"a subscription", onestoretest.Config{},
			func(s *onestoretest.Store) string {
				return s.Buy(onestoretest.Subscription("vip"), onestoretest.Acknowledged(), onestoretest.Promotion(100, 3))
			},
			`{"acknowledgementState":1,"developerPayload":"","autoRenewing":true,"paymentState":1,` +
				`"lastPurchaseId":"SANDBOX3000000004001","linkedPurchaseToken":null,"priceAmount":"4900","priceAmountMicros":4900000000,` +
				`"nextPriceAmount":"4900","nextPriceAmountMicros":4900000000,"nextPaymentTimeMillis":1789706451000,` +
				`"priceCurrencyCode":"USD","countryCode":"KR","startTimeMillis":` + ms + `,"expiryTimeMillis":1789706451000,` +
				`"pauseStartTimeMillis":null,"pauseEndTimeMillis":null,"autoResumeTimeMillis":null,"cancelledTimeMillis":null,` +
				`"cancelReason":null,"promotionPrice":{"promotionPrice":"100","promotionPriceMicros":100000000,"promotionPeriod":3},` +
				`"priceChange":null}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.Now, tt.cfg.Gentle = frozen, true
			w := overTCP(t, tt.cfg)
			got := w.lookup(tt.buy(w.store))
			if got.body != tt.want {
				t.Errorf("got  %s\nwant %s", got.body, tt.want)
			}
			if ct := got.header.Get("Content-Type"); ct != "application/json;charset=UTF-8" {
				t.Errorf("Content-Type %q", ct)
			}
			if d := got.header.Get("Date"); d != "Fri, 18 Sep 2026 04:35:51 GMT" {
				t.Errorf("Date %q", d)
			}
		})
	}
}

// The names are those of the document's tables and samples.
func TestEveryDocumentedFieldIsReported(t *testing.T) {
	tests := []struct {
		kind   string
		buy    func(*onestoretest.Store) string
		fields string
	}{
		{"inapp", func(s *onestoretest.Store) string { return s.Buy(onestoretest.InApp("gold")) },
			"consumptionState developerPayload purchaseState purchaseTime purchaseId acknowledgeState quantity"},
		{"auto", func(s *onestoretest.Store) string { return s.Buy(onestoretest.Recurring("pass")) },
			"startTime expiryTime nextPaymentTime autoRenewing cancelReason cancelledTime acknowledgeState lastPurchaseId lastPurchaseState"},
		{"subscription", func(s *onestoretest.Store) string {
			token := s.Buy(onestoretest.Subscription("vip"), onestoretest.Promotion(100, 3))
			s.ChangePrice(token, 5900, false)
			return token
		}, "acknowledgementState developerPayload autoRenewing paymentState priceAmount priceAmountMicros nextPriceAmount" +
			" nextPriceAmountMicros nextPaymentTimeMillis priceCurrencyCode countryCode startTimeMillis expiryTimeMillis" +
			" pauseStartTimeMillis pauseEndTimeMillis autoResumeTimeMillis linkedPurchaseToken lastPurchaseId cancelledTimeMillis" +
			" cancelReason promotionPrice promotionPrice.promotionPrice promotionPrice.promotionPriceMicros" +
			" promotionPrice.promotionPeriod priceChange priceChange.seq priceChange.previousPrice priceChange.previousPriceMicros" +
			" priceChange.newPrice priceChange.newPriceMicros priceChange.applyTimeMillis priceChange.agreement" +
			" priceChange.agreementDueDateTimeMillis"},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			w := inProcess(t, onestoretest.Config{Gentle: true})
			facts := w.lookup(tt.buy(w.store)).facts(t)
			var got []string
			for name, v := range facts {
				got = append(got, name)
				if sub, ok := v.(map[string]any); ok {
					for inner := range sub {
						got = append(got, name+"."+inner)
					}
				}
			}
			want := strings.Fields(tt.fields)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestPurchaseTokensAndIDs(t *testing.T) {
	tests := []struct {
		name      string
		cfg       onestoretest.Config
		options   []onestoretest.Option
		token, id string
	}{
		{"the sandbox", onestoretest.Config{}, nil, "SANDBOX3000002616002", "SANDBOX3000000004001"},
		{"the global market", onestoretest.Config{Environment: onestoretest.Commercial}, nil, "260918043551SGP00002", "26091804355110400001"},
		{"Korea", onestoretest.Config{Environment: onestoretest.Commercial, Market: onestoretest.MarketKorea}, nil, "260918133551S0100002", "26091813355110400001"},
		{"a tester", onestoretest.Config{Environment: onestoretest.Commercial}, []onestoretest.Option{onestoretest.Test()}, "SANDBOX3000002616002", "SANDBOX3000000004001"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.Now = frozen
			s := onestoretest.New(tt.cfg)
			token := s.Buy(onestoretest.InApp("gold"), tt.options...)
			if id := s.Facts(token)["purchaseId"]; token != tt.token || id != tt.id {
				t.Errorf("token %q, id %q", token, id)
			}
		})
	}
}

func TestPurchaseTokensAreUniqueWithinASecond(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial, Now: frozen})
	seen := map[string]bool{}
	for range 60_000 { // each purchase takes two numbers of five digits
		token := s.Buy(onestoretest.InApp("gold"))
		if seen[token] || len(token) != 20 {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
	}
}

func TestEditForcesAnyValue(t *testing.T) {
	for _, gentle := range []bool{true, false} {
		w := inProcess(t, onestoretest.Config{Gentle: gentle})
		token := w.store.Buy(onestoretest.InApp("gold"))
		w.store.Edit(token, func(f map[string]any) {
			delete(f, "purchaseTime")
			f["purchaseState"] = nil
			f["consumptionState"] = "0"
			f["acknowledgeState"] = 2
			f["zzz"] = []int{1}
		})
		for range 20 {
			got := w.lookup(token).facts(t)
			if _, ok := got["purchaseTime"]; ok {
				t.Error("purchaseTime is there")
			}
			if v, ok := got["purchaseState"]; !ok || v != nil {
				t.Errorf("purchaseState %v", v)
			}
			if got["consumptionState"] != "0" || got["zzz"] == nil {
				t.Errorf("got %v", got)
			}
		}
		w.store.Edit(token, nil)
		if got := w.lookup(token).facts(t); got["purchaseTime"] == nil {
			t.Errorf("the edit is still at work: %v", got)
		}
		w.store.Edit(token, func(f map[string]any) { f["x"] = func() {} })
		if got := w.lookup(token); got.status != 500 {
			t.Errorf("status %d", got.status)
		}
	}
}

func TestFactsAreACopy(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{})
	token := s.Buy(onestoretest.InApp("gold"))
	before := s.Facts(token)
	changed := s.Facts(token)
	changed["purchaseState"] = int64(1)
	if got := s.Facts(token); !maps.Equal(got, before) {
		t.Errorf("got %v", got)
	}
}
