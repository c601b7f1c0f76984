package googleplay_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/googleplay"
)

// methods are all calls that name a purchase.
var methods = []struct {
	name   string
	method string
	path   string // %s is the token
	body   string
	call   func(context.Context, *googleplay.Client, string, string) error
}{
	{"get a product", "GET", "products/gold/tokens/%s", "", func(ctx context.Context, c *googleplay.Client, id, token string) error {
		_, err := c.ProductPurchase(ctx, id, token)
		return err
	}},
	{"acknowledge a product", "POST", "products/gold/tokens/%s:acknowledge", `{"developerPayload":"a\"b"}`, func(ctx context.Context, c *googleplay.Client, id, token string) error {
		return c.AcknowledgeProduct(ctx, id, token, `a"b`)
	}},
	{"acknowledge a product without a payload", "POST", "products/gold/tokens/%s:acknowledge", "", func(ctx context.Context, c *googleplay.Client, id, token string) error {
		return c.AcknowledgeProduct(ctx, id, token, "")
	}},
	{"consume a product", "POST", "products/gold/tokens/%s:consume", "", func(ctx context.Context, c *googleplay.Client, id, token string) error {
		return c.ConsumeProduct(ctx, id, token)
	}},
	{"get a subscription", "GET", "subscriptionsv2/tokens/%s", "", func(ctx context.Context, c *googleplay.Client, _, token string) error {
		_, err := c.SubscriptionPurchaseV2(ctx, token)
		return err
	}},
	{"acknowledge a subscription", "POST", "subscriptions/gold/tokens/%s:acknowledge", "", func(ctx context.Context, c *googleplay.Client, id, token string) error {
		return c.AcknowledgeSubscription(ctx, id, token, "")
	}},
}

// whole answers what each method wants to hear.
func whole(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusNoContent)
	case strings.Contains(r.URL.Path, "/subscriptionsv2/"):
		body(200, subscriptionSample)(w, r)
	default:
		body(200, productSample)(w, r)
	}
}

func TestEachCallIsTheDocumentedRequest(t *testing.T) {
	for _, prefix := range []string{"", "/pre/fix:1"} {
		for _, m := range methods {
			t.Run(m.name+prefix, func(t *testing.T) {
				u := &upstream{t: t, reply: whole}
				s := httptest.NewServer(u)
				defer s.Close()
				if err := m.call(t.Context(), client(t, config(s.URL+prefix)), "gold", "A-b._9"); err != nil {
					t.Fatal(err)
				}
				r := u.requests[0]
				want := prefix + "/androidpublisher/v3/applications/com.example.game/purchases/" + strings.ReplaceAll(m.path, "%s", "A-b._9")
				if r.Method != m.method || r.RequestURI != want || u.bodies[0] != m.body || len(u.requests) != 1 {
					t.Errorf("%s %s %q", r.Method, r.RequestURI, u.bodies[0])
				}
				media := ""
				if m.body != "" {
					media = "application/json"
				}
				if got := r.Header.Get("Content-Type"); got != media {
					t.Errorf("the Content-Type is %q", got)
				}
				if got := r.Header.Values("Authorization"); len(got) != 1 || got[0] != "Bearer "+access {
					t.Errorf("the Authorization is %q", got)
				}
			})
		}
	}
}

func TestWithoutABaseURLGoogleIsAsked(t *testing.T) {
	u := &upstream{t: t, reply: whole}
	if _, err := u.inProcess(t).ProductPurchase(t.Context(), "gold", token); err != nil {
		t.Fatal(err)
	}
	if r := u.requests[0]; r.URL.Scheme != "https" || r.URL.Host != "androidpublisher.googleapis.com" || r.Host != r.URL.Host {
		t.Errorf("asked %s", r.URL)
	}
}

func TestAHostileTokenStaysOneSegmentBeforeTheVerb(t *testing.T) {
	for tok, escaped := range map[string]string{
		"x:consume":          "x%3Aconsume",
		"x:acknowledge":      "x%3Aacknowledge",
		":":                  "%3A",
		"a/b":                "a%2Fb",
		"../..":              "..%2F..",
		"a%2Fb":              "a%252Fb",
		"a%3Aconsume":        "a%253Aconsume",
		"a?b#c;d,e":          "a%3Fb%23c%3Bd%2Ce",
		"é":                  "%C3%A9",
		"a@b&c=d+e$f":        "a@b&c=d+e$f",
		"http://host/x?y=z#": "http%3A%2F%2Fhost%2Fx%3Fy=z%23",
		"...":                "...",
	} {
		for _, m := range methods {
			u := &upstream{t: t, reply: whole}
			if err := m.call(t.Context(), u.listen(t), "gold", tok); err != nil {
				t.Fatalf("%s of %q: %v", m.name, tok, err)
			}
			want := "/androidpublisher/v3/applications/com.example.game/purchases/" + strings.ReplaceAll(m.path, "%s", escaped)
			if got := u.requests[0].RequestURI; got != want {
				t.Errorf("%s of %q asks %s, want %s", m.name, tok, got, want)
			}
		}
	}
}

func TestWhatCanBeNoTokenReachesNoServer(t *testing.T) {
	u := &upstream{t: t, reply: whole}
	c := u.inProcess(t)
	invalid := func(err error, arg string) {
		t.Helper()
		mustBeClean(t, err)
		if !isError(err, googleplay.ErrInvalidArgument) {
			t.Errorf("%q: got %v", arg, err)
		} else if len(arg) > 3 && strings.Contains(err.Error(), arg) {
			t.Errorf("%q is quoted: %v", arg, err)
		}
	}
	for _, m := range methods {
		for _, tok := range []string{"", ".", "..", "a b", "a\tb", "a\nb", "a\r\nHost: x", "\x00", "\x7f", "\u0085", "\u00a0", "\u200b", "\u202e", "\xff", strings.Repeat("x", 1025)} {
			invalid(m.call(t.Context(), c, "gold", tok), tok)
			if c.CheckToken(tok) == nil {
				t.Errorf("CheckToken accepts %q", tok)
			}
		}
		if strings.HasPrefix(m.path, "subscriptionsv2") {
			continue
		}
		for _, id := range []string{"", ".", "..", "a/b", "a:b", "a b", "é", "%2e", strings.Repeat("x", 151)} {
			invalid(m.call(t.Context(), c, id, token), id)
			p := googleplay.InApp(id)
			if c.CheckProduct(p) == nil {
				t.Errorf("CheckProduct accepts %q", id)
			}
		}
	}
	if u.count() != 0 {
		t.Errorf("%d requests were made", u.count())
	}
	if err := c.CheckToken(strings.Repeat("x", 1024)); err != nil {
		t.Errorf("a token of 1,024 bytes: %v", err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	sink := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer sink.Close()
	sinkURL, err := url.Parse(sink.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{sink.URL, "file:///etc/passwd", "//" + sinkURL.Host} {
			u := &upstream{t: t, reply: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			}}
			if se := lookup(t, u.listen(t), googleplay.InApp("gold")); se.Reason != "upstream_fault" || se.Fault != 0 {
				t.Errorf("%d to %s: %+v", status, target, se)
			}
		}
	}
}
