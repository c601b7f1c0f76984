package googleplay_test

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
	"time"

	"golang.org/x/oauth2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
)

const (
	packageName = "com.example.game"
	access      = "CANARY-access-token"
	token       = "canarytoken.AO-J1Ox_y:z"
)

// upstream is the few lines of a store that these tests need: it answers everything with reply.
type upstream struct {
	t     *testing.T
	reply http.HandlerFunc

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		u.t.Error(err)
	}
	u.mu.Lock()
	u.requests, u.bodies = append(u.requests, r), append(u.bodies, string(body))
	u.mu.Unlock()
	u.reply(w, r)
}

func (u *upstream) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.requests)
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

// issuer is a token source that counts.
type issuer struct {
	mu    sync.Mutex
	calls int
	token func(n int) (*oauth2.Token, error) // nil: access for an hour
}

func (i *issuer) Token() (*oauth2.Token, error) {
	i.mu.Lock()
	i.calls++
	n := i.calls
	i.mu.Unlock()
	if i.token != nil {
		return i.token(n)
	}
	return &oauth2.Token{AccessToken: access, Expiry: time.Now().Add(time.Hour)}, nil
}

func (i *issuer) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.calls
}

func config(base string) googleplay.Config {
	return googleplay.Config{PackageName: packageName, TokenSource: &issuer{}, BaseURL: base}
}

// listen serves u on loopback and returns a client of it.
func (u *upstream) listen(t *testing.T) *googleplay.Client {
	t.Helper()
	s := httptest.NewServer(u)
	t.Cleanup(s.Close)
	return client(t, config(s.URL))
}

// inProcess returns a client of u that needs no socket.
func (u *upstream) inProcess(t *testing.T) *googleplay.Client {
	t.Helper()
	cfg := config("")
	cfg.HTTPClient = &http.Client{Transport: u}
	return client(t, cfg)
}

func client(t *testing.T, cfg googleplay.Config) *googleplay.Client {
	t.Helper()
	c, err := googleplay.New(cfg)
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
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

// apiError is an error in the shape that Google gives it.
func apiError(status int, reason, message string) http.HandlerFunc {
	e := map[string]any{"code": status, "message": message}
	if reason != "" {
		e["errors"] = []any{map[string]any{"message": message, "domain": "androidpublisher", "reason": reason}}
	}
	b, err := json.Marshal(map[string]any{"error": e})
	if err != nil {
		panic(err)
	}
	return body(status, string(b))
}

// lookup is a Lookup that must fail with a *core.StoreError.
func lookup(t *testing.T, c *googleplay.Client, p core.Product) *core.StoreError {
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
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			for _, hidden := range []string{"CANARY", "canary", "http:", "https:", "127.0.0.1", "/androidpublisher", "PRIVATE KEY"} {
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

// isError is errors.Is, by a name that the tables of these tests can spell in one word.
func isError(err, target error) bool { return errors.Is(err, target) }

// with is sample with members changed; a change to absent removes the member.
func with(t testing.TB, sample string, change map[string]any) string {
	t.Helper()
	m := map[string]any{}
	dec := json.NewDecoder(strings.NewReader(sample))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		if m[k] = v; v == absent {
			delete(m, k)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const absent = "(absent)"

// Samples with every member that is read.
const (
	productSample = `{"kind":"androidpublisher#productPurchase","purchaseTimeMillis":"1345678900000","purchaseState":0,"consumptionState":0,
		"developerPayload":"payload","orderId":"GPA.3300-0000-0000-00001","purchaseType":1,"acknowledgementState":0,
		"purchaseToken":"` + token + `","productId":"gold","quantity":3,"obfuscatedExternalAccountId":"player-1",
		"obfuscatedExternalProfileId":"profile-1","regionCode":"US","refundableQuantity":2}`
	subscriptionSample = `{"kind":"androidpublisher#subscriptionPurchaseV2","startTime":"2026-03-01T12:00:00Z","regionCode":"US",
		"subscriptionState":"SUBSCRIPTION_STATE_ACTIVE","latestOrderId":"GPA.3300-0000-0000-00002","linkedPurchaseToken":"canaryold",
		"testPurchase":{},"acknowledgementState":"ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED",
		"pausedStateContext":{"autoResumeTime":"2026-05-01T12:00:00.5Z"},
		"canceledStateContext":{"userInitiatedCancellation":{"cancelTime":"2026-03-02T12:00:00+01:00"}},
		"externalAccountIdentifiers":{"obfuscatedExternalAccountId":"player-1","obfuscatedExternalProfileId":"profile-1"},
		"lineItems":[{"productId":"gold","expiryTime":"2199-04-01T12:00:00Z","autoRenewingPlan":{"autoRenewEnabled":true},
			"offerDetails":{"basePlanId":"monthly","offerId":"intro"},"latestSuccessfulOrderId":"GPA.3300-0000-0000-00002..0"}]}`
)

// reads are the two look-ups.
var reads = []struct {
	name    string
	product core.Product
	path    string
	sample  string
	call    func(context.Context, *googleplay.Client, string, string) (any, error)
}{
	{"purchases.products.get", googleplay.InApp("gold"), "/androidpublisher/v3/applications/com.example.game/purchases/products/gold/tokens/", productSample,
		func(ctx context.Context, c *googleplay.Client, id, token string) (any, error) {
			return c.ProductPurchase(ctx, id, token)
		}},
	{"purchases.subscriptionsv2.get", googleplay.Subscription("gold"), "/androidpublisher/v3/applications/com.example.game/purchases/subscriptionsv2/tokens/", subscriptionSample,
		func(ctx context.Context, c *googleplay.Client, _, token string) (any, error) {
			return c.SubscriptionPurchaseV2(ctx, token)
		}},
}
