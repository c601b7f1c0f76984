package handin_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/handin"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// fasthttp keeps two goroutines of its own: one for the Date of the process, for ever, and one of a
// server's worker pool, which sleeps for up to ten seconds after the server was shut down.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

type shop struct {
	fake    *onestoretest.Store
	gate    *core.Gate
	handler *handin.Handler
}

func open(t *testing.T, change func(*handin.Config)) shop {
	t.Helper()
	fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
	client, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Commercial,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gate.Close(context.Background()) })
	c := handin.Config{
		Gate: gate, Account: func(r *http.Request) string { return r.Header.Get("X-Player") },
		Requirements: []core.Requirement{core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"))},
	}
	if change != nil {
		change(&c)
	}
	h, err := handin.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return shop{fake, gate, h}
}

func (s shop) send(method, path, player, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Player", player)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func (s shop) owned(t *testing.T, player string) string {
	t.Helper()
	w := s.send("GET", "/entitlements", player, "", "")
	var list struct {
		Entitlements []struct{ Name, Outcome, Product string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Entitlements) != 1 {
		t.Fatalf("entitlements: %d %s", w.Code, w.Body)
	}
	return list.Entitlements[0].Outcome
}

func TestAPurchaseHandedInOpensRoutesWithoutAToken(t *testing.T) {
	s := open(t, nil)
	token := s.fake.Buy(onestoretest.InApp("vip_forever"))
	if got := s.owned(t, "mina"); got != "denied" {
		t.Errorf("before: %s", got)
	}
	if w := s.send("POST", "/purchases", "mina", "application/json", `{"product":"vip_forever","token":"`+token+`"}`); w.Code != 200 {
		t.Fatalf("handed in: %d %s", w.Code, w.Body)
	}
	if got := s.owned(t, "mina"); got != "granted" {
		t.Errorf("afterwards: %s", got)
	}
	if got := s.owned(t, "mallory"); got != "denied" {
		t.Errorf("a stranger: %s", got)
	}
	if w := s.send("POST", "/purchases", "mallory", "application/json", `{"product":"vip_forever","token":"`+token+`"}`); w.Code != 403 || !strings.Contains(w.Body.String(), `"not_owned"`) {
		t.Errorf("a stranger hands it in: %d %s", w.Code, w.Body)
	}
}

func TestWhatIsRefusedRecordsNothing(t *testing.T) {
	good := `{"product":"vip_forever","token":"TOKEN"}`
	for _, test := range []struct {
		name, method, contentType, player, body string
		status, code                            int
	}{
		{"another method", "PUT", "application/json", "mina", good, 405, 2112},
		{"another content type", "POST", "text/plain", "mina", good, 415, 2111},
		{"no content type", "POST", "", "mina", good, 415, 2111},
		{"no JSON", "POST", "application/json", "mina", `product=vip`, 400, 1100},
		{"an empty body", "POST", "application/json", "mina", ``, 400, 1100},
		{"two objects", "POST", "application/json", "mina", good + good, 400, 1100},
		{"a member twice", "POST", "application/json", "mina", `{"product":"vip_monthly","token":"TOKEN","product":"vip_forever"}`, 400, 1100},
		{"a good body before 64 KiB of blanks", "POST", "application/json", "mina", good + strings.Repeat(" ", 64<<10), 400, 1100},
		{"an unknown member", "POST", "application/json", "mina", `{"product":"vip_forever","token":"TOKEN","free":true}`, 400, 1100},
		{"a product that no route asks for", "POST", "application/json", "mina", `{"product":"other","token":"TOKEN"}`, 400, 1100},
		{"no product", "POST", "application/json", "mina", `{"token":"TOKEN"}`, 400, 1100},
		{"a body of a mebibyte", "POST", "application/json", "mina", `{"product":"` + strings.Repeat("x", 1<<20) + `"}`, 400, 1100},
		{"a receipt where none is accepted", "POST", "application/json", "mina", `{"product":"vip_forever","token":"TOKEN","receipt":{"originalJson":"{}","signature":"x"}}`, 400, 1100},
		{"no token", "POST", "application/json", "mina", `{"product":"vip_forever"}`, 400, 1100},
		{"a malformed token", "POST", "application/json", "mina", `{"product":"vip_forever","token":"../x"}`, 400, 1100},
		{"no account", "POST", "application/json", "", good, 401, 101},
		{"the token of another product", "POST", "application/json", "mina", `{"product":"vip_monthly","token":"TOKEN"}`, 403, 112},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, nil)
			token := s.fake.Buy(onestoretest.InApp("vip_forever"))
			w := s.send(test.method, "/purchases", test.player, test.contentType, strings.ReplaceAll(test.body, "TOKEN", token))
			var problem struct{ IAP struct{ Code int } }
			if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != test.status || problem.IAP.Code != test.code {
				t.Errorf("got %d %s, want %d with code %d", w.Code, w.Body, test.status, test.code)
			}
			if strings.Contains(w.Body.String(), token) {
				t.Errorf("the answer quotes the token: %s", w.Body)
			}
			if got := s.owned(t, "mina"); got != "denied" {
				t.Errorf("afterwards: %s", got)
			}
		})
	}
}

// TestWhichProductIsMeantIsNotGuessed: one id can be a product of several kinds, but not one of two terms.
func TestWhichProductIsMeantIsNotGuessed(t *testing.T) {
	season, monthly := onestore.InApp("season"), onestore.Recurring("season")
	s := open(t, func(c *handin.Config) { c.Requirements = []core.Requirement{season, monthly} })
	token := s.fake.Buy(onestoretest.InApp("season"))
	for body, status := range map[string]int{
		`{"product":"season","token":"TOKEN"}`:                 400,
		`{"product":"season","kind":"auto","token":"TOKEN"}`:   403,
		`{"product":"season","kind":"inapp","token":"TOKEN"}`:  200,
		`{"product":"season","store":"other","token":"TOKEN"}`: 400,
	} {
		if w := s.send("POST", "/purchases", "mina", "application/json", strings.ReplaceAll(body, "TOKEN", token)); w.Code != status {
			t.Errorf("%s: got %d %s, want %d", body, w.Code, w.Body, status)
		}
	}
	_, err := handin.New(handin.Config{
		Gate: s.gate, Account: func(*http.Request) string { return "" }, Requirements: []core.Requirement{season, season.For(time.Hour)},
	})
	if err == nil || !strings.Contains(err.Error(), "Requirements[1]") || !strings.Contains(err.Error(), "another term") {
		t.Errorf("one product with two terms: %v", err)
	}
}

// TestAPanicOfTheGamesIsContained: nothing of its value is in the answer or the log.
func TestAPanicOfTheGamesIsContained(t *testing.T) {
	var log strings.Builder
	s := open(t, func(c *handin.Config) {
		c.Account = func(*http.Request) string { panic(errors.New("CANARY")) }
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	w := s.send("POST", "/purchases", "mina", "application/json", `{"product":"vip_forever","token":"t"}`)
	if w.Code != 503 || strings.Contains(w.Body.String()+log.String(), "CANARY") || !strings.Contains(log.String(), "*errors.errorString") {
		t.Errorf("got %d %s and the log\n%s", w.Code, w.Body, &log)
	}
}

func TestAReceiptHasToHoldAndToBeAboutThePurchase(t *testing.T) {
	verified := error(nil)
	s := open(t, func(c *handin.Config) {
		c.RequireReceipt = true
		c.VerifyReceipt = func(core.StoreID, string, string) error { return verified }
	})
	token := s.fake.Buy(onestoretest.InApp("vip_forever"))
	send := func(receipt string) int {
		return s.send("POST", "/purchases", "mina", "application/json", `{"product":"vip_forever","token":"`+token+`"`+receipt+`}`).Code
	}
	about := func(product, token string) string {
		original, _ := json.Marshal(`{"productId":"` + product + `","purchaseToken":"` + token + `"}`)
		return `,"receipt":{"originalJson":` + string(original) + `,"signature":"x"}`
	}
	if got := send(""); got != 400 {
		t.Errorf("without a receipt: %d", got)
	}
	if got := send(about("other", token)); got != 403 {
		t.Errorf("with another product's: %d", got)
	}
	if got := send(about("vip_forever", "other")); got != 403 {
		t.Errorf("with another token's: %d", got)
	}
	verified = onestore.ErrSignature
	if got := send(about("vip_forever", token)); got != 403 {
		t.Errorf("with a forged one: %d", got)
	}
	verified = nil
	if got := send(about("vip_forever", token)); got != 200 {
		t.Errorf("with its own: %d", got)
	}
}

func TestWhileTheStoreIsDownNothingIsRecorded(t *testing.T) {
	s := open(t, nil)
	token := s.fake.Buy(onestoretest.InApp("vip_forever"))
	s.fake.Down(true)
	if w := s.send("POST", "/purchases", "mina", "application/json", `{"product":"vip_forever","token":"`+token+`"}`); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	s.fake.Down(false)
	if got := s.owned(t, "mina"); got != "denied" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestAFaultyConfigurationIsReportedWhole(t *testing.T) {
	_, err := handin.New(handin.Config{RequireReceipt: true})
	if err == nil {
		t.Fatal("no error")
	}
	for _, field := range []string{"Gate", "Account", "Requirements", "VerifyReceipt"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

func TestAStoreThatTheGateDoesNotHaveIsFoundAtTheStart(t *testing.T) {
	account := func(*http.Request) string { return "mina" }
	for name, gate := range map[string]*core.Gate{"another store's": open(t, nil).gate, "not made": {}} {
		_, err := handin.New(handin.Config{Gate: gate, Account: account, Requirements: []core.Requirement{onestore.InApp("vip").On("onestore-kr")}})
		if err == nil || err.Error() != "handin: Config.Requirements[0] names onestore-kr/inapp/vip, whose store the gate does not have" {
			t.Errorf("a gate that is %s: %v", name, err)
		}
	}
}

func TestAHandlerThatWasNotMadeSaysSo(t *testing.T) {
	for name, h := range map[string]*handin.Handler{"nil": nil, "zero": {}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/entitlements", nil))
		if w.Code != 503 || !strings.Contains(w.Body.String(), `"store_misconfigured"`) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
