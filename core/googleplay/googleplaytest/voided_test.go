package googleplaytest_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// voids are a page of the list.
type voids struct {
	VoidedPurchases []struct {
		PurchaseToken, OrderID               string
		VoidedTimeMillis, PurchaseTimeMillis string
		VoidedSource, VoidedReason           json.Number
		VoidedQuantity                       json.Number
	}
	TokenPagination struct{ NextPageToken string }
}

func (w *wire) list(query string) (voids, reply) {
	w.t.Helper()
	got := w.do(w.request("GET", apps+"voidedpurchases?"+query, ""))
	var v voids
	if got.status == 200 {
		if err := json.Unmarshal([]byte(got.body), &v); err != nil {
			w.t.Fatal(err)
		}
	}
	return v, got
}

func (v voids) tokens() (tokens []string) {
	for _, e := range v.VoidedPurchases {
		tokens = append(tokens, e.PurchaseToken)
	}
	return tokens
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func TestTheListGoesByItsParameters(t *testing.T) {
	w := inProcess(t, gentle())
	gold := w.store.Buy(googleplaytest.InApp("gold"))
	vip := w.store.Buy(googleplaytest.Subscription("vip"))
	many := w.store.Buy(googleplaytest.InApp("gems"), googleplaytest.Quantity(10))
	w.store.Refund(gold)
	w.store.Advance(time.Hour)
	w.store.Refund(vip)
	w.store.Advance(time.Hour)
	w.store.RefundQuantity(many, 2)
	w.store.RefundQuantity(many, 8)
	w.store.Advance(time.Hour)
	kept := w.store.Buy(googleplaytest.InApp("gold"))
	w.store.RefundAndKeep(kept)
	now := start.Add(3 * time.Hour)
	for name, tc := range map[string]struct {
		query string
		want  []string
	}{
		"by default products, whole ones":      {"", []string{gold, many}},
		"subscriptions too":                    {"type=1", []string{gold, vip, many}},
		"parts too":                            {"includeQuantityBasedPartialRefund=true", []string{gold, many, many}},
		"from a time on, inclusive":            {"type=1&startTime=" + millis(start.Add(time.Hour)), []string{vip, many}},
		"to a time, inclusive":                 {"type=1&endTime=" + millis(start.Add(time.Hour)), []string{gold, vip}},
		"in a window":                          {"type=1&startTime=" + millis(start.Add(1)) + "&endTime=" + millis(start.Add(time.Hour)), []string{gold, vip}},
		"in a window that nothing happened in": {"startTime=" + millis(start.Add(time.Minute)) + "&endTime=" + millis(start.Add(2*time.Minute)), nil},
		"from 30 days back":                    {"startTime=" + millis(now.Add(-30*day)), []string{gold, many}},
	} {
		got, r := w.list(tc.query)
		if r.status != 200 || !slices.Equal(got.tokens(), tc.want) || got.TokenPagination.NextPageToken != "" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	for name, query := range map[string]string{
		"more than 30 days back": "startTime=" + millis(now.Add(-30*day-time.Millisecond)),
		"into the future":        "endTime=" + millis(now.Add(time.Millisecond)),
		"no time":                "startTime=yesterday",
		"no page":                "token=x",
	} {
		if _, r := w.list(query); r.status != 400 || r.reason() != "invalidValue" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	all, _ := w.list("type=1&includeQuantityBasedPartialRefund=true")
	for i, want := range []string{"", "", "2", ""} {
		e := all.VoidedPurchases[i]
		if e.VoidedQuantity.String() != want || e.OrderID != w.store.OrderID(e.PurchaseToken) || e.VoidedSource != "1" || e.VoidedReason != "0" || e.PurchaseTimeMillis != millis(start) {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
	w.store.Check(t)
}

func TestTheListComesInPages(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{})
	var want []string
	for range 7 {
		tok := w.store.Buy(googleplaytest.InApp("gold"))
		w.store.Refund(tok)
		want = append(want, tok)
	}
	var got []string
	query := "maxResults=1000"
	for range 3 {
		page, r := w.list(query)
		if r.status != 200 || len(page.VoidedPurchases) > 3 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		got = append(got, page.tokens()...)
		query = "startTime=1&token=" + url.QueryEscape(page.TokenPagination.NextPageToken) // a window does not count here
	}
	if !slices.Equal(got, want) || query != "startTime=1&token=" {
		t.Errorf("got %d of %d", len(got), len(want))
	}
	if page, r := w.list("maxResults=2"); len(page.VoidedPurchases) != 2 {
		t.Errorf("two at most: %s", r.body)
	}
}

func TestWhatNobodyAcknowledgedIsListed(t *testing.T) {
	w := inProcess(t, gentle())
	tok := w.store.Buy(googleplaytest.InApp("gold"))
	later := w.store.Buy(googleplaytest.InApp("gold"))
	tester := w.store.Buy(googleplaytest.InApp("gold"), googleplaytest.Test())
	w.store.Advance(5 * time.Minute)
	got, _ := w.list("")
	if !slices.Equal(got.tokens(), []string{tester}) {
		t.Errorf("after 5 minutes: %v", got.tokens())
	}
	w.store.Advance(3 * day)
	got, _ = w.list("")
	if !slices.Equal(got.tokens(), []string{tester, tok, later}) {
		t.Fatalf("after 3 days: %v", got.tokens())
	}
	if e := got.VoidedPurchases[1]; e.VoidedSource != "2" || e.VoidedReason != "8" || e.VoidedTimeMillis != millis(start.Add(3*day)) {
		t.Errorf("got %+v", e)
	}
}

func TestTheListHasAQuota(t *testing.T) {
	now := start
	w := inProcess(t, googleplaytest.Config{Now: func() time.Time { return now }, AccessTokenLife: 365 * day})
	request := w.request("GET", apps+"voidedpurchases", "")
	list := func() reply { return w.do(request.Clone(t.Context())) }
	refused := func(r reply) bool {
		return (r.status == 429 || r.status == 403) && r.reason() == "rateLimitExceeded"
	}
	for i := range 31 {
		if r := list(); refused(r) != (i == 30) {
			t.Fatalf("call %d: %d %s", i, r.status, r.body)
		}
	}
	now = now.Add(30 * time.Second)
	if r := list(); r.status != 200 {
		t.Errorf("30 s later: %d %s", r.status, r.body)
	}
	for calls := 31; calls < 6000; calls++ {
		if now = now.Add(10 * time.Second); calls%1000 == 0 {
			w.store.ResetLog()
		}
		if r := list(); r.status != 200 {
			t.Fatalf("call %d of the day: %d %s", calls, r.status, r.body)
		}
	}
	now = now.Add(time.Minute)
	if r := list(); !refused(r) {
		t.Errorf("the 6,001st call of a day: %d %s", r.status, r.body)
	}
	now = start.Add(24 * time.Hour)
	if r := list(); r.status != 200 {
		t.Errorf("a day later: %d %s", r.status, r.body)
	}
}
