package googleplaytest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestAnAssertionIsChecked(t *testing.T) {
	now := time.Now().Unix()
	for name, tc := range map[string]struct {
		header, claims map[string]any // changes
		spoil          func(string) string
		reason         string
		form           bool // it is a fault of the form
	}{
		"a good one":                      {},
		"signed with another algorithm":   {header: map[string]any{"alg": "HS256"}, reason: "invalid_grant", form: true},
		"not signed":                      {header: map[string]any{"alg": "none"}, reason: "invalid_grant", form: true},
		"by another key":                  {header: map[string]any{"kid": "x"}, reason: "invalid_grant", form: true},
		"by another account":              {claims: map[string]any{"iss": "x@y"}, reason: "invalid_grant"},
		"for another audience":            {claims: map[string]any{"aud": "https://evil.example/token"}, reason: "invalid_grant", form: true},
		"for another scope":               {claims: map[string]any{"scope": "https://www.googleapis.com/auth/drive"}, reason: "invalid_grant", form: true},
		"without a scope":                 {claims: map[string]any{"scope": nil}, reason: "invalid_grant", form: true},
		"good for more than an hour":      {claims: map[string]any{"exp": now + 3700, "iat": now}, reason: "invalid_grant", form: true},
		"good for an hour, from tomorrow": {claims: map[string]any{"exp": now + 90000, "iat": now + 86400}, reason: "invalid_grant", form: true},
		"good until yesterday":            {claims: map[string]any{"exp": now - 86400, "iat": now - 90000}, reason: "invalid_grant", form: true},
		"without an end":                  {claims: map[string]any{"exp": nil}, reason: "invalid_grant", form: true},
		"with another signature": {spoil: func(a string) string {
			return a[:strings.LastIndexByte(a, '.')] + "." + strings.Repeat("A", 342)
		}, reason: "invalid_grant"},
		"of two parts":       {spoil: func(a string) string { return a[:strings.LastIndexByte(a, '.')] }, reason: "invalid_grant", form: true},
		"that is not base64": {spoil: func(a string) string { return "!" + a }, reason: "invalid_grant", form: true},
		"that is not JSON":   {spoil: func(a string) string { return "AAAA" + a }, reason: "invalid_grant", form: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := inProcess(t, googleplaytest.Config{AllowMalformed: true})
			header := w.header()
			for k, v := range tc.header {
				header[k] = v
			}
			assertion := w.sign(header, w.claims(tc.claims))
			if tc.spoil != nil {
				assertion = tc.spoil(assertion)
			}
			got := w.do(w.tokenRequest(w.form(assertion)))
			if got.reason() != tc.reason || (got.status == 200) != (tc.reason == "") {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if bad := w.store.Malformed(); (len(bad) > 0) != tc.form {
				t.Errorf("malformed: %+v", bad)
			}
			for _, r := range w.store.Requests() {
				if strings.Contains(r.Body+r.Path+r.Query+r.Malformed, assertion[:20]) {
					t.Errorf("the log holds the assertion: %+v", r)
				}
			}
		})
	}
}

func TestTheFormOfATokenRequest(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{AllowMalformed: true})
	good := w.form(w.sign(w.header(), w.claims(nil)))
	r := w.tokenRequest(good)
	r.Header.Set("Content-Type", "application/json")
	if got := w.do(r); got.status != 400 || got.reason() != "invalid_request" {
		t.Errorf("another Content-Type: %d %s", got.status, got.body)
	}
	r = w.tokenRequest(good)
	r.Header.Set("Authorization", "Bearer x")
	if got := w.do(r); got.status != 400 {
		t.Errorf("an Authorization: %d %s", got.status, got.body)
	}
	for _, change := range []map[string][]string{{"grant_type": {"client_credentials"}}, {"grant_type": nil}, {"assertion": nil}, {"assertion": {"a", "b"}}} {
		form := w.form(good.Get("assertion"))
		for k, v := range change {
			form[k] = v
		}
		if got := w.do(w.tokenRequest(form)); got.status != 400 {
			t.Errorf("%v: %d %s", change, got.status, got.body)
		}
	}
	if n := len(w.store.Malformed()); n != 6 {
		t.Errorf("%d malformed requests", n)
	}
}

func TestAccessTokensDieWithinTheirTimeOrBefore(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{})
	tok := w.store.Buy(googleplaytest.InApp("gold"))
	var tokens []string
	for range 3 {
		tokens = append(tokens, w.accessToken())
	}
	works := func(access string) bool {
		r := w.request("GET", w.store.LookupPath(tok), "")
		r.Header.Set("Authorization", "Bearer "+access)
		got := w.do(r)
		if got.status == 401 && got.reason() != "authError" {
			t.Errorf("got %s", got.body)
		}
		return got.status == 200
	}
	w.store.Advance(20 * time.Minute)
	for i, want := range []bool{true, true, false} { // every third one dies early
		if works(tokens[i]) != want {
			t.Errorf("after 20 minutes token %d works: %t", i, !want)
		}
	}
	w.store.Advance(40 * time.Minute)
	if works(tokens[0]) || works("made-up") {
		t.Error("a token outlives its hour, or was never issued")
	}
	fresh := w.accessToken()
	if w.store.ExpireAccessTokens(); works(fresh) {
		t.Error("an expired token works")
	}
}

func TestAnotherAppsPurchasesAreNotShown(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{})
	tok := w.store.Buy(googleplaytest.InApp("gold"))
	r := w.request("GET", strings.Replace(w.store.LookupPath(tok), "com.example.game", "com.example.other", 1), "")
	if got := w.do(r); got.status != 403 || got.reason() != "userInsufficientPermission" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
