package status_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/status"
)

var (
	skin = core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}
	hat  = core.Product{Store: "shop", Kind: core.KindInApp, ID: "hat"}
	look = core.Entitlement("look", skin, hat)
)

// shop is a store that knows skin-1 and skin-2, which are alice's.
func shop() *gatetest.Store {
	store := gatetest.NewStore("shop")
	for _, token := range []string{"skin-1", "skin-2"} {
		store.Put(skin, &core.Purchase{Token: token, ID: "order", State: core.StatePurchased, Consumption: core.Unconsumed,
			Acknowledgement: core.Acknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-time.Hour), Label: "alice"})
	}
	return store
}

func open(t *testing.T, c core.Config, stores ...core.Store) *core.Gate {
	t.Helper()
	c.Stores = stores
	gate, err := core.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return gate
}

func newPage(t *testing.T, c status.Config) *status.Page {
	t.Helper()
	p, err := status.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func by(account, token string) core.Credentials {
	return core.Credentials{Account: account, Token: token}
}

// send asks the page, with a form if there is one.
func send(h http.Handler, method, target string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// report is the page as JSON.
func report(t *testing.T, h http.Handler) status.Report {
	t.Helper()
	return read(t, send(h, http.MethodGet, "/?format=json", nil))
}

func read(t *testing.T, w *httptest.ResponseRecorder) (r status.Report) {
	t.Helper()
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("the answer is %d, %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// html is the page as a person sees it.
func html(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("the answer is %d, %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	return w.Body.String()
}

// has checks that a text has all of parts.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}
