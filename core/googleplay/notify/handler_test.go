package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/googleplay/notify"
)

const (
	secret = "canary-secret-0123456789"
	path   = "/notifications/" + secret
)

// forgetful is a gate that counts what it forgot.
type forgetful struct {
	mu    sync.Mutex
	told  []string
	fault error
	panic any
}

func (f *forgetful) InvalidateToken(_ context.Context, store core.StoreID, token string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.panic != nil:
		panic(f.panic)
	case f.fault != nil:
		return f.fault
	}
	f.told = append(f.told, string(store)+" "+token)
	return nil
}

// nudged counts how often a list was to be read.
type nudged map[core.StoreID]int

func (n nudged) Nudge(store core.StoreID) { n[store]++ }

// desk is a handler in front of a forgetful gate, with a store that writes to it.
type desk struct {
	t     testing.TB
	store *googleplaytest.Store
	gate  *forgetful
	log   *bytes.Buffer
	h     *notify.Handler
}

func open(t testing.TB, change func(*notify.Config)) *desk {
	t.Helper()
	d := &desk{t: t, store: googleplaytest.New(googleplaytest.Config{}), gate: &forgetful{}, log: &bytes.Buffer{}}
	c := notify.Config{Gate: d.gate, PackageName: d.store.PackageName(), Secret: secret, Logger: slog.New(slog.NewJSONHandler(d.log, nil))}
	if change != nil {
		change(&c)
	}
	h, err := notify.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.h = h
	return d
}

func request(method, path, contentType, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

func (d *desk) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	return w
}

func (d *desk) post(path string, body []byte) int {
	return d.serve(request("POST", path, "application/json", string(body))).Code
}

func (d *desk) want(what string, got, want int) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: got %d, want %d; %s", what, got, want, d.log)
	}
}

func TestTheWorkerHearsOfWhatWasTakenBackAndOnce(t *testing.T) {
	worker := nudged{}
	d := open(t, func(c *notify.Config) { c.Store, c.Worker = "play", worker })
	vip, gems := d.store.Buy(googleplaytest.Subscription("vip")), d.store.Buy(googleplaytest.InApp("gems"), googleplaytest.Quantity(3))
	told := func(what, path string, body []byte, status, times int) {
		t.Helper()
		d.want(what, d.post(path, body), status)
		if n := worker["play"]; n != times || len(worker) > 1 {
			t.Errorf("%s: nudged %v, want %d times", what, worker, times)
		}
	}
	told("a test", path, d.store.TestNotification(), 200, 0)
	told("renewed", path, d.store.SubscriptionNotification(vip, int(notify.Renewed)), 200, 0)
	told("bought", path, d.store.ProductNotification(gems, int(notify.ProductPurchased)), 200, 0)
	d.store.RefundQuantity(gems, 1)
	told("one of three", path, d.store.VoidedNotification(gems), 200, 0)
	d.store.Refund(gems)
	whole := d.store.VoidedNotification(gems)
	told("the rest, by a stranger", "/notifications/"+strings.Repeat("x", 24), whole, 403, 0)
	d.gate.fault = errors.New("closed")
	told("the rest, and the gate cannot forget", path, whole, 503, 0)
	d.gate.fault = nil
	told("the rest", path, whole, 200, 1)
	told("the rest again", path, whole, 200, 1)
	told("revoked", path, d.store.SubscriptionNotification(vip, int(notify.Revoked)), 200, 2)
}

func TestWhatIsAppliedIsAcknowledged(t *testing.T) {
	var heard []string
	d := open(t, func(c *notify.Config) {
		c.Store = "play"
		c.OnNotification = func(_ context.Context, n notify.Notification) error {
			heard = append(heard, n.String())
			return nil
		}
	})
	vip, gems := d.store.Buy(googleplaytest.Subscription("vip")), d.store.Buy(googleplaytest.InApp("gems"), googleplaytest.Quantity(3))
	d.store.RefundQuantity(gems, 1)
	partial := d.store.VoidedNotification(gems)
	d.store.Refund(gems)
	renewed := d.store.SubscriptionNotification(vip, int(notify.Renewed))
	for _, m := range []struct {
		name string
		body []byte
	}{
		{"a renewal", renewed}, {"the same message again", renewed}, {"an event with another message", d.store.SubscriptionNotification(vip, int(notify.Renewed))},
		{"a purchase", d.store.ProductNotification(gems, int(notify.ProductPurchased))},
		{"a partial refund", partial}, {"a refund", d.store.VoidedNotification(gems)},
		{"a test", d.store.TestNotification()},
		{"a kind of the future", d.store.Push([]byte(`{"version":"2.0","packageName":"` + d.store.PackageName() + `","eventTimeMillis":"1503349566168","pendingRefundReviewNotification":{}}`))},
	} {
		d.want(m.name, d.post(path, m.body), 200)
	}
	if want := []string{"play " + vip, "play " + vip, "play " + gems, "play " + gems, "play " + gems}; !slices.Equal(d.gate.told, want) {
		t.Errorf("the gate was told %v, want %v", d.gate.told, want)
	}
	if want := []string{"SUBSCRIPTION_RENEWED", "SUBSCRIPTION_RENEWED", "ONE_TIME_PRODUCT_PURCHASED", "VOIDED_PURCHASE (partial)", "VOIDED_PURCHASE", "TEST", "UNKNOWN"}; !slices.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
	if d.log.Len() > 0 {
		t.Errorf("the log: %s", d.log)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("canary: connection reset") }

func TestWhatIsRefused(t *testing.T) {
	d := open(t, func(c *notify.Config) { c.SecretHeader = "X-Notify-Secret" })
	token := d.store.Buy(googleplaytest.Subscription("vip"))
	good := string(d.store.SubscriptionNotification(token, 12))
	other := googleplaytest.New(googleplaytest.Config{PackageName: "com.example.other"})
	otherApp := string(other.SubscriptionNotification(other.Buy(googleplaytest.Subscription("vip")), 12))
	const json = "application/json"
	for _, c := range []struct {
		name   string
		r      *http.Request
		status int
		reason string
	}{
		{"another method", request("GET", path, json, good), 405, "method_not_allowed"},
		{"a form", request("POST", path, "application/x-www-form-urlencoded", good), 415, "content_type_not_supported"},
		{"a body of more than 64 KiB", request("POST", path, json, strings.Repeat(" ", 64<<10+1)), 413, "notification_too_long"},
		{"a body that ends early", func() *http.Request {
			r := request("POST", path, json, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{}))
			return r
		}(), 400, "invalid_parameters"},
		{"no JSON", request("POST", path, json, "canary"), 400, "invalid_parameters"},
		{"no push", request("POST", path, json, "{}"), 400, "invalid_parameters"},
		{"an unwrapped message", request("POST", path, json, `{"version":"1.0","packageName":"x"}`), 400, "invalid_parameters"},
		{"another app", request("POST", path, json, otherApp), 403, "notification_refused"},
		{"no secret", request("POST", "/notifications", json, good), 403, "notification_refused"},
		{"another secret", request("POST", "/notifications/canary-secret-012345678X", json, good), 403, "notification_refused"},
		{"a part of the secret", request("POST", path[:len(path)-1], json, good), 403, "notification_refused"},
		{"the secret in the query", request("POST", "/notifications?secret="+secret, json, good), 403, "notification_refused"},
		{"another path", request("POST", "/other", json, good), 404, ""},
		{"something behind the secret", request("POST", path+"/x", json, good), 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := d.serve(c.r)
			if w.Code != c.status || c.reason != "" && w.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatalf("got %d %v %s, want %d", w.Code, w.Header(), w.Body, c.status)
			}
			if !strings.Contains(w.Body.String(), c.reason) || strings.Contains(w.Body.String(), "canary") || strings.Contains(w.Body.String(), token) {
				t.Errorf("the answer is %s, want %q and no canary", w.Body, c.reason)
			}
		})
	}
	d.want("told", len(d.gate.told), 0)
	for _, line := range []string{"is malformed", "is too long", "came without the secret", "is for another app"} {
		if n := strings.Count(d.log.String(), "a notification "+line); n != 1 {
			t.Errorf("%q stands in the log %d times:\n%s", line, n, d.log)
		}
	}
	for _, canary := range []string{token, "canary", "com.example"} {
		if strings.Contains(d.log.String(), canary) {
			t.Errorf("the log holds %q:\n%s", canary, d.log)
		}
	}
	r := request("POST", "/notifications", json, good)
	r.Header.Set("X-Notify-Secret", secret)
	d.want("the secret in the header", d.serve(r).Code, 200)
}

// The embedder's check of the push token stands beside the secret, or alone.
func TestVerifyDecidesWhoMaySend(t *testing.T) {
	for _, withSecret := range []bool{true, false} {
		verify := func(r *http.Request) error {
			if r.Header.Get("Authorization") != "Bearer good" {
				return fmt.Errorf("canary: the token %s is none", r.Header.Get("Authorization"))
			}
			return nil
		}
		d := open(t, func(c *notify.Config) {
			if c.Verify = verify; !withSecret {
				c.Secret = ""
			}
		})
		at := "/notifications"
		if withSecret {
			at = path
		}
		token := d.store.Buy(googleplaytest.Subscription("vip"))
		post := func(bearer string) *httptest.ResponseRecorder {
			r := request("POST", at, "application/json", string(d.store.SubscriptionNotification(token, 12)))
			r.Header.Set("Authorization", bearer)
			return d.serve(r)
		}
		for _, bearer := range []string{"", "Bearer canary"} {
			if w := post(bearer); w.Code != 403 || strings.Contains(w.Body.String()+d.log.String(), "canary") {
				t.Errorf("%q: %d %s %s", bearer, w.Code, w.Body, d.log)
			}
		}
		d.want("told", len(d.gate.told), 0)
		d.want("Google's own", post("Bearer good").Code, 200)
		d.want("told", len(d.gate.told), 1)
		if strings.Count(d.log.String(), "did not pass Config.Verify") != 1 {
			t.Errorf("the log: %s", d.log)
		}
	}
}

func TestARepeatedMessageCannotMakeTheGateAskAtWill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		token, other := d.store.Buy(googleplaytest.Subscription("vip")), d.store.Buy(googleplaytest.Subscription("vip"))
		for range 4 {
			d.want("within the limit", d.post(path, d.store.SubscriptionNotification(token, 2)), 200)
		}
		body := d.store.SubscriptionNotification(token, 2)
		for range 10 {
			if w := d.serve(request("POST", path, "application/json", string(body))); w.Code != 503 || w.Header().Get("Retry-After") != "30" {
				t.Fatalf("beyond it: %d %v %s", w.Code, w.Header(), w.Body)
			}
		}
		for range 10 {
			d.want("a test, of which there is nothing to forget", d.post(path, d.store.TestNotification()), 200)
		}
		d.want("another token", d.post(path, d.store.SubscriptionNotification(other, 2)), 200)
		d.want("told", len(d.gate.told), 5)
		time.Sleep(30 * time.Second)
		d.want("repeated", d.post(path, body), 200)
		d.want("repeated again", d.post(path, body), 200)
		d.want("told", len(d.gate.told), 6)
	})
}

func TestWhatFailsHereComesAgain(t *testing.T) {
	fault := errors.New("canary: the ledger is down")
	for _, c := range []struct {
		name   string
		breaks func(d *desk, hook *func() error)
		status int
		log    string
		told   int // by the time it has succeeded
	}{
		{"a gate that refuses", func(d *desk, _ *func() error) { d.gate.fault = errors.New("core: the gate is closed") }, 503, "core: the gate is closed", 1},
		{"a gate that panics", func(d *desk, _ *func() error) { d.gate.panic = "canary" }, 500, "a panic was contained", 1},
		{"a ledger that fails", func(_ *desk, hook *func() error) { *hook = func() error { return fault } }, 500, "*errors.errorString", 2},
		{"a ledger that panics", func(_ *desk, hook *func() error) { *hook = func() error { panic(fault) } }, 500, "a panic was contained", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			works := func() error { return nil }
			hook := works
			d := open(t, func(cfg *notify.Config) {
				cfg.OnNotification = func(context.Context, notify.Notification) error { return hook() }
			})
			body := d.store.SubscriptionNotification(d.store.Buy(googleplaytest.Subscription("vip")), 12)
			c.breaks(d, &hook)
			w := d.serve(request("POST", path, "application/json", string(body)))
			d.want("while it is broken", w.Code, c.status)
			hook, d.gate.fault, d.gate.panic = works, nil, nil
			d.want("repeated", d.post(path, body), 200)
			d.want("and once more", d.post(path, body), 200)
			d.want("told", len(d.gate.told), c.told)
			if !strings.Contains(d.log.String(), c.log) || strings.Contains(d.log.String()+w.Body.String(), "canary") {
				t.Errorf("the log: %s\nthe answer: %s", d.log, w.Body)
			}
		})
	}
}

func TestAHandlerThatWasNotMadeSaysSo(t *testing.T) {
	var none *notify.Handler
	for _, h := range []*notify.Handler{none, {}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request("POST", "/notifications", "application/json", "{}"))
		if w.Code != 503 || !strings.Contains(w.Body.String(), "store_misconfigured") {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
}
