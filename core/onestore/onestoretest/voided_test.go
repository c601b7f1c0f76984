package onestoretest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestWhatIsVoidedAndWhen(t *testing.T) {
	const day = 24 * time.Hour
	gold, vip, pass := onestoretest.InApp("gold"), onestoretest.Subscription("vip"), onestoretest.Recurring("pass")
	first := func(s *store, x string) string { return s.Payments(x)[0].ID }
	tests := []struct {
		name    string
		product onestoretest.Product
		options []onestoretest.Option
		live    func(s *store, token string)
		want    []int // which payments
		at      time.Duration
	}{
		{"nothing", gold, nil, func(*store, string) {}, nil, 0},
		{"a refund", gold, nil, func(s *store, x string) { s.Advance(day); s.Refund(x) }, []int{0}, day},
		{"what nobody acknowledged in three days", gold, nil, func(s *store, _ string) { s.Advance(5 * day) }, []int{0}, 3 * day},
		{"a subscription that nobody acknowledged", vip, nil, func(s *store, _ string) { s.Advance(5 * day) }, []int{0}, 3 * day},
		{"the last payment of a monthly product", pass, []onestoretest.Option{onestoretest.Acknowledged(), onestoretest.Period(7 * day)},
			func(s *store, x string) { s.Advance(15 * day); s.Refund(x) }, []int{2}, 15 * day},
		{"the last payment of a subscription", vip, []onestoretest.Option{onestoretest.Acknowledged(), onestoretest.Period(7 * day)},
			func(s *store, x string) { s.Advance(15 * day); s.Refund(x) }, []int{2}, 15 * day},
		{"an earlier payment", vip, []onestoretest.Option{onestoretest.Acknowledged(), onestoretest.Period(7 * day)},
			func(s *store, x string) { s.Advance(15 * day); s.RefundPayment(x, first(s, x)) }, []int{0}, 15 * day},
		{"the last payment by its name", gold, nil, func(s *store, x string) { s.RefundPayment(x, first(s, x)) }, []int{0}, 0},
		{"a revoked subscription", vip, nil, func(s *store, x string) { s.Revoke(x) }, []int{0}, 0},
		{"a payment is voided once", vip, nil, func(s *store, x string) { s.Revoke(x); s.Advance(day); s.Refund(x) }, []int{0}, 0},
		{"what expired is not voided", vip, nil, func(s *store, x string) { s.Expire(x) }, nil, 0},
		{"nor what was cancelled", vip, nil, func(s *store, x string) { s.CancelRenewal(x) }, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := inProcess(t, onestoretest.Config{Gentle: true, Now: frozen, Environment: onestoretest.Commercial})
			token := w.store.Buy(tt.product, tt.options...)
			tt.live(w.store, token)
			rows, key := page(t, w.list(voided))
			payments := w.store.Payments(token)
			if len(rows) != len(tt.want) || key != "" {
				t.Fatalf("got %v", rows)
			}
			for i, n := range tt.want {
				at := start.Add(tt.at)
				if rows[i]["purchaseId"] != payments[n].ID || rows[i]["purchaseToken"] != token ||
					rows[i]["purchaseTime"] != jsonNumber(millis(payments[n].At)) || rows[i]["voidedTime"] != jsonNumber(millis(at)) {
					t.Errorf("got %v, want payment %d of %v at %v", rows[i], n, payments, at)
				}
				if !payments[n].VoidedAt.Equal(at) {
					t.Errorf("the payment itself says %v", payments[n].VoidedAt)
				}
			}
		})
	}
}

func TestAnEarlierPaymentTakenBackDoesNotEndAPurchase(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Gentle: true, Now: frozen})
	token := s.Buy(onestoretest.Subscription("vip"), onestoretest.Acknowledged())
	s.Advance(12 * time.Minute)
	payments := s.Payments(token)
	if len(payments) != 3 || payments[2].ID != s.Facts(token)["lastPurchaseId"] || !payments[1].At.Equal(start.Add(5*time.Minute)) {
		t.Fatalf("payments %v", payments)
	}
	before := look(s, token)
	s.RefundPayment(token, payments[1].ID)
	if after := look(s, token); after != before {
		t.Errorf("got %+v, had %+v", after, before)
	}
	s.RefundPayment(token, payments[2].ID)
	if after := look(s, token); after.renews || after.left >= 0 {
		t.Errorf("the last payment: %+v", after)
	}
}

func TestOfVeryManyPaymentsTheFirstAndTheLastAreKept(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Gentle: true, Now: frozen})
	token := s.Buy(onestoretest.Subscription("vip"), onestoretest.Acknowledged())
	first := s.Payments(token)[0]
	s.Advance(20_000 * time.Minute)
	got := s.Payments(token)
	if len(got) > 3_000 || got[0] != first || got[len(got)-1].ID != s.Facts(token)["lastPurchaseId"] || got[len(got)-1].At != s.Now() {
		t.Errorf("%d payments, from %v to %v", len(got), got[0], got[len(got)-1])
	}
}

func TestTheListFiltersByWhenAPaymentWasTakenBack(t *testing.T) {
	const day = 24 * time.Hour
	w := inProcess(t, onestoretest.Config{Gentle: true, Now: frozen, KeepUnacknowledged: true, Environment: onestoretest.Commercial})
	token := w.store.Buy(onestoretest.InApp("gold"))
	w.store.Advance(20 * day)
	w.store.Refund(token)
	at := w.store.Now()
	w.store.Advance(day)
	tests := []struct {
		name       string
		start, end time.Time
		rows       int
	}{
		{"around it", at.Add(-day), at.Add(day), 1},
		{"beginning with it", at, at.Add(day), 1},
		{"ending with it", at.Add(-day), at, 1},
		{"before it", at.Add(-day), at.Add(-time.Millisecond), 0},
		{"after it", at.Add(time.Millisecond), at.Add(day), 0},
		{"when it was bought", start.Add(-day), start.Add(day), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, _ := page(t, w.list(voided, "startTime", millis(tt.start), "endTime", millis(tt.end)))
			if len(rows) != tt.rows {
				t.Errorf("got %v", rows)
			}
		})
	}
}

func TestUnconfirmedPurchasesAreKoreanOnly(t *testing.T) {
	global, korea := onestoretest.MarketGlobal, onestoretest.MarketKorea
	tests := []struct {
		name           string
		market, header string
		dialects       []onestoretest.Dialect
		status, rows   int
	}{
		{"Korea", korea, korea, nil, 200, 3},
		{"Korea by default", korea, "", nil, 200, 3},
		{"the world", global, global, nil, 404, 0},
		{"the world, once it is opened", global, global, []onestoretest.Dialect{onestoretest.UnconfirmedEverywhere}, 200, 3},
		{"Korea asked for what the world bought", global, korea, nil, 200, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := inProcess(t, onestoretest.Config{Gentle: true, Market: tt.market, Dialects: tt.dialects})
			var kinds []any
			for _, p := range []onestoretest.Product{onestoretest.InApp("gold"), onestoretest.Recurring("pass"), onestoretest.Subscription("vip")} {
				w.store.Buy(p)
				kinds = append(kinds, string(p.Kind))
			}
			r := w.request("GET", "/v7/apps/"+w.store.ClientID()+"/"+unconfirmed, "")
			if r.Header.Set("x-market-code", tt.header); tt.header == "" {
				r.Header.Del("x-market-code")
			}
			got := w.do(r)
			if got.status != tt.status {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			if tt.status == 404 {
				if got.code() != "ResourceNotFound" {
					t.Errorf("got %s", got.body)
				}
				return
			}
			rows, _ := page(t, got)
			var types []any
			for _, row := range rows {
				types = append(types, row["type"])
			}
			if len(rows) != tt.rows || tt.rows > 0 && !slices.Equal(types, kinds) {
				t.Errorf("got %v", rows)
			}
		})
	}
}
