package onestore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

const (
	clientID = "com.example.game"
	secret   = "CANARY/secret+with=signs="
	access   = "CANARY-access-token"
	token    = "SANDBOXT000120004476"
)

// upstream is the few lines of a store that these tests need: it issues an access token, and
// answers everything else with reply.
type upstream struct {
	t     *testing.T
	oauth http.HandlerFunc // nil: issues access for an hour
	reply http.HandlerFunc

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string // of the requests
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		u.t.Error(err)
	}
	u.mu.Lock()
	u.requests, u.bodies = append(u.requests, r), append(u.bodies, string(body))
	u.mu.Unlock()
	switch {
	case !isOAuth(r):
		u.reply(w, r)
	case u.oauth != nil:
		u.oauth(w, r)
	default:
		issue(w, access)
	}
}

func isOAuth(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/v7/oauth/token") }

func issue(w http.ResponseWriter, value string) {
	_, _ = fmt.Fprintf(w, `{"client_id":%q,"access_token":%q,"token_type":"bearer","expires_in":3600,"scope":"DEFAULT"}`, clientID, value)
}

// count returns how many token calls and how many others there were.
func (u *upstream) count() (tokens, others int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, r := range u.requests {
		if isOAuth(r) {
			tokens++
		} else {
			others++
		}
	}
	return tokens, others
}

// RoundTrip lets a client reach u without a socket.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	u.ServeHTTP(rec, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}

func config(base string) onestore.Config {
	return onestore.Config{
		ClientID: clientID, ClientSecret: secret,
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: base,
	}
}

// listen serves u on loopback and returns a client of it.
func (u *upstream) listen(t *testing.T) *onestore.Client {
	t.Helper()
	return u.listenWith(t, config(""))
}

func (u *upstream) listenWith(t *testing.T, cfg onestore.Config) *onestore.Client {
	t.Helper()
	s := httptest.NewServer(u)
	t.Cleanup(s.Close)
	cfg.BaseURL = s.URL
	return client(t, cfg)
}

// inProcess returns a client of u that needs no socket.
func (u *upstream) inProcess(t *testing.T) *onestore.Client {
	t.Helper()
	cfg := config("")
	cfg.HTTPClient = &http.Client{Transport: u}
	return client(t, cfg)
}

func client(t *testing.T, cfg onestore.Config) *onestore.Client {
	t.Helper()
	c, err := onestore.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func body(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func standardError(status int, code, message string) http.HandlerFunc {
	b, err := json.Marshal(map[string]any{"error": map[string]string{"code": code, "message": message}})
	if err != nil {
		panic(err)
	}
	return body(status, string(b))
}

// lookup is a Lookup that must fail with a *core.StoreError.
func lookup(t *testing.T, c *onestore.Client, p core.Product) *core.StoreError {
	t.Helper()
	purchase, err := c.Lookup(t.Context(), p, token)
	var se *core.StoreError
	if purchase != nil || !errors.As(err, &se) {
		t.Fatalf("got %+v, %v; want a *core.StoreError", purchase, err)
	}
	mustBeClean(t, err)
	return se
}

// mustBeClean fails if err, or what it wraps, shows what nobody may see.
func mustBeClean(t *testing.T, err error) {
	t.Helper()
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err)} {
			for _, hidden := range []string{"CANARY", token, "http:", "https:", "127.0.0.1", "/v7/"} {
				if strings.Contains(text, hidden) {
					t.Errorf("an error shows %q: %s", hidden, text)
				}
			}
		}
		switch w := err.(type) {
		case interface{ Unwrap() error }:
			walk(w.Unwrap())
		case interface{ Unwrap() []error }:
			for _, e := range w.Unwrap() {
				walk(e)
			}
		}
	}
	walk(err)
}

// details are the three look-ups.
var details = []struct {
	name    string
	product core.Product
	path    string
	sample  string // every documented member
	call    func(context.Context, *onestore.Client, string, string) (any, error)
}{
	{"getPurchaseDetails", onestore.InApp("gold"), "/v7/apps/com.example.game/purchases/inapp/products/gold/" + token, `{
		"consumptionState": 0, "developerPayload": "developerPayload", "purchaseState": 0, "purchaseTime": 1345678900000,
		"purchaseId": "17070421461015116878", "acknowledgeState": 0, "quantity": 2}`,
		func(ctx context.Context, c *onestore.Client, id, token string) (any, error) {
			d, err := c.PurchaseDetails(ctx, id, token)
			return orNil(d), err
		}},
	{"getRecurringPurchaseDetails", onestore.Recurring("gold"), "/v7/apps/com.example.game/purchases/auto/products/gold/" + token, `{
		"startTime": 1345678900000, "expiryTime": 1345678999999, "nextPaymentTime": 1345688000000, "autoRenewing": true,
		"cancelReason": 1, "cancelledTime": 1345679000000, "acknowledgeState": 0,
		"lastPurchaseId":"15081718460701027851", "lastPurchaseState": 0}`,
		func(ctx context.Context, c *onestore.Client, id, token string) (any, error) {
			d, err := c.RecurringPurchaseDetails(ctx, id, token)
			return orNil(d), err
		}},
	{"getSubscriptionDetail", onestore.Subscription("gold"), "/v7/apps/com.example.game/purchases/subscription/products/gold/" + token, `{
		"acknowledgementState":1, "autoRenewing":true, "paymentState":1, "lastPurchaseId": "20202394820938409234",
		"linkedPurchaseToken":"SANDBOX3000002616574", "priceAmount":"100", "priceAmountMicros":100000000,
		"nextPriceAmount":"150", "nextPriceAmountMicros":150000000, "nextPaymentTimeMillis": 1623337199000,
		"priceCurrencyCode":"KRW", "countryCode":"KR", "startTimeMillis":1623337198000, "expiryTimeMillis":1625929199000,
		"pauseStartTimeMillis":1625929199001, "pauseEndTimeMillis":1625929199002, "autoResumeTimeMillis":1625878800000,
		"cancelledTimeMillis":1625929199003, "cancelReason":0, "developerPayload":"payload",
		"promotionPrice":{"promotionPrice":"100","promotionPriceMicros":100000000,"promotionPeriod":30},
		"priceChange":{"seq": 1,"previousPrice":"100","previousPriceMicros":100000000,"newPrice":"500","newPriceMicros":500000000,
			"applyTimeMillis":1625670000000,"agreement":false,"agreementDueDateTimeMillis": 1345678920000}}`,
		func(ctx context.Context, c *onestore.Client, id, token string) (any, error) {
			d, err := c.SubscriptionDetail(ctx, id, token)
			return orNil(d), err
		}},
}

// changes are what changes a purchase.
var changes = []struct {
	name string
	path string
	body string
	call func(context.Context, *onestore.Client, string, string) error
}{
	{"acknowledgePurchase", "/v7/apps/com.example.game/purchases/all/products/gold/" + token + "/acknowledge", "{}",
		func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.AcknowledgePurchase(ctx, id, token, "")
		}},
	{"consumePurchase", "/v7/apps/com.example.game/purchases/inapp/products/gold/" + token + "/consume", "{}",
		func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.ConsumePurchase(ctx, id, token, "")
		}},
	{"cancelRecurringPurchase", "/v7/apps/com.example.game/purchases/auto/products/gold/" + token + "/cancel", "",
		func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.CancelRecurringPurchase(ctx, id, token)
		}},
	{"reactivateRecurringPurchase", "/v7/apps/com.example.game/purchases/auto/products/gold/" + token + "/reactivate", "",
		func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.ReactivateRecurringPurchase(ctx, id, token)
		}},
	{"cancelSubscription", "/v7/apps/com.example.game/purchases/subscription/products/gold/" + token + "/cancel", "",
		func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.CancelSubscription(ctx, id, token)
		}},
	{"reactivateSubscription", "/v7/apps/com.example.game/purchases/subscription/products/gold/" + token + "/reactivate", "",
		func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.ReactivateSubscription(ctx, id, token)
		}},
	{"deferSubscription", "/v7/apps/com.example.game/purchases/subscription/products/gold/" + token + "/defer", `{"deferPeriod":7}`,
		func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.DeferSubscription(ctx, id, token, onestore.Minutes(7))
		}},
}

// done is the answer of the document's samples.
var done = body(200, `{"result":{"code":"Success","message":"Request has been completed successfully."}}`)

func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return p
}
