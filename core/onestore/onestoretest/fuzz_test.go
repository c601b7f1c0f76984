package onestoretest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// Whatever arrives gets an answer of the documented shape or the front server's page, and only a
// well-formed request for the purchase gets its facts.
func FuzzRequests(f *testing.F) {
	const good = "/v7/apps/0000042301/purchases/inapp/products/gold/SANDBOX3000002616002"
	f.Add("GET", good, "Bearer x", "application/json", "")
	f.Add("POST", good+"/consume", "Bearer x", "application/json", `{"developerPayload":"a"}`)
	f.Add("GET", "/v7/apps/0000042301/voided-purchases?startTime=1&maxResults=100", "Bearer x", "application/json", "")
	f.Add("POST", strings.Replace(good, "inapp", "subscription", 1)+"/defer", "Bearer x", "application/json", `{"deferPeriod":3}`)
	f.Add("POST", "/v7/oauth/token", "", "application/x-www-form-urlencoded", "grant_type=client_credentials&client_id=1&client_secret=%2F")
	f.Add("GET", "/v7/apps/%2e%2e/purchases/inapp/products/%2F/..", "bearer x", "application/json;charset=UTF-8", "{}")
	f.Fuzz(func(t *testing.T, method, path, authorization, contentType, body string) {
		u, err := url.Parse(anyHost + path)
		if err != nil {
			return
		}
		s := onestoretest.New(onestoretest.Config{Now: frozen})
		s.Buy(onestoretest.InApp("gold"))
		res, err := s.RoundTripper().RoundTrip(&http.Request{
			Method: method, URL: u, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Authorization": {authorization}, "Content-Type": {contentType}, "X-Market-Code": {"MKT_GLB"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == 200 {
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
