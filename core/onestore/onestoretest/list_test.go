package onestoretest_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

const (
	voided      = "voided-purchases"
	unconfirmed = "unconfirmed-purchases"
)

// list asks for a page; query is pairs of a name and a value.
func (w *wire) list(which string, query ...string) reply {
	w.t.Helper()
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	path := "/v7/apps/" + w.store.ClientID() + "/" + which
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return w.do(w.request("GET", path, ""))
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// page reads a page as tolerantly as the documents ask for.
func page(t testing.TB, r reply) (rows []map[string]any, key string) {
	t.Helper()
	if r.code() == "NoSuchData" {
		return nil, ""
	}
	for name, value := range r.facts(t) {
		switch strings.TrimSpace(name) {
		case "continuationKey":
			key, _ = value.(string)
		case "voidedPurchaseList", "unconfirmedPurchaseList":
			for _, row := range value.([]any) {
				rows = append(rows, row.(map[string]any))
			}
		default:
			t.Fatalf("a page has no %q", name)
		}
	}
	return rows, key
}

// pages turns the pages of the last month and gives the purchase ids of the store's own market.
func (w *wire) pages(which string) (ids []string, calls int) {
	w.t.Helper()
	query := []string{"startTime", millis(w.store.Now().AddDate(0, 0, -28)), "endTime", millis(w.store.Now())}
	for key := ""; ; {
		rows, next := page(w.t, w.list(which, append(query, keyed(key)...)...))
		for _, row := range rows {
			if row["marketCode"] == w.store.Market() {
				ids = append(ids, row["purchaseId"].(string))
			}
		}
		if calls++; next == "" || calls > 200 {
			return ids, calls
		}
		key = next
	}
}

func keyed(key string) []string {
	if key == "" {
		return nil
	}
	return []string{"continuationKey", key}
}

func TestListsByteForByte(t *testing.T) {
	const ms = "1789706151000"
	gold := func(s *store) string {
		return s.Buy(onestoretest.InApp("gold"), onestoretest.Label("player <1>"), onestoretest.Quantity(2))
	}
	with := func(d ...onestoretest.Dialect) onestoretest.Config {
		return onestoretest.Config{Dialects: d, Market: onestoretest.MarketKorea}
	}
	const unconfirmedRow = `{"type":"inapp","orderId":"01200000000000000000002","productId":"gold","purchaseToken":"SANDBOX3000002616002",` +
		`"purchaseId":"SANDBOX3000000004001","purchaseTime":` + ms + `,"purchaseState":STATE,"developerPayload":"player <1>","quantity":2,"marketCode":"MKT_ONE"}`
	state := func(v string) string { return strings.Replace(unconfirmedRow, "STATE", v, 1) }
	tests := []struct {
		name  string
		cfg   onestoretest.Config
		live  func(*store)
		which string
		query []string
		want  string
	}{
		{"a refund", with(), func(s *store) { s.Refund(gold(s)) }, voided, nil,
			`{"voidedPurchaseList":[{"purchaseId":"SANDBOX3000000004001","purchaseTime":` + ms + `,"voidedTime":` + ms +
				`,"purchaseToken":"SANDBOX3000002616002","marketCode":"MKT_ONE"}]}`},
		{"a blank after the name of the list", with(onestoretest.ListKeyBlank), func(*store) {}, voided, nil, `{"voidedPurchaseList ":[]}`},
		{"nothing", with(), func(*store) {}, voided, nil, `{"voidedPurchaseList":[]}`},
		{"nothing, not even a list", with(onestoretest.EmptyListMissing), func(*store) {}, voided, nil, `{}`},
		{"nothing, with a null for a key", with(onestoretest.LastKeyNull), func(*store) {}, voided, nil, `{"continuationKey":null,"voidedPurchaseList":[]}`},
		{"nothing, with an empty key", with(onestoretest.LastKeyEmpty), func(*store) {}, voided, nil, `{"continuationKey":"","voidedPurchaseList":[]}`},
		{"nothing, as an error", with(onestoretest.EmptyListNoSuchData), func(*store) {}, voided, nil,
			`{"error":{"code":"NoSuchData","message":"The requested data could not be found."}}`},
		{"an unconfirmed purchase", with(), func(s *store) { gold(s) }, unconfirmed, nil, `{"unconfirmedPurchaseList":[` + state("0") + `]}`},
		{"its state as text", with(onestoretest.StateText), func(s *store) { gold(s) }, unconfirmed, nil, `{"unconfirmedPurchaseList":[` + state(`"0"`) + `]}`},
		{"its state as a word", with(onestoretest.StateWord), func(s *store) { gold(s) }, unconfirmed, nil, `{"unconfirmedPurchaseList":[` + state(`"COMPLETED"`) + `]}`},
		{"a cancelled one", with(onestoretest.StateWord, onestoretest.CanceledListed), func(s *store) { s.Refund(gold(s)) }, unconfirmed, nil,
			`{"unconfirmedPurchaseList":[` + state(`"CANCELED"`) + `]}`},
		{"a cancelled one is not listed", with(), func(s *store) { s.Refund(gold(s)) }, unconfirmed, nil, `{"unconfirmedPurchaseList":[]}`},
		{"an acknowledged one is not", with(), func(s *store) { s.Acknowledge(gold(s)) }, unconfirmed, nil, `{"unconfirmedPurchaseList":[]}`},
		{"a consumed one is not", with(), func(s *store) { s.Consume(gold(s)) }, unconfirmed, nil, `{"unconfirmedPurchaseList":[]}`},
		{"numbers as text", with(onestoretest.NumbersText), func(s *store) { s.Refund(gold(s)) }, voided, nil,
			`{"voidedPurchaseList":[{"purchaseId":"SANDBOX3000000004001","purchaseTime":"` + ms + `","voidedTime":"` + ms +
				`","purchaseToken":"SANDBOX3000002616002","marketCode":"MKT_ONE"}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.Now, tt.cfg.Gentle = frozen, true
			w := inProcess(t, tt.cfg)
			tt.live(w.store)
			if got := w.list(tt.which, tt.query...); got.body != tt.want {
				t.Errorf("got  %s\nwant %s", got.body, tt.want)
			}
			w.store.Check(t)
		})
	}
}

func TestTheQueryOfAList(t *testing.T) {
	ago := func(d time.Duration) string { return millis(start.Add(-d)) }
	const day = 24 * time.Hour
	tests := []struct {
		name      string
		query     string
		status    int
		malformed bool
	}{
		{"none", "", 200, false},
		{"both ends", "startTime=" + ago(28*day) + "&endTime=" + ago(0), 200, false},
		{"a calendar month", "startTime=" + ago(31*day) + "&endTime=" + ago(0), 200, false},
		{"an instant", "startTime=" + ago(day) + "&endTime=" + ago(day), 200, false},
		{"only a start", "startTime=" + ago(day), 200, false},
		{"only an end", "endTime=" + ago(day), 200, false},
		{"the most rows", "maxResults=100", 200, false},
		{"the fewest", "maxResults=1", 200, false},
		{"an end after now", "startTime=" + ago(day) + "&endTime=" + millis(start.Add(time.Millisecond)), 400, false},
		{"an end ten minutes ahead", "startTime=" + ago(day) + "&endTime=" + millis(start.Add(10*time.Minute)), 400, false},
		{"a start after now", "startTime=" + millis(start.Add(time.Millisecond)), 400, false},
		{"a start more than a month ago", "startTime=" + ago(31*day+time.Millisecond), 400, false},
		{"an end more than a month ago", "endTime=" + ago(31*day+time.Millisecond), 400, false},
		{"a window wider than a month", "startTime=" + ago(32*day) + "&endTime=" + ago(0), 400, true},
		{"a start after the end", "startTime=" + ago(0) + "&endTime=" + ago(day), 400, true},
		{"no rows", "maxResults=0", 400, true},
		{"too many rows", "maxResults=101", 400, true},
		{"fewer than no rows", "maxResults=-1", 400, true},
		{"rows in words", "maxResults=ten", 400, true},
		{"seconds with a fraction", "startTime=1789706151.5", 400, true},
		{"a date", "startTime=2026-09-18", 400, true},
		{"fourteen digits", "startTime=0" + ago(0), 400, true},
		{"an empty end", "endTime=", 400, true},
		{"two starts", "startTime=" + ago(0) + "&startTime=" + ago(0), 400, true},
		{"an empty key", "continuationKey=", 400, true},
		{"a key beyond its size", "continuationKey=" + strings.Repeat("x", 42), 400, true},
		{"a key that the store never gave", "continuationKey=x", 400, false},
		{"one of the right length", "continuationKey=%3D" + strings.Repeat("x", 40), 400, false},
		{"an unknown name", "pageSize=10", 400, true},
		{"a broken escape", "startTime=%zz", 400, true},
	}
	for _, which := range []string{voided, unconfirmed} {
		for _, tt := range tests {
			t.Run(which+" "+tt.name, func(t *testing.T) {
				w := inProcess(t, onestoretest.Config{Gentle: true, Now: frozen, Market: onestoretest.MarketKorea})
				r := w.request("GET", "/v7/apps/"+w.store.ClientID()+"/"+which, "")
				r.URL.RawQuery = tt.query
				got := w.do(r)
				if got.status != tt.status {
					t.Errorf("got %d %s", got.status, got.body)
				}
				if bad := w.store.Malformed(); len(bad) > 0 != tt.malformed {
					t.Errorf("malformed: %+v", bad)
				}
				if log := w.store.Requests(); log[len(log)-1].Query != tt.query {
					t.Errorf("remembered %q", log[len(log)-1].Query)
				}
			})
		}
	}
}

func TestPagesHoldEveryRowOnce(t *testing.T) {
	for seed := range uint64(20) {
		w := inProcess(t, onestoretest.Config{Now: frozen, Seed: seed, Market: onestoretest.MarketKorea})
		var want []string
		for range 17 {
			token := w.store.Buy(onestoretest.InApp("gold"))
			want = append(want, w.store.Payments(token)[0].ID)
		}
		got, calls := w.pages(unconfirmed)
		if slices.Sort(got); !slices.Equal(got, want) || calls < 6 {
			t.Errorf("seed %d: unconfirmed, in %d pages: %q", seed, calls, got)
		}
		for _, token := range w.store.Purchases() {
			w.store.Refund(token)
		}
		got, calls = w.pages(voided)
		if slices.Sort(got); !slices.Equal(got, want) || calls < 6 {
			t.Errorf("seed %d: voided, in %d pages: %q", seed, calls, got)
		}
		w.store.Check(t)
	}
}

func TestTheOtherMarketHasNoRows(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true, Market: onestoretest.MarketKorea})
	w.store.Refund(w.store.Buy(onestoretest.InApp("gold")))
	r := w.request("GET", "/v7/apps/"+w.store.ClientID()+"/"+voided, "")
	r.Header.Set("x-market-code", "MKT_GLB")
	if rows, _ := page(t, w.do(r)); len(rows) != 0 {
		t.Errorf("got %v", rows)
	}
}

func TestTurningPagesWhileRowsComeAndGo(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true, PageSize: 2, Now: frozen, Market: onestoretest.MarketKorea})
	var tokens, ids []string
	for range 5 {
		tokens = append(tokens, w.store.Buy(onestoretest.InApp("gold")))
		ids = append(ids, w.store.Payments(tokens[len(tokens)-1])[0].ID)
	}
	rows, key := page(t, w.list(unconfirmed))
	got := []any{rows[0]["purchaseId"], rows[1]["purchaseId"]}
	w.store.Acknowledge(tokens[0])
	w.store.Acknowledge(tokens[3])
	late := w.store.Payments(w.store.Buy(onestoretest.InApp("gold")))[0].ID
	for key != "" {
		rows, key = page(t, w.list(unconfirmed, "continuationKey", key))
		for _, row := range rows {
			got = append(got, row["purchaseId"])
		}
	}
	if want := []any{ids[0], ids[1], ids[2], ids[4], late}; !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAKeyBelongsToItsWindow(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true, PageSize: 1, AllowMalformed: true, Market: onestoretest.MarketKorea})
	for range 3 {
		w.store.Refund(w.store.Buy(onestoretest.InApp("gold")))
	}
	from, to, other := millis(w.store.Now().Add(-time.Hour)), millis(w.store.Now()), millis(w.store.Now().Add(-time.Minute))
	_, key := page(t, w.list(voided, "startTime", from, "endTime", to))
	if len(key) != 41 {
		t.Fatalf("key %q", key)
	}
	w.store.Advance(40 * 24 * time.Hour) // the window of a key stays good
	tests := []struct {
		name  string
		which string
		query []string
		code  string
	}{
		{"with the same window", voided, []string{"startTime", from, "endTime", to}, ""},
		{"without a window", voided, nil, ""},
		{"with another start", voided, []string{"startTime", other, "endTime", to}, "InvalidRequest"},
		{"with another end", voided, []string{"endTime", other}, "InvalidRequest"},
		{"at another list", unconfirmed, nil, "InvalidRequest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := w.list(tt.which, append(tt.query, "continuationKey", key)...)
			if got.code() != tt.code {
				t.Fatalf("got %s", got.body)
			}
			if tt.code != "" {
				return
			}
			if rows, _ := page(t, got); len(rows) != 1 {
				t.Errorf("got %v", rows)
			}
		})
	}
}

// A key that is put into a query as it is loses its meaning: "+" is a blank there.
func TestKeysNeedPercentEncoding(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Now: frozen})
	plus := false
	for range 200 {
		w.store.Refund(w.store.Buy(onestoretest.InApp("gold")))
		_, key := page(t, w.list(voided, "maxResults", "1"))
		plus = plus || strings.Contains(key, "+")
		w.store.Advance(time.Second)
	}
	if !plus {
		t.Error("no key had a plus")
	}
}

func TestFaultsOfKeys(t *testing.T) {
	turn := func(w *wire, n int) (keys []string, rows []int) {
		for key := ""; len(keys) < n; {
			got, next := page(w.t, w.list(voided, keyed(key)...))
			keys, rows = append(keys, next), append(rows, len(got))
			key = next
		}
		return keys, rows
	}
	distinct := func(keys []string) int {
		slices.Sort(keys)
		return len(slices.Compact(keys))
	}
	tests := []struct {
		name  string
		fault onestoretest.Fault
		rows  []int
		keys  int // different ones, the last empty one included
		last  bool
	}{
		{"none", onestoretest.Fault{}, []int{2, 2, 1}, 3, true},
		{"one key again and again", onestoretest.Fault{Effect: onestoretest.CycleKeys(1)}, []int{2, 2, 2, 2, 2, 2}, 1, false},
		{"three keys in turn", onestoretest.Fault{Effect: onestoretest.CycleKeys(3)}, []int{2, 2, 2, 2, 2, 2, 2}, 3, false},
		{"new keys for ever", onestoretest.Fault{Effect: onestoretest.EndlessKeys()}, []int{2, 2, 1, 0, 0, 0, 0}, 7, false},
		{"two empty pages first", onestoretest.Fault{Effect: onestoretest.EmptyPage(), Times: 2}, []int{0, 0, 2, 2, 1}, 5, true},
		{"every second page empty", onestoretest.Fault{Effect: onestoretest.EmptyPage(), Every: 2, Times: 2}, []int{2, 0, 2, 0, 1}, 5, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := inProcess(t, onestoretest.Config{Gentle: true, PageSize: 2, Now: frozen})
			for range 5 {
				w.store.Refund(w.store.Buy(onestoretest.InApp("gold")))
			}
			tt.fault.Op = onestoretest.OpVoidedPurchases
			w.store.Fail(tt.fault)
			keys, rows := turn(w, len(tt.rows))
			if last := keys[len(keys)-1] == ""; !slices.Equal(rows, tt.rows) || last != tt.last {
				t.Errorf("rows %v, keys %q", rows, keys)
			}
			if got := distinct(keys); got != tt.keys {
				t.Errorf("%d keys: %q", got, keys)
			}
			w.store.Check(t)
		})
	}
	t.Run("the second page fails, once", func(t *testing.T) {
		w := inProcess(t, onestoretest.Config{Gentle: true, PageSize: 2, Now: frozen})
		for range 3 {
			w.store.Refund(w.store.Buy(onestoretest.InApp("gold")))
		}
		w.store.Fail(onestoretest.Fault{Op: onestoretest.OpVoidedPurchases, Every: 2, Times: 1, Effect: onestoretest.StandardError("InternalError")})
		_, key := page(t, w.list(voided))
		if got := w.list(voided, "continuationKey", key); got.status != 500 {
			t.Errorf("got %d", got.status)
		}
		if rows, _ := page(t, w.list(voided, "continuationKey", key)); len(rows) != 1 {
			t.Errorf("got %v", rows)
		}
	})
	t.Run("a look-up knows no keys", func(t *testing.T) {
		w := inProcess(t, onestoretest.Config{Gentle: true})
		w.store.Fail(onestoretest.Fault{Effect: onestoretest.EmptyPage()})
		w.lookup(w.store.Buy(onestoretest.InApp("gold"))).facts(t)
	})
}

// A key is opened only by the store and the list that gave it.
func FuzzContinuationKeys(f *testing.F) {
	f.Add("=AAAA")
	f.Add("=" + strings.Repeat("A", 40))
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, key string) {
		w := inProcess(t, onestoretest.Config{Gentle: true, Now: frozen})
		w.store.Refund(w.store.Buy(onestoretest.InApp("gold")))
		got := w.list(voided, "continuationKey", key)
		if got.status != 400 || !json.Valid([]byte(got.body)) {
			t.Fatalf("status %d, body %s", got.status, got.body)
		}
	})
}
