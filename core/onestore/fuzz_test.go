package onestore_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

// fixed answers every look-up with one status and body, without a socket.
type fixed struct {
	status int
	body   []byte
}

func (f *fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	status, text := f.status, string(f.body)
	if isOAuth(r) {
		status, text = 200, `{"access_token":"a","expires_in":3600}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

func fuzzClient(f *testing.F) (*onestore.Client, *fixed) {
	transport := &fixed{status: 200}
	cfg := config("")
	cfg.HTTPClient = &http.Client{Transport: transport}
	c, err := onestore.New(cfg)
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
	c, transport := fuzzClient(f)
	f.Add([]byte(sample))
	for _, s := range []string{"{}", "null", "[]", "<html>", `{"error":{"code":"NoSuchData"}}`, `{"result":{"code":"Success"}}`,
		strings.ReplaceAll(sample, "0", `"0"`), strings.ReplaceAll(sample, "1", "null"), sample + "x", "\ufeff" + sample} {
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

func FuzzErrorAnswer(f *testing.F) {
	c, transport := fuzzClient(f)
	for _, s := range standard {
		f.Add(s.status, []byte(`{"error":{"code":"`+s.code+`","message":"`+s.message+`"}}`))
	}
	f.Add(404, []byte("<html>"))
	f.Add(400, []byte(`{"error":"invalid_client"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 201 || status > 599 {
			return
		}
		transport.status, transport.body = status, body
		_, err := c.Lookup(t.Context(), onestore.InApp("gold"), token)
		if err == nil {
			t.Fatal("a purchase of an error")
		}
		mustBeClean(t, err)
		if isError(err, onestore.ErrNoSuchData) && (status != 404 && status != 400 || !strings.Contains(string(body), "NoSuchData") && !strings.Contains(string(body), `\u`)) {
			t.Fatalf("status %d reads as no such purchase", status)
		}
	})
}
