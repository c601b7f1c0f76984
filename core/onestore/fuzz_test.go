package onestore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

// fixed answers every call with one status and body, without a socket.
type fixed struct {
	status     int
	body       []byte
	retryAfter string
	oauth      bool // the access token's call too
	asked      []*http.Request
}

func (f *fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	status, text, header := f.status, string(f.body), http.Header{"Retry-After": {f.retryAfter}}
	if isOAuth(r) && !f.oauth {
		status, text, header = 200, `{"access_token":"a","expires_in":3600}`, http.Header{}
	} else {
		f.asked = append(f.asked, r)
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// client returns a new one, because a pause would outlive an execution, and a context that leaves no
// time for a retry.
func (f *fixed) client(t *testing.T) (context.Context, *onestore.Client) {
	cfg := config("")
	cfg.HTTPClient, cfg.UnconfirmedInGlobalMarket = &http.Client{Transport: f}, true
	ctx, cancel := context.WithTimeout(t.Context(), 70*time.Millisecond)
	t.Cleanup(cancel)
	return ctx, client(t, cfg)
}

// reference is a second, naive reading of an answer: the text of each top-level member, and whether
// any name, trimmed and in lower case, is there twice.
func reference(body []byte) (members map[string]string, ok bool) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, false
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	members = map[string]string{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, false
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, false
		}
		name := strings.TrimSpace(t.(string))
		if _, twice := members[name]; twice && name == t.(string) || !twice {
			members[name] = string(raw)
		}
	}
	return members, true
}

func is(members map[string]string, name, want string) bool {
	return members[name] == want || members[name] == `"`+want+`"`
}

// fuzzAnswer checks that a purchase comes only of a body that says so, by the naive reading too.
func fuzzAnswer(f *testing.F, p core.Product, sample string, zero map[string]func(*core.Purchase) bool, required ...string) {
	f.Add([]byte(sample))
	for _, s := range []string{"{}", "null", "[]", "<html>", `{"error":{"code":"NoSuchData"}}`, `{"result":{"code":"Success"}}`,
		strings.ReplaceAll(sample, "0", `"0"`), strings.ReplaceAll(sample, "1", "null"), sample + "x", "\ufeff" + sample} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ctx, c := (&fixed{status: 200, body: body}).client(t)
		got, err := c.Lookup(ctx, p, token)
		if (got == nil) == (err == nil) {
			t.Fatalf("got %+v, %v", got, err)
		}
		if err != nil {
			return
		}
		members, ok := reference(body)
		if !ok {
			t.Fatalf("a purchase of what is no object: %+v", got)
		}
		for _, name := range required {
			if members[name] == "" || members[name] == "null" {
				t.Fatalf("a purchase without %s: %+v", name, got)
			}
		}
		for _, name := range []string{"error", "result"} {
			if members[name] != "" {
				t.Fatalf("a purchase with %s", name)
			}
		}
		for name, grants := range zero {
			if grants(got) && !strings.Contains(members[name], `\u`) && !is(members, name, "0") {
				t.Fatalf("%s is %s and reads as 0: %+v", name, members[name], got)
			}
		}
	})
}

func FuzzPurchaseDetails(f *testing.F) {
	fuzzAnswer(f, details[0].product, details[0].sample, map[string]func(*core.Purchase) bool{
		"purchaseState":    func(p *core.Purchase) bool { return p.State == core.StatePurchased },
		"consumptionState": func(p *core.Purchase) bool { return p.Consumption == core.Unconsumed },
	}, "purchaseState", "consumptionState", "purchaseTime")
}

func FuzzRecurringPurchaseDetails(f *testing.F) {
	fuzzAnswer(f, details[1].product, details[1].sample, map[string]func(*core.Purchase) bool{
		"lastPurchaseState": func(p *core.Purchase) bool { return p.State == core.StatePurchased },
	}, "lastPurchaseState", "expiryTime")
}

func FuzzSubscriptionDetail(f *testing.F) {
	fuzzAnswer(f, details[2].product, details[2].sample, map[string]func(*core.Purchase) bool{
		"paymentState": func(p *core.Purchase) bool { return p.Payment == core.PaymentPending },
	}, "expiryTimeMillis")
}

// FuzzErrorAnswer: an answer that is no success is never a purchase, is "no such purchase" only where the
// document has that, shows nothing, and keeps nobody away for more than a minute.
func FuzzErrorAnswer(f *testing.F) {
	for _, s := range standard {
		f.Add(s.status, "2", []byte(`{"error":{"code":"`+s.code+`","message":"`+s.message+`"}}`))
	}
	f.Add(404, "", []byte("<html>"))
	f.Add(400, "abc", []byte(`{"error":"invalid_client"}`))
	f.Fuzz(func(t *testing.T, status int, retryAfter string, body []byte) {
		if status < 201 || status > 599 {
			return
		}
		ctx, c := (&fixed{status: status, body: body, retryAfter: retryAfter}).client(t)
		_, err := c.Lookup(ctx, onestore.InApp("gold"), token)
		var e *onestore.Error
		if err == nil || !errors.As(err, &e) {
			t.Fatalf("got %v", err)
		}
		mustBeClean(t, err)
		saysSo := (status == 404 || status == 400) && (strings.Contains(string(body), "NoSuchData") || strings.Contains(string(body), `\u`))
		if isError(err, onestore.ErrNoSuchData) && !saysSo {
			t.Fatalf("status %d reads as no such purchase", status)
		}
		if e.RetryAfter < 0 || e.RetryAfter > time.Minute || time.Until(c.ClientStats().PausedUntil) > time.Minute {
			t.Fatalf("%q keeps callers away for %v, until %v", retryAfter, e.RetryAfter, c.ClientStats().PausedUntil)
		}
		if err := c.ConsumePurchaseOnce(ctx, "gold", token, ""); err == nil {
			t.Fatal("consumed by an error")
		}
	})
}

// FuzzAccessToken: a mangled answer is no token, and what is sent on is what came, in one line.
func FuzzAccessToken(f *testing.F) {
	for _, s := range []string{`{"access_token":"a","expires_in":3600}`, `{"access_token":"a","expires_in":"3010","token_type":"bearer","scope":"DEFAULT"}`,
		`{"error":"invalid_client"}`, `{"access_token":"a\nb"}`, `{"access_token":"a","access_token":"b"}`, `{"access_token":1}`, `{"result":{},"access_token":"a"}`, `{"expires_in":1e400,"access_token":"a"}`} {
		f.Add(200, []byte(s))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 {
			return
		}
		transport := &fixed{status: status, body: body, oauth: true}
		ctx, c := transport.client(t)
		_, _ = c.PurchaseDetails(ctx, "gold", token)
		for _, r := range transport.asked {
			if isOAuth(r) {
				continue
			}
			sent, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			members, isObject := reference(body)
			if !ok || sent == "" || strings.ContainsFunc(sent, func(r rune) bool { return r <= ' ' || r > '~' }) || !isObject || status != 200 {
				t.Fatalf("sent %q", sent)
			}
			if text := members["access_token"]; !strings.Contains(text, `\`) && text != `"`+sent+`"` {
				t.Fatalf("sent %q for %s", sent, text)
			}
		}
	})
}

// FuzzResult: a purchase is consumed only if the store said Success, and nothing else besides.
func FuzzResult(f *testing.F) {
	for _, s := range []string{`{"result":{"code":"Success","message":"x"}}`, `{"code":"Success"}`, `{"result":null,"code":"Success"}`, `{"result":{"code":"X"}}`,
		`{"result":{"code":"Success"},"error":{}}`, `{}`, `{"result":{"code":"Success","code":"X"}}`, `<html>`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ctx, c := (&fixed{status: 200, body: body}).client(t)
		if err := c.ConsumePurchaseOnce(ctx, "gold", token, ""); err != nil {
			mustBeClean(t, err)
			return
		}
		members, ok := reference(body)
		if !ok || members["error"] != "" || !strings.Contains(string(body), "Success") && !strings.Contains(string(body), `\u`) {
			t.Fatal("done")
		}
		if inner := members["result"]; inner != "" {
			members, ok = reference([]byte(inner))
		}
		if code := members["code"]; !ok || code != `"Success"` && !strings.Contains(code, `\u`) {
			t.Fatalf("done with the code %s", code)
		}
	})
}

// fuzzList: each row has what names a purchase, and was in the answer; and a list that is not whole gives
// none of its rows.
func fuzzList[T any](f *testing.F, sample string, read func(context.Context, *onestore.Client) iter.Seq2[T, error], check func(T) (names []string)) {
	for _, s := range []string{sample, strings.ReplaceAll(sample, "1", `"1"`), strings.ReplaceAll(sample, "1", "null"), sample + "x", `{}`, `[]`,
		`{"voidedPurchaseList":null}`, `{"voidedPurchaseList":[null]}`, `{"continuationKey":"a"}`, `{"error":{"code":"NoSuchData"}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		transport := &fixed{status: 200, body: body}
		ctx, c := transport.client(t)
		n := 0
		for row, err := range read(ctx, c) {
			if n++; err != nil {
				mustBeClean(t, err)
				break
			}
			if _, ok := reference(body); !ok {
				t.Fatalf("a row of what is no object: %+v", row)
			}
			for _, name := range check(row) {
				if name == "" || !strings.Contains(string(body), name) && !strings.ContainsAny(string(body), `\`) {
					t.Fatalf("%q is not in the answer", name)
				}
			}
			if n > 1000 {
				break
			}
		}
		if len(transport.asked) > 2 { // the key of each answer is that of the first
			t.Fatalf("%d pages were asked for", len(transport.asked))
		}
	})
}

func FuzzVoidedPurchases(f *testing.F) {
	sample := `{"continuationKey":"key","voidedPurchaseList ":[` + fmt.Sprintf(strings.Replace(lists[0].row, "MKT_ONE", "MKT_GLB", 1), "19062709124410111300") + `]}`
	fuzzList(f, sample, func(ctx context.Context, c *onestore.Client) iter.Seq2[onestore.VoidedPurchase, error] {
		return c.VoidedPurchases(ctx, onestore.Window{})
	}, func(v onestore.VoidedPurchase) []string {
		if v.VoidedTime.Year() < 1970 || v.VoidedTime.Year() >= 2200 || v.MarketCode != "" && v.MarketCode != onestore.MarketGlobal {
			return []string{""}
		}
		return []string{v.PurchaseID, v.PurchaseToken}
	})
}

func FuzzUnconfirmedPurchases(f *testing.F) {
	sample := `{"continuationKey":"key","unconfirmedPurchaseList ":[` + fmt.Sprintf(strings.Replace(lists[1].row, "MKT_ONE", "MKT_GLB", 1), "19062709124410111300") + `]}`
	fuzzList(f, sample, func(ctx context.Context, c *onestore.Client) iter.Seq2[onestore.UnconfirmedPurchase, error] {
		return c.UnconfirmedPurchases(ctx, onestore.Window{})
	}, func(u onestore.UnconfirmedPurchase) []string {
		if u.PurchaseTime.Year() < 1970 || u.PurchaseTime.Year() >= 2200 || u.MarketCode != "" && u.MarketCode != onestore.MarketGlobal {
			return []string{""}
		}
		return []string{u.Type, u.ProductID, u.PurchaseToken}
	})
}

// FuzzPath: whatever the arguments are, either no request is made or one to exactly the endpoint meant,
// with each argument in its own segment.
func FuzzPath(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, token)
		f.Add("gold", s)
	}
	f.Add("골드 100", "260918043551SGP40543")
	f.Add("%2e%2e", "a?b#c")
	f.Fuzz(func(t *testing.T, productID, token string) {
		transport := &fixed{status: 200, body: []byte(`{"result":{"code":"Success"}}`)}
		ctx, c := transport.client(t)
		err := c.CancelSubscription(ctx, productID, token)
		if (c.CheckToken(token) == nil && c.CheckProduct(onestore.Subscription(productID)) == nil) == isError(err, onestore.ErrInvalidArgument) {
			t.Fatalf("the checks and the call disagree: %v", err)
		}
		if isError(err, onestore.ErrInvalidArgument) {
			if len(transport.asked) != 0 {
				t.Fatal("asked in spite of that")
			}
			return
		}
		if len(transport.asked) == 0 {
			return // out of time
		}
		segments := strings.Split(strings.TrimPrefix(transport.asked[0].URL.EscapedPath(), "/"), "/")
		for i, s := range segments {
			if segments[i], err = url.PathUnescape(s); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"v7", "apps", clientID, "purchases", "subscription", "products", productID, token, "cancel"}
		if !slices.Equal(segments, want) || transport.asked[0].URL.RawQuery != "" || transport.asked[0].URL.Fragment != "" {
			t.Fatalf("asked for %q", segments)
		}
	})
}
