package onestore_test

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/onestore"
)

// korean returns a client of u in the market that has all lists.
func korean(t *testing.T, u *upstream) *onestore.Client {
	t.Helper()
	cfg := config("")
	cfg.Market, cfg.HTTPClient = onestore.MarketKorea, &http.Client{Transport: u}
	return client(t, cfg)
}

// rows is what a list gave before its end, and the error that ended it.
func rows[T any](seq iter.Seq2[T, error]) (list []T, err error) {
	ended := false
	for r, e := range seq {
		if ended {
			return nil, errors.New("something follows the error")
		}
		if e != nil {
			err, ended = e, true
			continue
		}
		list = append(list, r)
	}
	return list, err
}

// lists are both lists, as far as they are alike.
var lists = []struct {
	name, path, member, row string
	read                    func(*testing.T, *onestore.Client, onestore.Window) (ids []string, err error)
}{
	{"getVoidedPurchases", "/v7/apps/com.example.game/voided-purchases", "voidedPurchaseList",
		`{"purchaseId":"%s","purchaseTime":1345678900000,"voidedTime":1345688900000,"purchaseToken":"19062709124410111299","marketCode":"MKT_ONE"}`,
		func(t *testing.T, c *onestore.Client, w onestore.Window) (ids []string, err error) {
			list, err := rows(c.VoidedPurchases(t.Context(), w))
			for _, v := range list {
				ids = append(ids, v.PurchaseID)
			}
			return ids, err
		}},
	{"getUnconfirmedPurchases", "/v7/apps/com.example.game/unconfirmed-purchases", "unconfirmedPurchaseList",
		`{"purchaseId":"%s","type":"inapp","productId":"gold","purchaseToken":"19062709124410111299","purchaseTime":1345678900000,"marketCode":"MKT_ONE"}`,
		func(t *testing.T, c *onestore.Client, w onestore.Window) (ids []string, err error) {
			list, err := rows(c.UnconfirmedPurchases(t.Context(), w))
			for _, u := range list {
				ids = append(ids, u.PurchaseID)
			}
			return ids, err
		}},
}

func TestVoidedPurchasesAreRead(t *testing.T) { // T-37, T-41, T-42, T-43
	u := &upstream{t: t, reply: body(200, `{"continuationKey": null, "voidedPurchaseList ": [
		{"purchaseId": "19062709124410111299", "purchaseTime": 1345678900000, "voidedTime": 1345688900000, "purchaseToken": "19062709124410111299", "marketCode": "MKT_ONE"},
		{"purchaseId": "19062709124410111300", "purchaseTime": "1345679900000", "voidedTime": 1345878900000, "purchaseToken": "19062709124410111299", "new": {}}]}`)}
	got, err := rows(korean(t, u).VoidedPurchases(t.Context(), onestore.Window{}))
	want := []onestore.VoidedPurchase{
		{"19062709124410111299", "19062709124410111299", at(1345678900000), at(1345688900000), onestore.MarketKorea},
		{"19062709124410111300", "19062709124410111299", at(1345679900000), at(1345878900000), ""},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	r := u.requests[1]
	if r.Method != http.MethodGet || r.URL.EscapedPath() != lists[0].path || u.bodies[1] != "" {
		t.Errorf("%s %s", r.Method, r.URL)
	}
	wantHeaders(t, r, map[string]string{"Authorization": "Bearer " + access, "Content-Type": "application/json", "X-Market-Code": "MKT_ONE"})
}

func TestUnconfirmedPurchasesAreRead(t *testing.T) { // T-16, T-42
	entry := func(state string) string {
		return `{"type": "inapp", "orderId": "01239349082349823489342", "productId": "다이아100_20170818000000", "purchaseToken": "19062709124410111299",
			"purchaseId": "19062709124410111299", "purchaseTime": 1345678900000, "purchaseState": ` + state + `,
			"developerPayload": "E23DEFB029F84F4383ECB0E53B46B6A2", "quantity": 2, "marketCode": "MKT_ONE"}`
	}
	for state, want := range map[string]*int64{
		`0`: new(int64), `"0"`: new(int64), `"COMPLETED"`: new(int64), `1`: ptr[int64](1), `"1"`: ptr[int64](1), `"CANCELED"`: ptr[int64](1), `"CANCELLED"`: ptr[int64](1),
		`2`: ptr[int64](2), `"REFUNDED"`: ptr[int64](-1), `"completed"`: ptr[int64](-1), `null`: nil,
	} {
		u := &upstream{t: t, reply: body(200, `{"unconfirmedPurchaseList ": [`+entry(state)+`]}`)}
		got, err := rows(korean(t, u).UnconfirmedPurchases(t.Context(), onestore.Window{}))
		full := []onestore.UnconfirmedPurchase{{
			Type: "inapp", OrderID: "01239349082349823489342", ProductID: "다이아100_20170818000000", PurchaseToken: "19062709124410111299",
			PurchaseID: "19062709124410111299", PurchaseTime: at(1345678900000), PurchaseState: want,
			DeveloperPayload: ptr("E23DEFB029F84F4383ECB0E53B46B6A2"), Quantity: ptr[int64](2), MarketCode: onestore.MarketKorea,
		}}
		if err != nil || !reflect.DeepEqual(got, full) {
			t.Errorf("purchaseState %s: got %+v, %v", state, got, err)
		}
	}
}

func TestRowsPrintWithoutTheirTokens(t *testing.T) {
	for _, row := range []any{
		onestore.VoidedPurchase{PurchaseID: "payment-1", PurchaseToken: token}, onestore.UnconfirmedPurchase{PurchaseID: "payment-1", PurchaseToken: token},
	} {
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("a row", "row", row)
		for _, text := range []string{fmt.Sprint(row), fmt.Sprintf("%+v %#v", row, row), log.String()} {
			if strings.Contains(text, token) || !strings.Contains(text, "payment-1") {
				t.Errorf("it prints as %s", text)
			}
		}
	}
}

func TestAListEndsWhereItsKeysEnd(t *testing.T) { // T-49
	for _, l := range lists {
		for name, tc := range map[string]struct {
			keys []string // of the pages, as JSON; "" leaves the member out
			want int      // pages that are read
		}{
			"one page without a key":       {[]string{""}, 1},
			"one page with a null key":     {[]string{"null"}, 1},
			"one page with an empty key":   {[]string{`""`}, 1},
			"three pages":                  {[]string{`"a"`, `"b"`, ""}, 3},
			"a key that comes again":       {[]string{`"a"`, `"a"`, `"b"`}, 2},
			"keys that go round":           {[]string{`"a"`, `"b"`, `"a"`, `"c"`}, 3},
			"a key of signs":               {[]string{`"a b&c=d%+/?#é"`, `null`}, 2},
			"a key whose page has no rows": {[]string{`"-"`, `"b"`, ""}, 3},
		} {
			t.Run(l.name+" "+name, func(t *testing.T) {
				page := 0
				var first url.Values
				u := &upstream{t: t}
				u.reply = func(w http.ResponseWriter, r *http.Request) {
					q, key := r.URL.Query(), ""
					if page > 0 {
						key, _ = strconv.Unquote(tc.keys[page-1])
					}
					if q.Get("continuationKey") != key || q.Has("continuationKey") != (page > 0) {
						t.Errorf("page %d was asked for with the key %q", page, q.Get("continuationKey"))
					}
					q.Del("continuationKey")
					if page == 0 {
						first = q
					} else if !reflect.DeepEqual(q, first) {
						t.Errorf("page %d has another window: %v, the first had %v", page, q, first)
					}
					text := `{"` + l.member + `":[` + fmt.Sprintf(l.row, fmt.Sprint("id-", page)) + `]`
					if tc.keys[page] == `"-"` {
						text = `{"` + l.member + `":[]`
					}
					if tc.keys[page] != "" {
						text += `,"continuationKey":` + tc.keys[page]
					}
					page++
					body(200, text+`}`)(w, r)
				}
				ids, err := l.read(t, korean(t, u), onestore.Window{})
				want := tc.want
				if tc.keys[0] == `"-"` {
					want--
				}
				if err != nil || page != tc.want || len(ids) != want {
					t.Errorf("%d pages, %v, %v", page, ids, err)
				}
			})
		}
	}
}

func TestAListWithoutAnEndIsAnError(t *testing.T) {
	for _, l := range lists {
		page := 0
		u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
			page++
			body(200, fmt.Sprintf(`{"continuationKey":"%d"}`, page))(w, r)
		}}
		_, err := l.read(t, korean(t, u), onestore.Window{})
		if page != 1000 || !isError(err, onestore.ErrTooManyPages) || err.Error() != "onestore: "+l.name+": the list has more than 1000 pages" {
			t.Errorf("%s: %v after %d pages", l.name, err, page)
		}
	}
}

func TestWhatIsAnEmptyList(t *testing.T) { // T-50
	for _, l := range lists {
		for name, tc := range map[string]struct {
			status int
			body   string
			want   error // nil: empty
		}{
			"an empty list":            {200, `{"` + l.member + `":[]}`, nil},
			"with a blank":             {200, `{"` + l.member + ` ":[]}`, nil},
			"null":                     {200, `{"` + l.member + `":null}`, nil},
			"no list":                  {200, `{}`, nil},
			"NoSuchData with 404":      {404, `{"error":{"code":"NoSuchData"}}`, nil},
			"NoSuchData with 400":      {400, `{"error":{"code":"NoSuchData"}}`, nil},
			"NoSuchData with 200":      {200, `{"error":{"code":"NoSuchData"}}`, onestore.ErrMalformedAnswer},
			"ResourceNotFound":         {404, `{"error":{"code":"ResourceNotFound"}}`, onestore.ErrResourceNotFound},
			"a page with 404":          {404, `<html>`, errAny},
			"nothing with 404":         {404, ``, errAny},
			"a result":                 {200, `{"result":{"code":"Success"}}`, onestore.ErrMalformedAnswer},
			"a list of its own":        {200, `[]`, onestore.ErrMalformedAnswer},
			"an object for the list":   {200, `{"` + l.member + `":{}}`, onestore.ErrMalformedAnswer},
			"a number for a row":       {200, `{"` + l.member + `":[1]}`, onestore.ErrMalformedAnswer},
			"null for a row":           {200, `{"` + l.member + `":[null]}`, onestore.ErrMalformedAnswer},
			"a row of nothing":         {200, `{"` + l.member + `":[{}]}`, onestore.ErrMalformedAnswer},
			"a row without a token":    {200, `{"` + l.member + `":[` + strings.Replace(fmt.Sprintf(l.row, "x"), `"19062709124410111299"`, `""`, 1) + `]}`, onestore.ErrMalformedAnswer},
			"a row of another time":    {200, `{"` + l.member + `":[` + strings.Replace(fmt.Sprintf(l.row, "x"), `1345678900000`, `-1`, 1) + `]}`, onestore.ErrMalformedAnswer},
			"a market that is none":    {200, `{"` + l.member + `":[` + strings.Replace(fmt.Sprintf(l.row, "x"), `"MKT_ONE"`, `1`, 1) + `]}`, onestore.ErrMalformedAnswer},
			"a key that is a number":   {200, `{"continuationKey":1}`, onestore.ErrMalformedAnswer},
			"a key that is too long":   {200, `{"continuationKey":"` + strings.Repeat("x", 1025) + `"}`, onestore.ErrMalformedAnswer},
			"a list of rows and a cut": {200, `{"` + l.member + `":[` + fmt.Sprintf(l.row, "x"), onestore.ErrMalformedAnswer},
		} {
			u := &upstream{t: t, reply: body(tc.status, tc.body)}
			ids, err := l.read(t, korean(t, u), onestore.Window{})
			mustBeClean(t, err)
			if len(ids) != 0 || tc.want == nil && err != nil || tc.want != nil && err == nil || tc.want != nil && tc.want != errAny && !isError(err, tc.want) {
				t.Errorf("%s, %s: %v, %v", l.name, name, ids, err)
			}
		}
	}
}

// errAny stands for any error.
var errAny = errors.New("any")

func TestRowsOfAnotherMarketAreLeftOut(t *testing.T) { // T-53
	for _, l := range lists {
		row := func(id, market string) string {
			return strings.Replace(fmt.Sprintf(l.row, id), `"MKT_ONE"`, market, 1)
		}
		u := &upstream{t: t, reply: body(200, `{"`+l.member+`":[`+row("a", `"MKT_ONE"`)+","+row("b", `"MKT_GLB"`)+","+row("c", `null`)+","+row("d", `"mkt_one"`)+`]}`)}
		ids, err := l.read(t, korean(t, u), onestore.Window{})
		if err != nil || !reflect.DeepEqual(ids, []string{"a", "c"}) {
			t.Errorf("%s: %v, %v", l.name, ids, err)
		}
	}
}

func TestACallerMayStopAndReadAgain(t *testing.T) {
	u := &upstream{t: t, reply: body(200, `{"continuationKey":"a","voidedPurchaseList":[`+fmt.Sprintf(lists[0].row, "x")+","+fmt.Sprintf(lists[0].row, "y")+`]}`)}
	seq := korean(t, u).VoidedPurchases(t.Context(), onestore.Window{})
	for range 3 {
		for v, err := range seq {
			if err != nil || v.PurchaseID != "x" {
				t.Errorf("got %v, %v", v, err)
			}
			break
		}
	}
	if _, others := u.count(); others != 3 {
		t.Errorf("%d pages were read", others)
	}
}

func TestAFailureInTheMiddleEndsTheList(t *testing.T) {
	for _, l := range lists {
		for _, code := range []struct {
			status int
			name   string
			err    error
		}{{403, "AccessBlocked", onestore.ErrAccessBlocked}, {400, "InvalidRequest", onestore.ErrInvalidRequest}, {404, "ResourceNotFound", onestore.ErrResourceNotFound}} {
			u := &upstream{t: t}
			u.reply = once(body(200, `{"continuationKey":"a","`+l.member+`":[`+fmt.Sprintf(l.row, "x")+`]}`), standardError(code.status, code.name, "x"))
			ids, err := l.read(t, korean(t, u), onestore.Window{})
			if _, others := u.count(); len(ids) != 1 || !isError(err, code.err) || others != 2 {
				t.Errorf("%s, %s: %v, %v after %d requests", l.name, code.name, ids, err, others)
			}
		}
	}
}

func TestTheKoreanListIsNotAskedForElsewhere(t *testing.T) { // T-39
	u := &upstream{t: t, reply: body(200, `{}`)}
	_, err := rows(u.inProcess(t).UnconfirmedPurchases(t.Context(), onestore.Window{}))
	want := "onestore: getUnconfirmedPurchases: not called: invalid argument: Config.Market is MKT_GLB; the list exists in MKT_ONE only, unless Config.UnconfirmedInGlobalMarket is set"
	if err == nil || err.Error() != want || !isError(err, onestore.ErrInvalidArgument) || len(u.requests) != 0 {
		t.Errorf("got %v after %d requests", err, len(u.requests))
	}
	cfg := config("")
	cfg.HTTPClient, cfg.UnconfirmedInGlobalMarket = &http.Client{Transport: u}, true
	if _, err := rows(client(t, cfg).UnconfirmedPurchases(t.Context(), onestore.Window{})); err != nil || len(u.requests) != 2 {
		t.Errorf("with the switch: %v after %d requests", err, len(u.requests))
	}
}

// asks reads the window that a list asked for.
func window(t *testing.T, r *http.Request) (start, end time.Time, size string) {
	t.Helper()
	q := r.URL.Query()
	var ends []time.Time
	for _, name := range []string{"startTime", "endTime"} {
		ms, err := strconv.ParseInt(q.Get(name), 10, 64)
		if err != nil || len(q[name]) != 1 || len(q.Get(name)) > 13 {
			t.Fatalf("%s is %q", name, q[name])
		}
		ends = append(ends, time.UnixMilli(ms))
	}
	return ends[0], ends[1], q.Get("maxResults")
}

func TestTheWindowThatIsAskedFor(t *testing.T) { // T-44 to T-48
	const day = 24 * time.Hour
	for _, l := range lists {
		for name, tc := range map[string]struct {
			start, end time.Duration // from now; 0: not given
			size       int
			wantStart  time.Duration
			wantEnd    time.Duration
			wantSize   string
		}{
			"nothing is given":                {0, 0, 0, -28*day + time.Hour, -5 * time.Second, "100"},
			"a start":                         {-time.Hour, 0, 0, -time.Hour, -5 * time.Second, "100"},
			"an end":                          {0, -time.Hour, 0, -28*day + time.Hour, -time.Hour, "100"},
			"both, and a size":                {-2 * time.Hour, -time.Hour, 7, -2 * time.Hour, -time.Hour, "7"},
			"the oldest start":                {-28 * day, 0, 1, -28 * day, -5 * time.Second, "1"},
			"an end in the future":            {-time.Hour, time.Hour, 100, -time.Hour, -5 * time.Second, "100"},
			"an end that is too near":         {-time.Hour, -time.Second, 0, -time.Hour, -5 * time.Second, "100"},
			"a start in the future":           {time.Hour, 0, 0, -5*time.Second - time.Minute, -5 * time.Second, "100"},
			"a start that is too near":        {-time.Second, 0, 0, -5*time.Second - time.Minute, -5 * time.Second, "100"},
			"an end before the oldest moment": {0, -28*day + time.Minute, 0, -28 * day, -28*day + time.Minute, "100"},
		} {
			t.Run(l.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					u := &upstream{t: t, reply: body(200, `{}`)}
					var w onestore.Window
					w.PageSize = tc.size
					if tc.start != 0 {
						w.Start = time.Now().Add(tc.start)
					}
					if tc.end != 0 {
						w.End = time.Now().Add(tc.end)
					}
					if _, err := l.read(t, korean(t, u), w); err != nil {
						t.Fatal(err)
					}
					start, end, size := window(t, u.requests[1])
					if start, end := time.Until(start), time.Until(end); start != tc.wantStart || end != tc.wantEnd || size != tc.wantSize {
						t.Errorf("asked for %v to %v, %s at once", start, end, size)
					}
				})
			})
		}
	}
}

func TestAWindowThatCannotBeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: body(200, `{}`)}
		c := korean(t, u)
		now := time.Now()
		for _, l := range lists {
			for want, w := range map[string]onestore.Window{
				"Window.PageSize is -1; want 1 to 100, or 0 for 100":          {PageSize: -1},
				"Window.PageSize is 101; want 1 to 100, or 0 for 100":         {PageSize: 101},
				"Window.Start is 672h1m0s ago; want 672h (28 days) at most":   {Start: now.Add(-28*24*time.Hour - time.Minute)},
				"Window.Start is 17520h0m0s ago; want 672h (28 days) at most": {Start: now.Add(-2 * 365 * 24 * time.Hour), End: now},
				"Window.End is 720h0m0s ago; want 672h (28 days) at most":     {End: now.Add(-30 * 24 * time.Hour)},
				"Window.Start is not before Window.End":                       {Start: now.Add(-time.Hour), End: now.Add(-time.Hour)},
			} {
				_, err := l.read(t, c, w)
				if err == nil || err.Error() != "onestore: "+l.name+": not called: invalid argument: "+want || !isError(err, onestore.ErrInvalidArgument) {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		}
		if len(u.requests) != 0 {
			t.Errorf("%d requests", len(u.requests))
		}
	})
}

func TestAStoreWithTwoClocksIsBelieved(t *testing.T) {
	for _, l := range lists {
		for _, code := range []string{"InvalidRequest", "BadRequest"} {
			synctest.Test(t, func(t *testing.T) {
				dated := func(h http.HandlerFunc) http.HandlerFunc {
					return func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
						h(w, r)
					}
				}
				u := &upstream{t: t, oauth: dated(func(w http.ResponseWriter, _ *http.Request) { issue(w, access) })}
				u.reply = dated(func(w http.ResponseWriter, r *http.Request) {
					if _, end, _ := window(t, r); time.Since(end) < 3*time.Second { // its own clock is behind
						standardError(400, code, "Request parameters are invalid. [ endTime ]")(w, r)
						return
					}
					body(200, `{"continuationKey":"a"}`)(w, r)
				})
				c := korean(t, u)
				for range 5 {
					if _, err := l.read(t, c, onestore.Window{}); err != nil {
						t.Fatalf("%s: %v", l.name, err)
					}
				}
				if _, others := u.count(); others != 11 { // two pages each, and the one that was refused
					t.Errorf("%s: %d requests", l.name, others)
				}
				u.reply = standardError(400, code, "Request parameters are invalid. [ startTime ]")
				if _, err := l.read(t, c, onestore.Window{}); err == nil {
					t.Errorf("%s: a refusal for another reason is none", l.name)
				}
				if _, others := u.count(); others != 12 {
					t.Errorf("%s: %d requests", l.name, others)
				}
			})
		}
	}
}

// Row 33 of the fault matrix: the store refuses an end after its own now.
func TestASkewedLocalClockDoesNotMakeTheStoreRefuse(t *testing.T) {
	for _, l := range lists {
		for _, skew := range []time.Duration{0, 10 * time.Minute, -10 * time.Minute, 30 * 24 * time.Hour} { // of the local clock
			synctest.Test(t, func(t *testing.T) {
				now := func() time.Time { return time.Now().Add(-skew) }
				dated := func(h http.HandlerFunc) http.HandlerFunc {
					return func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Date", now().UTC().Format(http.TimeFormat))
						h(w, r)
					}
				}
				u := &upstream{t: t, oauth: dated(func(w http.ResponseWriter, _ *http.Request) { issue(w, access) })}
				u.reply = dated(func(w http.ResponseWriter, r *http.Request) {
					start, end, _ := window(t, r)
					if end.After(now()) || now().Sub(end) > 1500*time.Millisecond || !start.Before(end) || now().Sub(start) > 28*24*time.Hour {
						standardError(400, "InvalidRequest", "Request parameters are invalid. [ endTime ]")(w, r)
						return
					}
					body(200, `{}`)(w, r)
				})
				c := korean(t, u)
				time.Sleep(777 * time.Millisecond)
				for range 50 {
					if _, err := l.read(t, c, onestore.Window{}); err != nil {
						t.Fatalf("%s, local clock off by %v: %v", l.name, skew, err)
					}
					if _, err := l.read(t, c, onestore.Window{Start: now().Add(-time.Minute)}); err != nil {
						t.Fatalf("%s, local clock off by %v, with a start: %v", l.name, skew, err)
					}
					time.Sleep(313 * time.Millisecond)
				}
			})
		}
	}
}

// The clocks can drift apart, or one be set, while an access token lives: each answer shows the store's.
func TestALaterAnswerShowsTheStoresClockToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ahead := 10 * time.Minute // the store's clock before ours
		u := &upstream{t: t, oauth: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat)) // before it was set
			issue(w, access)
		}}
		u.reply = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			body(200, `{}`)(w, nil)
		}
		c := korean(t, u)
		for range 2 {
			if _, err := lists[0].read(t, c, onestore.Window{}); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range []time.Duration{0, ahead} {
			if _, end, _ := window(t, u.requests[1+i]); (time.Until(end) - want).Abs() > 2*time.Second {
				t.Errorf("list %d ends %v from now by our clock, want %v", i, time.Until(end), want)
			}
		}
	})
}
