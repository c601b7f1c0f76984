package status_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/status"
)

func TestThePageForbidsTheBrowserWhatItDoesNotNeed(t *testing.T) {
	gate := open(t, core.Config{}, shop())
	page := newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{look}})
	for _, w := range []interface{ Header() http.Header }{
		send(page, http.MethodGet, "/", nil), send(page, http.MethodHead, "/", nil), send(page, http.MethodGet, "/?format=json", nil),
		send(page, http.MethodPost, "/", url.Values{"requirement": {"0"}}), send(page, http.MethodPost, "/", nil), send(page, http.MethodPut, "/", nil),
	} {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Vary": "Accept",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		has(t, policy, "default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'")
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") {
			t.Errorf("the policy allows %q", policy)
		}
	}
	w := send(page, http.MethodGet, "/", nil)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(w.Body.String())
	sum := sha256.Sum256([]byte(style[1]))
	has(t, w.Header().Get("Content-Security-Policy"), "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
}

func TestThePageNeedsNothingButItself(t *testing.T) {
	gate := open(t, core.Config{}, shop())
	page := newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{look}})
	gate.Check(t.Context(), look, by("alice", "skin-1"))
	text := html(t, send(page, http.MethodPost, "/ops/gate", url.Values{"requirement": {"0"}, "account": {"alice"}, "token": {"skin-1"}}))
	for _, no := range []string{"<script", "<img", "<link", "<iframe", "src=", "url(", "@import", "style=", "onclick", "http://", "https://"} {
		if strings.Contains(text, no) {
			t.Errorf("the page has %s", no)
		}
	}
	for _, link := range regexp.MustCompile(`(?:href|action)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(link[1], "?") {
			t.Errorf("the page leads to %s, which is not itself wherever it is mounted", link[1])
		}
	}
	if tables, captions := strings.Count(text, "<table"), strings.Count(text, "<caption"); tables == 0 || tables != captions {
		t.Errorf("%d tables have %d captions", tables, captions)
	}
	if headers, scopes := len(regexp.MustCompile(`<th[ >]`).FindAllString(text, -1)), strings.Count(text, `scope="`); headers != scopes {
		t.Errorf("%d headers have %d scopes", headers, scopes)
	}
	for _, id := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		for _, one := range strings.Fields(id[1]) {
			if strings.Count(text, ` id="`+one+`"`) != 1 {
				t.Errorf("the id %s is there %d times", one, strings.Count(text, ` id="`+one+`"`))
			}
		}
	}
}

func TestNothingThatIsShownIsMarkup(t *testing.T) {
	const evil = `<script>alert("1")</script>`
	product := core.Product{Store: "shop", Kind: core.KindInApp, ID: evil}
	gate := open(t, core.Config{}, shop())
	page := newPage(t, status.Config{Gate: gate, Title: evil, Requirements: []core.Requirement{product, core.Entitlement(evil, product)}})
	gate.Check(t.Context(), product, by(evil, "skin-1"))
	gate.Work(evil)
	for _, text := range []string{
		html(t, send(page, http.MethodGet, "/", nil)),
		html(t, send(page, http.MethodPost, "/", url.Values{"requirement": {"1"}, "account": {evil}, "token": {evil}, "ask": {"store"}})),
	} {
		if strings.Contains(text, "<script") {
			t.Fatalf("markup got through:\n%s", text)
		}
		has(t, text, "&lt;script&gt;")
	}
}

func TestWhatThePageAnswers(t *testing.T) {
	gate := open(t, core.Config{}, shop())
	page := newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{look}})
	form := url.Values{"requirement": {"0"}, "account": {"alice"}, "token": {"skin-1"}}
	for _, c := range []struct {
		name, method, target string
		form                 url.Values
		header               []string
		status               int
		kind, text           string
	}{
		{"a page", "GET", "/anything/at/all", nil, nil, 200, "text/html; charset=utf-8", "<h1>skugate</h1>"},
		{"only its head", "HEAD", "/", nil, nil, 200, "text/html; charset=utf-8", ""},
		{"a page to a browser", "GET", "/", nil, []string{"Accept", "text/html,application/json;q=0.9"}, 200, "text/html; charset=utf-8", "<h1>"},
		{"JSON to a program", "GET", "/", nil, []string{"Accept", "application/json"}, 200, "application/json", `"title": "skugate"`},
		{"a page that does not reload", "GET", "/", nil, nil, 200, "text/html; charset=utf-8", `<a href="?refresh=5">`},
		{"a page that reloads", "GET", "/?refresh=7", nil, nil, 200, "text/html; charset=utf-8", `<meta http-equiv="refresh" content="7">`},
		{"no page that reloads for ever", "GET", "/?refresh=0", nil, nil, 200, "text/html; charset=utf-8", `<a href="?refresh=5">`},
		{"no page that reloads once a day", "GET", "/?refresh=86400", nil, nil, 200, "text/html; charset=utf-8", `<a href="?refresh=5">`},
		{"no answer that reloads", "POST", "/?refresh=7", form, nil, 200, "text/html; charset=utf-8", `<a href="?refresh=5">`},
		{"an explanation", "POST", "/", form, nil, 200, "text/html; charset=utf-8", `would ask a store`},
		{"an explanation in JSON", "POST", "/", form, []string{"Accept", "application/json"}, 200, "application/json", `"reason": "not_asked"`},
		{"an explanation for the page's own form", "POST", "/", form, []string{"Origin", "http://example.com", "Sec-Fetch-Site", "same-origin"}, 200, "text/html; charset=utf-8", "would ask"},
		{"none for another site's", "POST", "/", form, []string{"Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"}, 403, "text/plain; charset=utf-8", "another site"},
		{"none for an old browser's other site", "POST", "/", form, []string{"Origin", "http://evil.example"}, 403, "text/plain; charset=utf-8", "another site"},
		{"nothing to be changed", "DELETE", "/", nil, nil, 405, "text/plain; charset=utf-8", "GET, HEAD and POST"},
		{"no form", "POST", "/", nil, nil, 400, "text/plain; charset=utf-8", "the field requirement"},
		{"a form in the address", "POST", "/?requirement=0", url.Values{"token": {"skin-1"}}, nil, 400, "text/plain; charset=utf-8", "the field requirement"},
		{"a requirement that is not there", "POST", "/", url.Values{"requirement": {"1"}}, nil, 400, "text/plain; charset=utf-8", "a number below 1"},
		{"a requirement below all", "POST", "/", url.Values{"requirement": {"-1"}}, nil, 400, "text/plain; charset=utf-8", "a number below 1"},
		{"an enormous form", "POST", "/", url.Values{"requirement": {"0"}, "token": {strings.Repeat("x", 17<<10)}}, nil, 413, "text/plain; charset=utf-8", "more than 16384 bytes"},
		{"half an escape", "POST", "/?%zz", nil, []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, "text/plain; charset=utf-8", "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := send(page, c.method, c.target, c.form, c.header...)
			if w.Code != c.status || w.Header().Get("Content-Type") != c.kind {
				t.Errorf("got %d, %s", w.Code, w.Header().Get("Content-Type"))
			}
			if has(t, w.Body.String(), c.text); c.text == "" && w.Body.Len() > 0 {
				t.Errorf("the body is %s", w.Body)
			}
			if c.status == 405 && w.Header().Get("Allow") != "GET, HEAD, POST" {
				t.Errorf("allowed is %q", w.Header().Get("Allow"))
			}
			if n := w.Header().Get("Content-Length"); c.status == 200 && (n == "" || n == "0") {
				t.Errorf("the length is %q", n)
			}
		})
	}
}

func TestAnAnswerNeverHoldsWhatTheFormHeld(t *testing.T) {
	const account, token = "player-8d6f2c51-77aa", "skin-6f1f5c0a9b8e7d6c5b4a"
	store := shop()
	store.Put(skin, &core.Purchase{Token: token, ID: "order-1234567890", State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Unacknowledged, Quantity: 1, PurchasedAt: time.Now().Add(-time.Hour)})
	gate := open(t, core.Config{}, store)
	page := newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{look}})
	ask := func(more ...string) {
		t.Helper()
		form := url.Values{"requirement": {"0"}, "account": {account}, "token": {token}}
		for _, m := range more {
			form.Set(m, map[string]string{"ask": "store", "token": ""}[m])
		}
		for _, accept := range []string{"text/html", "application/json"} {
			w := send(page, http.MethodPost, "/", form, "Accept", accept)
			var all bytes.Buffer
			_ = w.Header().Write(&all)
			all.Write(w.Body.Bytes())
			for _, secret := range []string{account, token, account[7:15], token[5:15], "order-1234567890"} {
				if strings.Contains(all.String(), secret) {
					t.Errorf("%q is in\n%s", secret, all.String())
				}
			}
		}
	}
	ask()
	ask("ask")
	gate.Check(t.Context(), look, by(account, token))
	ask()
	ask("token")
	if n := store.Calls(); n != 3 { // two to explain, one to check
		t.Errorf("the store was asked %d times", n)
	}
}

func TestAnExplanationIsToldInSteps(t *testing.T) {
	store := shop()
	gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: 1, Every: time.Hour}}, store)
	page := newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{look, hat}})
	ask := func(requirement, account, token string, more ...string) string {
		t.Helper()
		form := url.Values{"requirement": {requirement}, "account": {account}, "token": {token}}
		if more != nil {
			form.Set("ask", "store")
		}
		text := html(t, send(page, http.MethodPost, "/", form))
		return regexp.MustCompile(`\s+`).ReplaceAllString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " "), " ")
	}
	has(t, ask("0", "alice", "skin-1"), "undetermined not_asked", "Memory Nothing is known of it.", "Look-up A check would ask: shop/inapp/skin, shop/inapp/hat.", "1 more tokens")
	has(t, ask("0", "alice", "skin-1", "store"), "granted owned , from store", "would answer so now that the stores were asked", "It is about shop/inapp/skin")
	gate.Check(t.Context(), look, by("alice", "skin-1"))
	has(t, ask("0", "alice", "skin-1"), "granted owned , from memory", "Syntax shop could have issued it.", "and fresh", "Rule Granted: owned.", "It counts as the account’s, by memory", "reads “…”")
	has(t, ask("0", "bob", "skin-1"), "denied account_mismatch", "It is not the account’s: account_mismatch.")
	has(t, ask("1", "alice", "skin-1"), "denied token_product_mismatch", "The requirement does not ask for that product.")
	has(t, ask("0", "nobody", ""), "Tokens None was given")
	has(t, ask("0", "alice", strings.Repeat("x", 1100)), "denied invalid_token", "cannot have issued it: it has 1100 bytes")
	gate.Check(t.Context(), hat, by("alice", "none-1"))
	has(t, ask("1", "alice", "none-1"), "denied not_found", "said just now that it is no purchase of shop/inapp/hat", "no new one is looked up")
	if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}); err != nil {
		t.Fatal(err)
	}
	has(t, ask("0", "alice", "skin-1"), "The store took a payment back.")
	if err := gate.InvalidateToken(t.Context(), "shop", "skin-2"); err != nil {
		t.Fatal(err)
	}
	has(t, ask("0", "alice", "skin-2"), "Look-ups from before the last invalidation do not count.")
	if err := gate.SetMode(look, core.Shadow()); err != nil {
		t.Fatal(err)
	}
	has(t, ask("0", "alice", "skin-2"), "Mode Shadow: whatever the answer is, the request passes.")
	if err := gate.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := ask("0", "alice", "skin-2"); strings.Contains(text, "Budget") || !strings.Contains(text, "undetermined gate_closed") {
		t.Errorf("of a closed gate it says\n%s", text)
	}
}

// TestAReportThatCannotBeWrittenIsAnError: JSON has no years past 9999, and a Rule of the embedder's can.
func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	gate := open(t, core.Config{Rule: func(core.RuleInput) core.Verdict {
		return core.Verdict{Outcome: core.Granted, Reason: core.ReasonOwned, ExpiresAt: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}
	}}, shop())
	page := newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{skin}})
	w := send(page, http.MethodPost, "/", url.Values{"requirement": {"0"}, "account": {"alice"}, "token": {"skin-1"}, "ask": {"store"}}, "Accept", "application/json")
	if w.Code != http.StatusInternalServerError || json.Valid(w.Body.Bytes()) {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

func TestAPageIsSharedByManyReaders(t *testing.T) {
	gate := open(t, core.Config{}, shop())
	page := newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{look}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- page.Run(ctx) }()
	done := make(chan bool)
	for range 4 {
		go func() {
			for range 20 {
				gate.Check(ctx, look, by("alice", "skin-1"))
				send(page, http.MethodGet, "/", nil)
				send(page, http.MethodPost, "/", url.Values{"requirement": {"0"}, "account": {"alice"}, "token": {"skin-1"}, "ask": {"store"}})
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
	if r := report(t, page); r.Granted != 80 {
		t.Errorf("%d were granted", r.Granted)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
