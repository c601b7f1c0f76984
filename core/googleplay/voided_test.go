package googleplay_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// list collects a list and the error that ended it.
func list(ctx context.Context, c *googleplay.Client, w googleplay.Window) (voided []googleplay.VoidedPurchase, failed error) {
	for v, err := range c.VoidedPurchases(ctx, w) {
		if failed = err; err == nil {
			voided = append(voided, v)
		}
	}
	return voided, failed
}

func TestVoidedPurchasesOfAllPagesAndKinds(t *testing.T) {
	for seed := range uint64(8) {
		fake := googleplaytest.New(googleplaytest.Config{Seed: seed, KeepUnacknowledged: true})
		c := clientOf(t, fake)
		var tokens, orders []string
		note := func(tok, order string) { tokens, orders = append(tokens, tok), append(orders, order) }
		for range 4 {
			gold := fake.Buy(googleplaytest.InApp("gold"))
			fake.Refund(gold)
			note(gold, fake.OrderID(gold))
			fake.Advance(time.Minute)
			vip := fake.Buy(googleplaytest.Subscription("vip"))
			fake.Advance(31 * time.Minute)
			fake.Renew(vip)
			fake.Refund(vip)
			note(vip, fake.OrderID(vip))
		}
		ten := fake.Buy(googleplaytest.InApp("gems"), googleplaytest.Quantity(10))
		for _, n := range []int{2, 3, 5} { // T-88
			fake.RefundQuantity(ten, n)
			note(ten, fake.OrderID(ten))
		}
		kept := fake.Buy(googleplaytest.InApp("gold"))
		fake.RefundAndKeep(kept) // T-86: never listed

		voided, err := list(t.Context(), c, googleplay.Window{})
		if err != nil || len(voided) != len(tokens) {
			t.Fatalf("seed %d: %d voids, want %d: %v", seed, len(voided), len(tokens), err)
		}
		for i, v := range voided {
			if v.PurchaseToken != tokens[i] || v.OrderID != orders[i] || v.PurchaseTime.IsZero() || v.VoidedTime.IsZero() || v.VoidedSource == nil || v.VoidedReason == nil {
				t.Errorf("seed %d, %d: got %+v", seed, i, v)
			}
		}
		for i, want := range []int64{2, 3, 0} {
			v := voided[len(voided)-3+i]
			if got := v.VoidedQuantity; (got == nil) != (want == 0) || got != nil && *got != want {
				t.Errorf("seed %d: refund %d of ten is listed as %v", seed, i, got)
			}
			if _, all := c.Void(v); all != (want == 0) {
				t.Errorf("seed %d: refund %d of ten voids the payment: %t", seed, i, all)
			}
		}
		if got := fake.Count(googleplaytest.OpVoidedList); got != (len(tokens)+2)/3 {
			t.Errorf("seed %d: %d calls for %d rows of 3", seed, got, len(tokens))
		}
		fake.Check(t)
	}
}

func TestAWindowBoundsTheFirstPageAlone(t *testing.T) {
	u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
		text := `{"tokenPagination":{"nextPageToken":"a/b+c"}}` // no rows on this page, and yet another one
		if r.URL.Query().Get("token") != "" {
			text = `{}`
		}
		body(200, text)(w, r)
	}}
	now := time.Now()
	w := googleplay.Window{Start: now.Add(-48 * time.Hour), End: now.Add(-time.Hour)}
	if got, err := list(t.Context(), u.listen(t), w); err != nil || len(got) != 0 {
		t.Fatalf("got %v, %v", got, err)
	}
	always := url.Values{"type": {"1"}, "includeQuantityBasedPartialRefund": {"true"}, "maxResults": {"1000"}}
	for i, want := range []url.Values{
		{"startTime": {itoa(w.Start.UnixMilli())}, "endTime": {itoa(w.End.UnixMilli())}},
		{"token": {"a/b+c"}},
	} {
		for name, values := range always {
			want[name] = values
		}
		r := u.requests[i]
		if r.URL.Path != "/androidpublisher/v3/applications/com.example.game/purchases/voidedpurchases" || r.URL.RawQuery != want.Encode() {
			t.Errorf("page %d: %s", i, r.URL)
		}
	}
}

func TestAnImpossibleWindowIsNotAsked(t *testing.T) {
	u := &upstream{t: t, reply: body(200, "{}")}
	c := u.inProcess(t)
	now := time.Now()
	for name, w := range map[string]googleplay.Window{
		"31 days back":            {Start: now.Add(-31 * 24 * time.Hour)},
		"an end before its begin": {Start: now.Add(-time.Hour), End: now.Add(-2 * time.Hour)},
	} {
		if _, err := list(t.Context(), c, w); !errors.Is(err, googleplay.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if u.count() != 0 {
		t.Errorf("%d calls", u.count())
	}
}

// Clocks differ: what is as good as Google's own default is left to it.
func TestTheEndsOfTheLongestWindowAreGooglesOwn(t *testing.T) {
	u := &upstream{t: t, reply: body(200, "{}")}
	c := u.inProcess(t)
	now := time.Now()
	for _, w := range []googleplay.Window{{}, {Start: now.Add(time.Second - 30*24*time.Hour)}, {End: now}, {End: now.Add(time.Hour)}, {Start: now.Add(time.Second - 30*24*time.Hour), End: now.Add(-time.Second)}} {
		if _, err := list(t.Context(), c, w); err != nil {
			t.Errorf("%+v: %v", w, err)
		}
	}
	for _, r := range u.requests {
		if q := r.URL.Query(); q.Has("startTime") || q.Has("endTime") {
			t.Errorf("asked %s", r.URL.RawQuery)
		}
	}
}

func TestAFaultyListEndsWithAnError(t *testing.T) {
	row := `{"purchaseToken":"canarytoken","orderId":"GPA.1","voidedSource":"1","voidedReason":"7","purchaseTimeMillis":1345678900000}` // T-84
	for name, text := range map[string]string{
		"no object":                      `[]`,
		"no array":                       `{"voidedPurchases":{}}`,
		"a row that is none":             `{"voidedPurchases":[` + row + `,7]}`,
		"a row without a token":          `{"voidedPurchases":[{"orderId":"GPA.1"}]}`,
		"a row without an order":         `{"voidedPurchases":[{"purchaseToken":"canarytoken"}]}`,
		"a quantity below zero":          `{"voidedPurchases":[{"purchaseToken":"t","orderId":"o","voidedQuantity":-1}]}`,
		"a quantity that is none":        `{"voidedPurchases":[{"purchaseToken":"t","orderId":"o","voidedQuantity":"canarytoken"}]}`,
		"a time that is none":            `{"voidedPurchases":[{"purchaseToken":"t","orderId":"o","voidedTimeMillis":"x"}]}`,
		"an error":                       `{"voidedPurchases":[],"error":{}}`,
		"paging that is none":            `{"tokenPagination":1}`,
		"the same page again, endlessly": `{"voidedPurchases":[],"tokenPagination":{"nextPageToken":"x"}}`,
	} {
		u := &upstream{t: t, reply: body(200, text)}
		got, err := list(t.Context(), u.inProcess(t), googleplay.Window{})
		mustBeClean(t, err)
		if !errors.Is(err, googleplay.ErrMalformedAnswer) || len(got) != 0 || u.count() > 2 {
			t.Errorf("%s: %v, %v after %d calls", name, got, err, u.count())
		}
	}
	u := &upstream{t: t, reply: body(200, `{"voidedPurchases":[`+strings.Replace(row, `"orderId"`, `"voidedQuantity":0,"orderId"`, 1)+`]}`)}
	got, err := list(t.Context(), u.inProcess(t), googleplay.Window{})
	if err != nil || len(got) != 1 || got[0].VoidedQuantity != nil || *got[0].VoidedSource != 1 || *got[0].VoidedReason != 7 { // T-84, T-88
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestALoopThatBreaksAsksNoMore(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{PageSize: 1})
	for range 3 {
		fake.Refund(fake.Buy(googleplaytest.InApp("gold")))
	}
	for _, err := range clientOf(t, fake).VoidedPurchases(t.Context(), googleplay.Window{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if n := fake.Count(googleplaytest.OpVoidedList); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// The fake counts as Google does, and refuses the thirty-first call in any 30 seconds and the
// six-thousand-first of a day.
func TestTheClientKeepsWithinGooglesQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := googleplaytest.New(googleplaytest.Config{PageSize: 1})
		c := clientOf(t, fake)
		for range 60 {
			fake.Refund(fake.Buy(googleplaytest.InApp("gold")))
		}
		began := time.Now()
		if got, err := list(t.Context(), c, googleplay.Window{}); err != nil || len(got) != 60 {
			t.Errorf("%d voids: %v", len(got), err)
		}
		if d := time.Since(began); d < time.Minute || d > 2*time.Minute {
			t.Errorf("60 calls took %v", d)
		}
		wantNoQuotaRefusals(t, fake)
	})
	synctest.Test(t, func(t *testing.T) {
		fake := googleplaytest.New(googleplaytest.Config{AccessTokenLife: 365 * 24 * time.Hour, Gentle: true})
		c := clientOf(t, fake)
		began := time.Now()
		for range 6000 { // without a pause
			if _, err := list(t.Context(), c, googleplay.Window{}); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(began); d < 23*time.Hour || d > 25*time.Hour {
			t.Errorf("6,000 calls took %v", d)
		}
		wantNoQuotaRefusals(t, fake)
	})
}

func wantNoQuotaRefusals(t *testing.T, fake *googleplaytest.Store) {
	t.Helper()
	for _, r := range fake.Requests() {
		if r.Status == 429 || r.Status == 403 {
			t.Fatalf("a call was answered with %d", r.Status)
		}
	}
}

func TestACallerWithoutTheTimeForATurnIsToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := googleplaytest.New(googleplaytest.Config{})
		c := clientOf(t, fake)
		var err error
		for range 16 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err = list(ctx, c, googleplay.Window{})
			cancel()
		}
		if !errors.Is(err, googleplay.ErrQuota) || fake.Count(googleplaytest.OpVoidedList) != 15 {
			t.Errorf("%v after %d calls", err, fake.Count(googleplaytest.OpVoidedList))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := list(ctx, c, googleplay.Window{}); !errors.Is(err, context.Canceled) || errors.Is(err, googleplay.ErrQuota) {
			t.Errorf("a caller that left: %v", err)
		}
	})
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
