package onestore_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore"
)

func TestTheTokenCallIsTheDocumentedForm(t *testing.T) {
	u := &upstream{t: t, reply: body(200, details[0].sample)}
	c := u.listen(t)
	for range 3 {
		if _, err := c.PurchaseDetails(t.Context(), "gold", token); err != nil {
			t.Fatal(err)
		}
	}
	if tokens, others := u.count(); tokens != 1 || others != 3 {
		t.Errorf("%d token calls for %d look-ups", tokens, others)
	}
	r := u.requests[0]
	if r.Method != http.MethodPost || r.URL.Path != "/v7/oauth/token" || r.URL.RawQuery != "" {
		t.Errorf("%s %s", r.Method, r.URL)
	}
	wantHeaders(t, r, map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Market-Code": "MKT_GLB", "Authorization": ""})
	if want := "client_id=com.example.game&client_secret=CANARY%2Fsecret%2Bwith%3Dsigns%3D&grant_type=client_credentials"; u.bodies[0] != want {
		t.Errorf("the form is %s", u.bodies[0])
	}
}

func wantHeaders(t *testing.T, r *http.Request, want map[string]string) {
	t.Helper()
	for name, value := range want {
		got := strings.Join(r.Header.Values(name), "|")
		if got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

func TestEachLookUpIsTheDocumentedRequest(t *testing.T) {
	for _, prefix := range []string{"", "/pre/fix"} {
		for _, d := range details {
			t.Run(d.name+prefix, func(t *testing.T) {
				u := &upstream{t: t, reply: body(200, d.sample)}
				s := httptest.NewServer(u)
				defer s.Close()
				cfg := config(s.URL + prefix)
				cfg.Market = onestore.MarketKorea
				c := client(t, cfg)
				if _, err := d.call(t.Context(), c, "gold", token); err != nil {
					t.Fatal(err)
				}
				r := u.requests[1]
				if r.Method != http.MethodGet || r.RequestURI != prefix+d.path || r.ContentLength != 0 {
					t.Errorf("%s %s", r.Method, r.RequestURI)
				}
				wantHeaders(t, r, map[string]string{"Authorization": "Bearer " + access, "Content-Type": "application/json", "X-Market-Code": "MKT_ONE"})
				wantHeaders(t, u.requests[0], map[string]string{"X-Market-Code": "MKT_ONE"})
			})
		}
	}
}

func TestTheEnvironmentChoosesTheHost(t *testing.T) {
	for env, host := range map[onestore.Environment]string{onestore.Sandbox: "sbpp.onestore.net", onestore.Commercial: "iap-apis.onestore.net"} {
		u := &upstream{t: t, reply: body(200, details[0].sample)}
		cfg := config("")
		cfg.Environment, cfg.HTTPClient = env, &http.Client{Transport: u}
		if _, err := client(t, cfg).PurchaseDetails(t.Context(), "gold", token); err != nil {
			t.Fatal(err)
		}
		for _, r := range u.requests {
			if r.URL.Scheme != "https" || r.URL.Host != host || r.Host != host {
				t.Errorf("%s: asked %s", env, r.URL)
			}
		}
	}
}

var hostile = []string{"", ".", "..", "a/b", "/", "../..", `a\b`, "a\nb", "a\r\nHost: x", "\x00", "\x7f", "\u0085", "\xff", "\xed\xa0\x80"}

func TestHostileSegmentsReachNoServer(t *testing.T) {
	u := &upstream{t: t, reply: body(200, details[0].sample)}
	c := u.inProcess(t)
	ids := append([]string{strings.Repeat("é", 151)}, hostile...)
	tokens := append([]string{"%2e%2e", "%252e", "a b", "a?b", "a#b", "a;b", "a@host", "http://x", "é", "\u202e", "\u200b", "😀", "a,b", strings.Repeat("x", 65)}, hostile...)
	for _, d := range details {
		for _, id := range ids {
			_, err := d.call(t.Context(), c, id, token)
			wantInvalid(t, err, id)
			p := d.product
			if p.ID = id; c.CheckProduct(p) == nil {
				t.Errorf("CheckProduct accepts %q", id)
			}
		}
		for _, tok := range tokens {
			_, err := d.call(t.Context(), c, "gold", tok)
			wantInvalid(t, err, tok)
			if c.CheckToken(tok) == nil {
				t.Errorf("CheckToken accepts %q", tok)
			}
		}
	}
	if tokens, others := u.count(); tokens != 0 || others != 0 {
		t.Errorf("%d and %d requests were made", tokens, others)
	}
}

func wantInvalid(t *testing.T, err error, arg string) {
	t.Helper()
	if !isError(err, onestore.ErrInvalidArgument) {
		t.Errorf("%q: got %v", arg, err)
	} else if len(arg) > 3 && strings.Contains(err.Error(), arg) {
		t.Errorf("%q is quoted: %v", arg, err)
	}
}

func TestHarmlessSegmentsReachExactlyTheirPath(t *testing.T) {
	for id, escaped := range map[string]string{
		"골드":      "%EA%B3%A8%EB%93%9C",
		"%2e%2e":  "%252e%252e",
		"a?b#c;d": "a%3Fb%23c%3Bd",
		"...":     "...",
		"a b+c":   "a%20b+c",
	} {
		u := &upstream{t: t, reply: body(200, details[0].sample)}
		if _, err := u.listen(t).PurchaseDetails(t.Context(), id, "A-b._9"); err != nil {
			t.Fatal(err)
		}
		want := "/v7/apps/com.example.game/purchases/inapp/products/" + escaped + "/A-b._9"
		if got := u.requests[1].RequestURI; got != want {
			t.Errorf("%q: asked for %s, want %s", id, got, want)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	sink := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer sink.Close()
	port := func(to *url.URL) string { return to.Port() }
	sinkURL, err := url.Parse(sink.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{sink.URL, "http://localhost:" + port(sinkURL), "file:///etc/passwd", "//" + sinkURL.Host} {
			redirect := func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			}
			onDetail := &upstream{t: t, reply: redirect}
			onToken := &upstream{t: t, oauth: redirect}
			for _, u := range []*upstream{onDetail, onToken} {
				se := lookup(t, u.listen(t), onestore.InApp("gold"))
				if se.Reason != "upstream_fault" || se.Fault != 0 {
					t.Errorf("%d to %s: %+v", status, target, se)
				}
			}
		}
	}
}

func TestTheCallersContextBoundsTheCall(t *testing.T) {
	u := &upstream{t: t, reply: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}
	c := u.inProcess(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Lookup(ctx, onestore.InApp("gold"), token)
	mustBeClean(t, err)
	if !isError(err, context.Canceled) || !strings.Contains(err.Error(), "caller_gone") {
		t.Errorf("got %v", err)
	}
}
