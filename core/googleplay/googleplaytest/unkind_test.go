package googleplaytest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestUnkindnessIsRepeatable(t *testing.T) {
	play := func(seed uint64) (bodies []string) {
		w := inProcess(t, googleplaytest.Config{Now: frozen, Seed: seed})
		token := w.store.Buy(googleplaytest.Subscription("vip"))
		for range 20 {
			bodies = append(bodies, w.lookup(token).body)
		}
		return bodies
	}
	if !slices.Equal(play(1), play(1)) {
		t.Error("the same seed gives different answers")
	}
	if slices.Equal(play(1), play(2)) {
		t.Error("another seed gives the same answers")
	}
}

// An unkind answer says the same as a gentle one to whoever reads it as the documents allow.
func TestUnkindnessChangesTheSpellingOnly(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{Now: frozen})
	token := w.store.Buy(googleplaytest.InApp("gold"), googleplaytest.Label("player-1"))
	count := map[string]int{}
	first := map[string]string{}
	for range 200 {
		got := w.lookup(token).facts(t)
		for name, v := range got {
			switch v.(type) {
			case json.Number:
				count["integers"]++
			case nil:
				count["nulls"]++
				continue
			case string:
				if name == "purchaseState" {
					count["integers as texts"]++
				}
			}
			if strings.HasPrefix(name, "someNew") {
				count["unknown members"]++
				continue
			}
			if text := fmt.Sprint(v); first[name] == "" {
				first[name] = text
			} else if first[name] != text {
				t.Fatalf("%s is %s, and was %s", name, text, first[name])
			}
		}
		for _, name := range []string{"purchaseToken", "productId", "quantity"} {
			if _, ok := got[name]; !ok {
				count["no "+name]++
			}
		}
	}
	for _, what := range []string{"integers", "integers as texts", "nulls", "unknown members", "no purchaseToken", "no productId", "no quantity"} {
		if count[what] == 0 {
			t.Errorf("200 answers and no %s", what)
		}
	}
	reasons := map[string]bool{}
	for i := range 100 {
		got := w.do(w.request("GET", fmt.Sprintf("%sproducts/gold/tokens/made-up-%d", apps, i), ""))
		reasons[fmt.Sprint(got.status, got.reason())] = true
		got = w.do(w.request("GET", strings.Replace(w.store.LookupPath(token), "gold", "silver", 1), ""))
		reasons[fmt.Sprint(got.status, got.reason())] = true
	}
	for _, want := range []string{"404notFound", "404purchaseTokenNotFound", "400invalid", "400invalidValue", "400purchaseTokenMismatch", "400purchaseTokenDoesNotMatchProductId"} {
		if !reasons[want] {
			t.Errorf("no %s among %v", want, reasons)
		}
	}
	statuses := map[int]bool{}
	for range 30 {
		statuses[w.post(w.store.Buy(googleplaytest.InApp("gold")), "consume", "").status] = true
	}
	if !statuses[200] || !statuses[204] || len(statuses) != 2 {
		t.Errorf("a change is answered with %v", statuses)
	}
}

// Whatever arrives gets an answer of the API's shape or the front server's page, and only a
// well-formed request with an access token gets facts.
func FuzzRequests(f *testing.F) {
	const good = apps + "products/gold/tokens/x"
	f.Add("GET", good, "Bearer x", "application/json", "")
	f.Add("POST", good+":acknowledge", "Bearer x", "application/json", `{"developerPayload":"a"}`)
	f.Add("POST", "/token", "", "application/x-www-form-urlencoded", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c")
	f.Add("GET", apps+"voidedpurchases?type=1", "bearer x", "", "{}")
	f.Fuzz(func(t *testing.T, method, path, authorization, contentType, body string) {
		u, err := url.Parse(anyHost + path)
		if err != nil {
			return
		}
		s := googleplaytest.New(googleplaytest.Config{Now: frozen})
		s.Buy(googleplaytest.InApp("gold"))
		res, err := s.RoundTripper().RoundTrip(&http.Request{
			Method: method, URL: u, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Authorization": {authorization}, "Content-Type": {contentType}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode < 400 {
			t.Fatalf("no access token was ever issued, and yet %s", answer)
		}
		if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || method == http.MethodHead {
			return
		}
		var e struct{ Error any }
		if err := json.Unmarshal(answer, &e); err != nil || e.Error == nil {
			t.Fatalf("status %d, body %s", res.StatusCode, answer)
		}
	})
}

func TestAnEditThatCannotBeWrittenIsAnError(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{})
	token := w.store.Buy(googleplaytest.Subscription("vip"))
	w.store.Edit(token, func(m map[string]any) {
		m["lineItems"] = append(m["lineItems"].([]any), map[string]any{"productId": "extra"})
		m["testPurchase"] = map[string]any{}
	})
	if s := w.subscription(token); len(s.LineItems) != 2 || s.LineItems[1].ProductID != "extra" || s.TestPurchase == nil {
		t.Errorf("got %+v", s)
	}
	w.store.Edit(token, func(m map[string]any) { m["kind"] = func() {} })
	if got := w.lookup(token); got.status != 500 || got.header.Get("X-Googleplaytest") == "" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
