package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
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
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

const secret = "canary-secret-0123456789"

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

func (f *forgetful) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.told)
}

// nudged counts how often a list was to be read.
type nudged map[core.StoreID]int

func (n nudged) Nudge(store core.StoreID) { n[store]++ }

// desk is a handler in front of a forgetful gate, with a store that writes to it.
type desk struct {
	t     testing.TB
	store *onestoretest.Store
	gate  *forgetful
	log   *bytes.Buffer
	h     *notify.Handler
}

func open(t testing.TB, change func(*notify.Config)) *desk {
	t.Helper()
	d := &desk{t: t, store: onestoretest.New(onestoretest.Config{}), gate: &forgetful{}, log: &bytes.Buffer{}}
	c := notify.Config{Gate: d.gate, App: of(d.store), Secret: secret, Logger: slog.New(slog.NewJSONHandler(d.log, nil))}
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
	return d.serve(request("POST", path, "application/json; charset=UTF-8", string(body))).Code
}

func (d *desk) want(what string, got, want int) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: got %d, want %d; %s", what, got, want, d.log)
	}
}

func TestTheWorkerHearsOfWhatWasTakenBackAndOnce(t *testing.T) {
	worker := nudged{}
	d := open(t, func(c *notify.Config) { c.Store, c.Worker = "asia", worker })
	token := d.store.Buy(onestoretest.Subscription("vip"))
	told := func(what, path string, body []byte, status, times int) {
		t.Helper()
		d.want(what, d.post(path, body), status)
		if n := worker["asia"]; n != times || len(worker) > 1 {
			t.Errorf("%s: nudged %v, want %d times", what, worker, times)
		}
	}
	told("completed", "/payments", d.store.PaymentNotification(token), 200, 0)
	told("renewed", "/subscriptions/"+secret, d.store.SubscriptionNotification(token, int(notify.Renewed)), 200, 0)
	told("the renewal withdrawn", "/subscriptions/"+secret, d.store.SubscriptionNotification(token, int(notify.Canceled)), 200, 0)
	revoked := d.store.SubscriptionNotification(token, int(notify.Revoked))
	told("revoked, by a stranger", "/subscriptions/"+strings.Repeat("x", 24), revoked, 403, 0)
	d.gate.fault = errors.New("closed")
	told("revoked, and the gate cannot forget", "/subscriptions/"+secret, revoked, 503, 0)
	d.gate.fault = nil
	told("revoked", "/subscriptions/"+secret, revoked, 200, 1)
	told("revoked again", "/subscriptions/"+secret, revoked, 200, 1)
	d.store.Refund(token)
	told("canceled", "/payments", d.store.PaymentNotification(token), 200, 2)
}

func TestWhatIsAppliedIsAcknowledged(t *testing.T) {
	var paid []notify.Payment
	var changed []notify.Subscription
	d := open(t, func(c *notify.Config) {
		c.Store = "asia"
		c.OnPayment = func(_ context.Context, p notify.Payment) error { paid = append(paid, p); return nil }
		c.OnSubscription = func(_ context.Context, s notify.Subscription) error { changed = append(changed, s); return nil }
	})
	token := d.store.Buy(onestoretest.Subscription("vip"))

	completed := d.store.PaymentNotification(token)
	d.want("completed", d.post("/payments", completed), 200)
	d.want("completed again", d.post("/payments", completed), 200)
	d.want("completed, written otherwise", d.post("/payments", d.store.PaymentNotification(token, onestoretest.Spaced())), 200)
	d.store.Refund(token)
	canceled := d.store.PaymentNotification(token)
	d.want("canceled", d.post("/payments", canceled), 200)
	d.want("canceled again", d.post("/payments", canceled), 200)
	d.want("completed, late", d.post("/payments", completed), 200)

	revoked := d.store.SubscriptionNotification(token, int(notify.Revoked))
	d.want("revoked", d.post("/subscriptions/"+secret, revoked), 200)
	d.want("revoked again", d.post("/subscriptions/"+secret, revoked), 200)
	d.want("expired", d.post("/subscriptions/"+secret, d.store.SubscriptionNotification(token, int(notify.Expired))), 200)
	d.store.Advance(time.Millisecond)
	d.want("revoked, a millisecond later", d.post("/subscriptions/"+secret, d.store.SubscriptionNotification(token, int(notify.Revoked))), 200)

	if want := slices.Repeat([]string{"asia " + token}, 5); !slices.Equal(d.gate.told, want) {
		t.Errorf("the gate was told %v, want %v", d.gate.told, want)
	}
	if len(paid) != 2 || paid[0].State != notify.PaymentCompleted || paid[1].State != notify.PaymentCanceled {
		t.Errorf("payments: %v", paid)
	}
	if len(changed) != 3 || changed[0].Type != notify.Revoked || changed[1].Type != notify.Expired {
		t.Errorf("subscriptions: %v", changed)
	}
	if d.log.Len() > 0 {
		t.Errorf("the log: %s", d.log)
	}
}

func TestOrderMeansNothing(t *testing.T) {
	d := open(t, nil)
	token := d.store.Buy(onestoretest.InApp("gold"))
	completed := d.store.PaymentNotification(token)
	d.store.Refund(token)
	d.want("canceled first", d.post("/payments", d.store.PaymentNotification(token)), 200)
	d.want("then completed", d.post("/payments", completed), 200)
	d.want("told", d.gate.count(), 2)
}

func TestWhatIsRefused(t *testing.T) {
	d := open(t, func(c *notify.Config) { c.SecretHeader = "X-Notify-Secret" })
	token := d.store.Buy(onestoretest.Subscription("vip"))
	payment := string(d.store.PaymentNotification(token))
	m := d.store.PaymentMessage(token)
	m.ClientID = "other"
	otherApp := string(d.store.Signer().Sign(m))
	forged := string(onestoretest.NewSigner().Sign(d.store.PaymentMessage(token)))
	sub := string(d.store.SubscriptionNotification(token, 12))
	const json = "application/json"
	long := `{"x":"` + strings.Repeat("x", 64<<10) + `"}`
	for _, c := range []struct {
		name   string
		r      *http.Request
		status int
		reason string
	}{
		{"another method", request("GET", "/payments", json, payment), 405, "method_not_allowed"},
		{"another method, with the secret", request("PUT", "/subscriptions/"+secret, json, sub), 405, "method_not_allowed"},
		{"a form", request("POST", "/payments", "application/x-www-form-urlencoded", payment), 415, "content_type_not_supported"},
		{"no content type", request("POST", "/payments", "", payment), 415, "content_type_not_supported"},
		{"a body of more than 64 KiB", request("POST", "/payments", json, long), 413, "notification_too_long"},
		{"and of the other kind", request("POST", "/subscriptions/"+secret, json, long), 413, "notification_too_long"},
		{"a body that ends early", func() *http.Request {
			r := request("POST", "/payments", json, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{}))
			return r
		}(), 400, "invalid_parameters"},
		{"no JSON", request("POST", "/payments", json, "canary"), 400, "invalid_parameters"},
		{"a subscription among payments", request("POST", "/payments", json, sub), 400, "invalid_parameters"},
		{"a payment among subscriptions", request("POST", "/subscriptions/"+secret, json, payment), 400, "invalid_parameters"},
		{"a forged payment", request("POST", "/payments", json, forged), 403, "notification_refused"},
		{"a payment of another app", request("POST", "/payments", json, otherApp), 403, "notification_refused"},
		{"no secret", request("POST", "/subscriptions", json, sub), 403, "notification_refused"},
		{"another secret", request("POST", "/subscriptions/canary-secret-012345678X", json, sub), 403, "notification_refused"},
		{"a part of the secret", request("POST", "/subscriptions/"+secret[:16], json, sub), 403, "notification_refused"},
		{"the secret and more", request("POST", "/subscriptions/"+secret+"0", json, sub), 403, "notification_refused"},
		{"the secret in the query", request("POST", "/subscriptions?secret="+secret, json, sub), 403, "notification_refused"},
		{"a wrong secret in the header", func() *http.Request {
			r := request("POST", "/subscriptions", json, sub)
			r.Header.Set("X-Notify-Secret", "canary-secret-012345678X")
			return r
		}(), 403, "notification_refused"},
		{"the secret in the header, another in the path", func() *http.Request {
			r := request("POST", "/subscriptions/x", json, sub)
			r.Header.Set("X-Notify-Secret", secret)
			return r
		}(), 403, "notification_refused"},
		{"another path", request("POST", "/other", json, sub), 404, ""},
		{"something behind the secret", request("POST", "/subscriptions/"+secret+"/x", json, sub), 404, ""},
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
	d.want("told", d.gate.count(), 0)
	for _, line := range []string{"malformed", "too long", "without the secret", "not signed by the store", "for another app"} {
		if n := strings.Count(d.log.String(), "a notification "+map[bool]string{true: "is ", false: "came "}[line != "without the secret"]+line); n != 1 {
			t.Errorf("%q stands in the log %d times:\n%s", line, n, d.log)
		}
	}
	for _, canary := range []string{token, "canary", d.store.ClientID()} {
		if strings.Contains(d.log.String(), canary) {
			t.Errorf("the log holds %q:\n%s", canary, d.log)
		}
	}

	r := request("POST", "/subscriptions", json, sub)
	r.Header.Set("X-Notify-Secret", secret)
	d.want("the secret in the header", d.serve(r).Code, 200)
	d.want("told", d.gate.count(), 1)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("canary: connection reset") }

func TestAKindThatIsNotConfiguredIsNotFound(t *testing.T) {
	d := open(t, func(c *notify.Config) { c.Secret = "" })
	token := d.store.Buy(onestoretest.Subscription("vip"))
	for _, path := range []string{"/subscriptions", "/subscriptions/", "/subscriptions/x", "/subscriptions/" + secret} {
		d.want(path, d.post(path, d.store.SubscriptionNotification(token, 12)), 404)
	}
	d = open(t, func(c *notify.Config) { c.App.LicenceKey = "" })
	d.want("payments", d.post("/payments", d.store.PaymentNotification(d.store.Buy(onestoretest.InApp("gold")))), 404)
	d.want("told", d.gate.count(), 0)
}

func TestARepeatedOrForgedMessageCannotMakeTheGateAskAtWill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		token, other := d.store.Buy(onestoretest.Subscription("vip")), d.store.Buy(onestoretest.Subscription("vip"))
		event := func(token string) []byte {
			d.store.Advance(time.Millisecond) // each is another event
			return d.store.SubscriptionNotification(token, int(notify.Renewed))
		}
		for range 4 {
			d.want("within the limit", d.post("/subscriptions/"+secret, event(token)), 200)
		}
		body := event(token)
		for range 10 {
			w := d.serve(request("POST", "/subscriptions/"+secret, "application/json", string(body)))
			if w.Code != 503 || w.Header().Get("Retry-After") != "30" || !strings.Contains(w.Body.String(), `"retryable":true`) {
				t.Fatalf("beyond it: %d %v %s", w.Code, w.Header(), w.Body)
			}
		}
		d.want("told", d.gate.count(), 4)
		d.want("another token", d.post("/subscriptions/"+secret, event(other)), 200)
		d.want("what is signed", d.post("/payments", d.store.PaymentNotification(token)), 200)
		if strings.Count(d.log.String(), "a notification has to come again") != 1 {
			t.Errorf("the log: %s", d.log)
		}

		time.Sleep(30 * time.Second) // when ONE store first repeats it
		d.want("repeated", d.post("/subscriptions/"+secret, body), 200)
		d.want("told", d.gate.count(), 7)
		d.want("repeated again", d.post("/subscriptions/"+secret, body), 200)
		d.want("told", d.gate.count(), 7)
	})
}

func TestAllTokensTogetherAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, func(c *notify.Config) {
			c.PerToken = notify.Limit{Burst: 2, Every: time.Hour}
			c.Overall = notify.Limit{Burst: 3, Every: time.Second}
		})
		tokens := make([]string, 5)
		for i := range tokens {
			tokens[i] = d.store.Buy(onestoretest.InApp("gold"))
		}
		var got []int
		for _, token := range tokens {
			got = append(got, d.post("/payments", d.store.PaymentNotification(token)))
		}
		if want := []int{200, 200, 200, 503, 503}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		time.Sleep(2 * time.Second)
		d.want("the fourth again", d.post("/payments", d.store.PaymentNotification(tokens[3])), 200)
		d.want("the fifth again", d.post("/payments", d.store.PaymentNotification(tokens[4])), 200)
		// The refusals cost the tokens nothing: each of them has one left.
		time.Sleep(2 * time.Second)
		d.store.Refund(tokens[4])
		d.want("the fifth, canceled", d.post("/payments", d.store.PaymentNotification(tokens[4])), 200)
	})
}

func TestLimitsCanBeSwitchedOff(t *testing.T) {
	d := open(t, func(c *notify.Config) {
		c.PerToken.Burst, c.Overall.Burst = -1, -1
	})
	token := d.store.Buy(onestoretest.Subscription("vip"))
	for n := range 2000 {
		if got := d.post("/subscriptions/"+secret, []byte(sns("SANDBOX3000002616001", token+fmt.Sprint(n%2)))); got != 200 {
			t.Fatalf("message %d: %d", n, got)
		}
		d.store.Advance(time.Millisecond)
		if got := d.post("/subscriptions/"+secret, d.store.SubscriptionNotification(token, 2)); got != 200 {
			t.Fatalf("message %d: %d", n, got)
		}
	}
	d.want("told", d.gate.count(), 2002)
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
			hook, calls := works, 0
			d := open(t, func(cfg *notify.Config) {
				cfg.OnPayment = func(context.Context, notify.Payment) error { calls++; return hook() }
				cfg.OnSubscription = func(context.Context, notify.Subscription) error { calls++; return hook() }
			})
			token := d.store.Buy(onestoretest.Subscription("vip"))
			for path, body := range map[string][]byte{"/payments": d.store.PaymentNotification(token), "/subscriptions/" + secret: d.store.SubscriptionNotification(token, 12)} {
				d.gate.told, calls = nil, 0
				c.breaks(d, &hook)
				w := d.serve(request("POST", path, "application/json", string(body)))
				d.want("while it is broken", w.Code, c.status)
				if (c.status == 503) != (w.Header().Get("Retry-After") != "") || strings.Contains(w.Body.String(), "canary") {
					t.Errorf("the answer is %v %s", w.Header(), w.Body)
				}
				hook, d.gate.fault, d.gate.panic = works, nil, nil
				d.want("repeated", d.post(path, body), 200)
				d.want("and once more", d.post(path, body), 200)
				d.want("told", d.gate.count(), c.told)
				d.want("the ledger", calls, c.told)
			}
			if !strings.Contains(d.log.String(), c.log) || strings.Contains(d.log.String(), "canary") {
				t.Errorf("the log: %s", d.log)
			}
		})
	}
}

func TestOneMessageAtATimeReachesTheLedger(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	calls := 0
	d := open(t, func(c *notify.Config) {
		c.OnPayment = func(context.Context, notify.Payment) error {
			calls++
			close(entered)
			<-leave
			return nil
		}
	})
	body := d.store.PaymentNotification(d.store.Buy(onestoretest.InApp("gold")))
	first := make(chan int)
	go func() { first <- d.post("/payments", body) }()
	<-entered
	w := d.serve(request("POST", "/payments", "application/json", string(body)))
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("meanwhile: %d %v", w.Code, w.Header())
	}
	close(leave)
	d.want("the first", <-first, 200)
	d.want("afterwards", d.post("/payments", body), 200)
	d.want("the ledger", calls, 1)
}

func TestManyAtOnce(t *testing.T) {
	d := open(t, func(c *notify.Config) { c.Logger = nil })
	var bodies [][]byte
	for range 8 {
		token := d.store.Buy(onestoretest.InApp("gold"))
		bodies = append(bodies, d.store.PaymentNotification(token))
		d.store.Refund(token)
		bodies = append(bodies, d.store.PaymentNotification(token))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, body := range bodies {
				for d.post("/payments", body) == 503 { // another worker has it
				}
			}
		})
	}
	wg.Wait()
	d.want("told", d.gate.count(), len(bodies))
}

func TestAnAnswerIsAProblem(t *testing.T) {
	d := open(t, nil)
	w := d.serve(request("POST", "/payments", "application/json", "{}"))
	var p struct {
		Title, Detail, Reason string
		Status                int
		Retryable             bool
		IAP                   core.IAPCode
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != 400 || p.Detail != "notify: the message is malformed: signature is missing" || p.IAP.Code != 1100 {
		t.Errorf("%+v, %v", p, err)
	}
	w = d.serve(request("DELETE", "/payments", "application/json", "{}"))
	if w.Header().Get("Allow") != "POST" {
		t.Errorf("the header is %v", w.Header())
	}
}

func TestAHandlerThatWasNotMadeSaysSo(t *testing.T) {
	var none *notify.Handler
	for _, h := range []*notify.Handler{none, {}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request("POST", "/payments", "application/json", "{}"))
		if w.Code != 503 || !strings.Contains(w.Body.String(), "store_misconfigured") {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
}
