package googleplay_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
)

// fixed answers every call with one status and body, without a socket, and keeps the last URL.
type fixed struct {
	status int
	body   []byte
	asked  *url.URL
}

func (f *fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	f.asked = r.URL
	return &http.Response{StatusCode: f.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(f.body)))}, nil
}

func fuzzClient(f *testing.F) (*googleplay.Client, *fixed) {
	transport := &fixed{status: 200}
	cfg := config("")
	cfg.HTTPClient = &http.Client{Transport: transport}
	c, err := googleplay.New(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := c.Close(); err != nil {
			f.Error(err)
		}
	})
	return c, transport
}

// naive is a second reading of an object: the text of each member whose name is spelt exactly so.
func naive(body []byte) (map[string]string, bool) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, false
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || raw == nil {
		return nil, false
	}
	members := map[string]string{}
	for name, v := range raw {
		members[name] = string(v)
	}
	return members, true
}

func says(members map[string]string, name, want string) bool {
	return strings.Contains(members[name], `\u`) || members[name] == want || members[name] == `"`+want+`"`
}

// fuzzAnswer feeds bodies to a look-up; check sees the purchase and the naive reading of what became one.
func fuzzAnswer(f *testing.F, p core.Product, sample string, check func(*testing.T, *core.Purchase, map[string]string)) {
	c, transport := fuzzClient(f)
	for _, s := range []string{sample, "{}", "null", "[]", "<html>", `{"error":{"code":404}}`, strings.ReplaceAll(sample, "0", `"0"`),
		strings.ReplaceAll(sample, "1", "null"), sample + "x", "\ufeff" + sample, strings.ReplaceAll(sample, "ACTIVE", "ON_HOLD")} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		transport.body = body
		got, err := c.Lookup(t.Context(), p, token)
		if (got == nil) == (err == nil) {
			t.Fatalf("got %+v, %v", got, err)
		}
		if err != nil {
			return
		}
		members, ok := naive(body)
		if !ok || members["error"] != "" {
			t.Fatalf("a purchase of what is none: %+v", got)
		}
		check(t, got, members)
	})
}

// A purchase reads as paid and unconsumed only where the body says 0 and 0, and never as more pieces
// than it says.
func FuzzProductPurchase(f *testing.F) {
	fuzzAnswer(f, googleplay.InApp("gold"), productSample, func(t *testing.T, p *core.Purchase, m map[string]string) {
		if p.State == core.StatePurchased && !says(m, "purchaseState", "0") || p.Consumption == core.Unconsumed && !says(m, "consumptionState", "0") {
			t.Fatalf("%s, %s reads as %+v", m["purchaseState"], m["consumptionState"], p)
		}
		if p.PurchasedAt.IsZero() || p.Quantity < 0 || p.Refunded < 0 || p.Quantity+p.Refunded < 1 {
			t.Fatalf("got %+v", p)
		}
		if q := m["quantity"]; (q == "" || q == "null") && p.Quantity+p.Refunded != 1 {
			t.Fatalf("%d pieces of none", p.Quantity+p.Refunded)
		}
	})
}

// A subscription has access only where the body says a state that has it, and an expiry.
func FuzzSubscriptionPurchaseV2(f *testing.F) {
	fuzzAnswer(f, googleplay.Subscription("gold"), subscriptionSample, func(t *testing.T, p *core.Purchase, m map[string]string) {
		v := core.DefaultRule(core.RuleInput{Product: googleplay.Subscription("gold"), Purchase: p, Now: day(3, 2)})
		if v.Outcome != core.Granted {
			return
		}
		for _, state := range []string{"ACTIVE", "CANCELED", "IN_GRACE_PERIOD"} {
			if says(m, "subscriptionState", "SUBSCRIPTION_STATE_"+state) && strings.Contains(m["lineItems"], "expiryTime") || strings.Contains(m["lineItems"], `\u`) {
				return
			}
		}
		t.Fatalf("%s with %s grants", m["subscriptionState"], m["lineItems"])
	})
}

// A list has no more rows than the body, each with a token and an order, and no row is left out.
func FuzzVoidedPurchases(f *testing.F) {
	for _, s := range []string{`{"voidedPurchases":[{"purchaseToken":"t","orderId":"o","voidedQuantity":1}]}`, `{}`, `{"voidedPurchases":null}`, `[]`,
		`{"voidedPurchases":[{}]}`, `{"voidedPurchases":[{"purchaseToken":"t","orderId":"o"},{"purchaseToken":"t"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if strings.Contains(string(body), "nextPageToken") || strings.Contains(string(body), `\u`) {
			return // more pages wait for their turn
		}
		cfg := config("") // a client of its own, with all its turns
		cfg.HTTPClient = &http.Client{Transport: &fixed{status: 200, body: body}}
		rows := 0
		for v, err := range client(t, cfg).VoidedPurchases(t.Context(), googleplay.Window{}) {
			if err != nil {
				mustBeClean(t, err)
				return
			}
			if rows++; v.PurchaseToken == "" || v.OrderID == "" || v.VoidedQuantity != nil && *v.VoidedQuantity < 1 {
				t.Fatalf("got %+v", v)
			}
		}
		members, ok := naive(body)
		var raw []json.RawMessage
		if m := members["voidedPurchases"]; m != "" && json.Unmarshal([]byte(m), &raw) != nil {
			ok = false
		}
		if !ok || len(raw) != rows {
			t.Fatalf("%d rows of %s", rows, body)
		}
	})
}

// No error shows what it should not, and none is a "no" but an error of the API with one of its statuses.
func FuzzErrorAnswer(f *testing.F) {
	c, transport := fuzzClient(f)
	for _, s := range []string{"invalid", "invalidValue", "purchaseTokenMismatch", "productNotOwnedByUser", "notFound", "concurrentUpdate", "canarytoken"} {
		for _, status := range []int{400, 403, 404, 409, 410, 500} {
			f.Add(status, []byte(`{"error":{"code":1,"message":"x canarytoken","errors":[{"reason":"`+s+`"}]}}`))
		}
	}
	f.Add(404, []byte("<html>"))
	f.Add(400, []byte(`{"error":"invalid_grant"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 201 || status == 204 || status > 599 {
			return
		}
		transport.status, transport.body = status, body
		purchase, err := c.Lookup(t.Context(), googleplay.InApp("gold"), "canarytoken.AO")
		if err == nil {
			t.Fatalf("a purchase of an error: %+v", purchase)
		}
		if strings.Contains(strings.ToLower(err.Error()), "canarytoken.ao") {
			t.Fatalf("the token is shown: %v", err)
		}
		if faultOf(err) == core.FaultNotFound {
			members, ok := naive(body)
			if !ok || !strings.HasPrefix(members["error"], "{") || status != 400 && status != 404 && status != 410 {
				t.Fatalf("status %d and %s read as a no", status, body)
			}
		}
	})
}

// A token is either refused, or one segment of the path that ends in our verb and reads back as it was.
func FuzzTokenInAPath(f *testing.F) {
	c, transport := fuzzClient(f)
	for _, s := range []string{"x:consume", "a/b", "..", "a%2Fb", "é", "x:acknowledge?a=b#c", `\`, "a b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, tok string) {
		transport.asked, transport.body = nil, nil
		err := c.ConsumeProduct(t.Context(), "gold", tok)
		if refused := c.CheckToken(tok); refused != nil {
			if transport.asked != nil || err == nil {
				t.Fatalf("%q is refused (%v) and asked", tok, refused)
			}
			return
		}
		raw := transport.asked.EscapedPath()
		const before, after = "/androidpublisher/v3/applications/com.example.game/purchases/products/gold/tokens/", ":consume"
		segment, ok := strings.CutPrefix(raw, before)
		segment, verb := strings.CutSuffix(segment, after)
		back, unescapeErr := url.PathUnescape(segment)
		if !ok || !verb || strings.ContainsAny(segment, ":/?#") || unescapeErr != nil || back != tok || transport.asked.RawQuery != "" {
			t.Fatalf("%q asks %s", tok, raw)
		}
	})
}

// A key file is refused without a word of it, or sends its assertions to Google.
func FuzzKeyFile(f *testing.F) {
	good := string(keyFile(f, nil))
	f.Add([]byte(good))
	f.Add([]byte(strings.Replace(good, "oauth2.googleapis.com", "evil.example", 1)))
	f.Add([]byte(strings.Replace(good, "https://oauth2", "http://oauth2", 1)))
	f.Add([]byte(`{"type":"service_account","client_email":"secret@x","private_key":"-----BEGIN"}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		transport := &fixed{status: 500}
		c, err := googleplay.New(googleplay.Config{PackageName: packageName, ServiceAccountKey: file, HTTPClient: &http.Client{Transport: transport}})
		if err != nil {
			if strings.Contains(err.Error(), "gserviceaccount") || strings.Contains(err.Error(), "BEGIN") || strings.Contains(err.Error(), "evil") {
				t.Fatalf("quoted: %v", err)
			}
			return
		}
		if _, err := c.ProductPurchase(t.Context(), "gold", token); err == nil {
			t.Fatal("it answers")
		}
		host := transport.asked.Hostname()
		if u := transport.asked; u.Scheme != "https" || !strings.HasSuffix("."+strings.ToLower(host), ".googleapis.com") && !strings.EqualFold(host, "accounts.google.com") {
			t.Fatalf("an assertion goes to %s", u)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}
