package googleplaytest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestMalformedRequestsAreRefusedAndRemembered(t *testing.T) {
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	to := func(method, path, body string) func(*http.Request) {
		return func(r *http.Request) {
			u, err := url.Parse(path)
			if err != nil {
				t.Fatal(err)
			}
			r.Method, r.URL.Path, r.URL.RawPath, r.URL.RawQuery = method, u.Path, u.RawPath, u.RawQuery
			if body != "" {
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
				r.Header.Set("Content-Type", "application/json")
			}
		}
	}
	const gold = apps + "products/gold/tokens/x"
	for _, tt := range []struct {
		name   string
		spoil  func(*http.Request)
		status int
		reason string
	}{
		{"no Authorization", header("Authorization"), 401, "authError"},
		{"bearer in lower case", header("Authorization", "bearer ya29"), 401, "authError"},
		{"two blanks after Bearer", header("Authorization", "Bearer  ya29"), 401, "authError"},
		{"two Authorizations", header("Authorization", "Bearer a", "Bearer b"), 401, "authError"},
		{"POST on a look-up", to("POST", gold, ""), 405, ""},
		{"GET on a change", to("GET", gold+":consume", ""), 405, ""},
		{"a verb that is none", to("POST", gold+":refund", ""), 404, ""},
		{"no verb but an escaped one", to("POST", gold+"%3Aconsume", ""), 405, ""},
		{"a look-up with a verb", to("GET", apps+"subscriptionsv2/tokens/x:acknowledge", ""), 404, ""},
		{"a body on GET", to("GET", gold, "{}"), 400, "badRequest"},
		{"a body on consume", to("POST", gold+":consume", "{}"), 400, "badRequest"},
		{"a body that is no object", to("POST", gold+":acknowledge", "[]"), 400, "badRequest"},
		{"a body with something else", to("POST", gold+":acknowledge", `{"payload":"x"}`), 400, "badRequest"},
		{"a payload that is no text", to("POST", gold+":acknowledge", `{"developerPayload":1}`), 400, "badRequest"},
		{"a body that is too long", to("POST", gold+":acknowledge", `{"developerPayload":"`+strings.Repeat("x", 70_000)+`"}`), 400, "badRequest"},
		{"a query on a look-up", to("GET", gold+"?x=1", ""), 400, "badRequest"},
		{"a parameter that the list does not have", to("GET", apps+"voidedpurchases?pageSelection.token=x", ""), 400, "badRequest"},
		{"a parameter twice", to("GET", apps+"voidedpurchases?type=1&type=0", ""), 400, "badRequest"},
		{"an empty parameter", to("GET", apps+"voidedpurchases?token=", ""), 400, "badRequest"},
		{"a slash that is not escaped", to("GET", gold+"/y", ""), 404, ""},
		{"dots for a token", to("GET", apps+"products/gold/tokens/..", ""), 404, ""},
		{"an unknown version", to("GET", strings.Replace(gold, "v3", "v2", 1), ""), 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := inProcess(t, googleplaytest.Config{Gentle: true, AllowMalformed: true})
			r := w.request("GET", gold, "")
			tt.spoil(r)
			got := w.do(r)
			if got.err != nil || got.status != tt.status || got.reason() != tt.reason {
				t.Errorf("got %d %q (%v), want %d %q; body %s", got.status, got.reason(), got.err, tt.status, tt.reason, got.body)
			}
			if tt.reason == "" && !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
				t.Errorf("the front server answers HTML, got %q", got.header.Get("Content-Type"))
			}
			if bad := w.store.Malformed(); len(bad) != 1 || bad[0].Malformed == "" {
				t.Errorf("remembered %+v", bad)
			}
		})
	}
}

func TestStartFailsTheTestOfAMalformedRequest(t *testing.T) {
	for _, allow := range []bool{false, true} {
		rec := &recorder{}
		s := googleplaytest.Start(rec, googleplaytest.Config{AllowMalformed: allow})
		res, err := http.Get(s.URL() + "/")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		http.DefaultClient.CloseIdleConnections()
		rec.finish()
		if (len(rec.errors) == 1) == allow {
			t.Errorf("allowed %t: %v", allow, rec.errors)
		}
	}
}

func TestEscapedTokensAreFound(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{})
	for _, path := range []string{"products/gold/tokens/a%2Fb%3Aconsume", "products/gold/tokens/%E2%82%AC"} {
		if got := w.do(w.request("GET", apps+path, "")); got.status != 404 && got.status != 400 || got.reason() == "" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for _, r := range w.store.Requests() {
		if r.Op == googleplaytest.OpProductGet && r.Token != "a/b:consume" && r.Token != "€" {
			t.Errorf("the token arrived as %q", r.Token)
		}
	}
	w.store.Check(t)
}
