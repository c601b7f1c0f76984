package onestoretest_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func body(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

func TestMalformedRequestsAreRefusedAndRemembered(t *testing.T) {
	const id = onestoretest.OpPurchaseDetails
	path := func(p string) func(*http.Request) {
		return func(r *http.Request) {
			u, err := url.Parse(anyHost + p)
			if err != nil {
				t.Fatal(err)
			}
			r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, u.RawQuery
		}
	}
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	tests := []struct {
		name   string
		spoil  func(*http.Request)
		status int
		code   string
	}{
		{"no Authorization", header("Authorization"), 400, "InvalidAuthorizationHeader"},
		{"an access token without a scheme", header("Authorization", "680b3621-1234-1234-1234-8adfaef561b4"), 400, "InvalidAuthorizationHeader"},
		{"bearer in lower case", header("Authorization", "bearer 680b3621-1234-1234-1234-8adfaef561b4"), 400, "InvalidAuthorizationHeader"},
		{"brackets around the access token", header("Authorization", "Bearer <680b3621-1234-1234-1234-8adfaef561b4>"), 400, "InvalidAuthorizationHeader"},
		{"no blank after Bearer", header("Authorization", "Bearer680b3621-1234-1234-1234-8adfaef561b4"), 400, "InvalidAuthorizationHeader"},
		{"two blanks after Bearer", header("Authorization", "Bearer  680b3621-1234-1234-1234-8adfaef561b4"), 400, "InvalidAuthorizationHeader"},
		{"Bearer and nothing", header("Authorization", "Bearer "), 400, "InvalidAuthorizationHeader"},
		{"Basic", header("Authorization", "Basic YTpi"), 400, "InvalidAuthorizationHeader"},
		{"two Authorizations", header("Authorization", "Bearer a", "Bearer b"), 400, "InvalidAuthorizationHeader"},
		{"no Content-Type on GET", header("Content-Type"), 415, "InvalidContentType"},
		{"another Content-Type", header("Content-Type", "text/plain"), 415, "InvalidContentType"},
		{"a form", header("Content-Type", "application/x-www-form-urlencoded"), 415, "InvalidContentType"},
		{"POST on a look-up", func(r *http.Request) { r.Method = "POST" }, 405, "MethodNotAllowed"},
		{"HEAD on a look-up", func(r *http.Request) { r.Method = "HEAD" }, 405, ""},
		{"a body on GET", func(r *http.Request) { r.Body, r.ContentLength = body("{}"), 2 }, 400, "BadRequest"},
		{"a query", func(r *http.Request) { r.URL.RawQuery = "x=1" }, 400, "BadRequest"},
		{"no market code for a global app", header("X-Market-Code"), 404, "NoSuchData"},
		{"the misprinted market code", header("X-Market-Code", "MKT_GLC"), 404, "NoSuchData"},
		{"an encoded slash in the product", path("/v7/apps/0000042301/purchases/inapp/products/go%2Fld/x"), 404, ""},
		{"an encoded slash in lower case", path("/v7/apps/0000042301/purchases/inapp/products/gold/x%2fy"), 404, ""},
		{"a seven-segment path", path("/v7/apps/0000042301/purchases/inapp/products/gold"), 404, "ResourceNotFound"},
		{"a nine-segment path", path("/v7/apps/0000042301/purchases/inapp/products/gold/x/y"), 404, "ResourceNotFound"},
		{"a trailing slash", path("/v7/apps/0000042301/purchases/inapp/products/gold/"), 404, "ResourceNotFound"},
		{"dots for a token", path("/v7/apps/0000042301/purchases/inapp/products/gold/.."), 404, "ResourceNotFound"},
		{"an unknown kind", path("/v7/apps/0000042301/purchases/permanent/products/gold/x"), 404, "ResourceNotFound"},
		{"an unknown version", path("/v6/apps/0000042301/purchases/inapp/products/gold/x"), 404, "ResourceNotFound"},
	}
	for _, tt := range tests {
		for _, way := range []struct {
			name string
			make func(testing.TB, onestoretest.Config) *wire
		}{{"in process", inProcess}, {"over TCP", overTCP}} {
			t.Run(tt.name+" "+way.name, func(t *testing.T) {
				w := way.make(t, onestoretest.Config{Gentle: true, AllowMalformed: true})
				token := w.store.Buy(onestoretest.InApp("gold"))
				r := w.request("GET", w.store.LookupPath(token), "")
				tt.spoil(r)
				got := w.do(r)
				if got.err != nil || got.status != tt.status || got.code() != tt.code {
					t.Errorf("got %d %q (%v), want %d %q; body %s", got.status, got.code(), got.err, tt.status, tt.code, got.body)
				}
				if bad := w.store.Malformed(); len(bad) != 1 || bad[0].Malformed == "" {
					t.Errorf("remembered %+v", bad)
				}
				if tt.code == "" && r.Method == "GET" && !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
					t.Errorf("the front server answers HTML, got %q", got.header.Get("Content-Type"))
				}
				if got := w.store.Count(id); got > 1 {
					t.Errorf("counted %d", got)
				}
			})
		}
	}
}

func TestMalformedTokenRequests(t *testing.T) {
	secret := "client_secret=" + url.QueryEscape("vxIMAGcVz3DAx20uDBr/IDWNJAPN+Fl7YruF4uxB6BI=")
	const rest = "grant_type=client_credentials&client_id=0000042301"
	tests := []struct {
		name, form string
		spoil      func(*http.Request)
		status     int
		code       string
		malformed  bool
	}{
		{name: "a good one", form: rest + "&" + secret, status: 200},
		{name: "a wrong secret", form: rest + "&client_secret=nope", status: 401, code: "invalid_client"},
		{name: "a wrong client id", form: "grant_type=client_credentials&client_id=1&" + secret, status: 401, code: "invalid_client"},
		{name: "the secret as the document's sample sends it", form: rest + "&client_secret=vxIMAGcVz3DAx20uDBr/IDWNJAPN+Fl7YruF4uxB6BI=",
			status: 400, code: "InvalidRequest", malformed: true},
		{name: "no secret", form: rest, status: 400, code: "RequiredValueNotExist", malformed: true},
		{name: "no client id", form: "grant_type=client_credentials&" + secret, status: 400, code: "RequiredValueNotExist", malformed: true},
		{name: "another grant", form: "grant_type=password&client_id=0000042301&" + secret, status: 400, code: "InvalidRequest", malformed: true},
		{name: "the secret twice", form: rest + "&" + secret + "&" + secret, status: 400, code: "InvalidRequest", malformed: true},
		{name: "no form", form: "%zz", status: 400, code: "BadRequest", malformed: true},
		{name: "JSON", form: `{}`, spoil: func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
			status: 415, code: "InvalidContentType", malformed: true},
		{name: "Basic", form: rest + "&" + secret, spoil: func(r *http.Request) { r.SetBasicAuth("0000042301", "x") },
			status: 400, code: "InvalidAuthorizationHeader", malformed: true},
		{name: "credentials in the query", form: "", spoil: func(r *http.Request) { r.URL.RawQuery = rest + "&" + secret },
			status: 400, code: "BadRequest", malformed: true},
		{name: "PUT", form: rest + "&" + secret, spoil: func(r *http.Request) { r.Method = "PUT" },
			status: 405, code: "MethodNotAllowed", malformed: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := inProcess(t, onestoretest.Config{Gentle: true})
			r := w.tokenRequest(tt.form)
			if tt.spoil != nil {
				tt.spoil(r)
			}
			got := w.do(r)
			if got.status != tt.status || got.code() != tt.code {
				t.Errorf("got %d %q, want %d %q", got.status, got.code(), tt.status, tt.code)
			}
			if n := len(w.store.Malformed()); (n == 1) != tt.malformed {
				t.Errorf("%d malformed requests", n)
			}
			for _, e := range w.store.Requests() {
				if strings.Contains(e.Path+e.Body+e.Malformed, "IDWN") {
					t.Error("the log holds the secret")
				}
			}
		})
	}
}

func TestWhatIsWellFormedButRefused(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true})
	token := w.store.Buy(onestoretest.InApp("gold"))
	good := w.store.LookupPath(token)
	tests := []struct {
		name   string
		path   string
		header [2]string
		status int
		code   string
	}{
		{"another app's client id", strings.Replace(good, w.store.ClientID(), "other", 1), [2]string{}, 403, "UnauthorizedAccess"},
		{"an access token that was never issued", good, [2]string{"Authorization", "Bearer 680b3621-1234-1234-1234-8adfaef561b4"}, 401, "InvalidAccessToken"},
		{"the Korean market", good, [2]string{"x-market-code", "MKT_ONE"}, 404, "NoSuchData"},
		{"a token of another kind", strings.Replace(good, "/inapp/", "/auto/", 1), [2]string{}, 404, "NoSuchData"},
		{"a token of another product", strings.Replace(good, "/gold/", "/silver/", 1), [2]string{}, 404, "NoSuchData"},
		{"an unknown token", strings.Replace(good, token, "SANDBOX3000000000001", 1), [2]string{}, 404, "NoSuchData"},
		{"an escaped dot dot", strings.Replace(good, "gold", "%2E%2E", 1), [2]string{}, 404, "NoSuchData"},
		{"a token beyond its size", good + "0", [2]string{}, 400, "InvalidRequest"},
		{"a product id beyond its size", strings.Replace(good, "gold", strings.Repeat("g", 151), 1), [2]string{}, 400, "InvalidRequest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := w.request("GET", tt.path, "")
			if tt.header[0] != "" {
				r.Header.Set(tt.header[0], tt.header[1])
			}
			if got := w.do(r); got.status != tt.status || got.code() != tt.code {
				t.Errorf("got %d %q, want %d %q", got.status, got.code(), tt.status, tt.code)
			}
		})
	}
	if bad := w.store.Malformed(); len(bad) != 0 {
		t.Errorf("malformed: %+v", bad)
	}
}

func TestKoreaIsTheDefaultMarket(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true, Market: onestoretest.MarketKorea})
	token := w.store.Buy(onestoretest.InApp("다이아100"))
	r := w.request("GET", w.store.LookupPath(token), "")
	r.Header.Del("x-market-code")
	w.do(r).facts(t)
	if bad := w.store.Malformed(); len(bad) != 0 {
		t.Errorf("malformed: %+v", bad)
	}
}

func TestStartFailsATestThatSentAMalformedRequest(t *testing.T) {
	for _, allow := range []bool{false, true} {
		tb := &recorder{}
		s := onestoretest.Start(tb, onestoretest.Config{AllowMalformed: allow})
		r, err := http.NewRequestWithContext(context.Background(), "GET", s.URL()+"/nothing", nil)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{}
		res, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		transport.CloseIdleConnections()
		tb.finish()
		if failed := len(tb.errors) == 1; failed == allow {
			t.Errorf("AllowMalformed %v: errors %q", allow, tb.errors)
		}
	}
}
