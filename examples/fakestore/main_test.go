package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a fakestore that serves until the test ends.
type running struct {
	t    *testing.T
	http *http.Client
	env  map[string]string
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-listen", "127.0.0.1:0", "-control", "127.0.0.1:0"}, args...), in, io.Discard)
		in.Close()
		ended <- err
	}()
	transport := &http.Transport{DisableKeepAlives: true} // a kept connection that breaks is tried again
	r := &running{t, &http.Client{Transport: transport}, map[string]string{}}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	lines, printed := bufio.NewScanner(out), 7
	if slices.Contains(args, "-play") {
		printed += 3
	}
	for len(r.env) < printed && lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		r.env[name] = value
	}
	if r.env["ONESTORE_BASE_URL"] == "" || r.env["FAKESTORE_CONTROL_URL"] == "" {
		t.Fatalf("printed %v", r.env)
	}
	return r
}

func (r *running) do(method, address, body string, header ...string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := r.http.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(text)
}

// control asks for a verb, which has to succeed.
func (r *running) control(verb, body string) map[string]any {
	r.t.Helper()
	method := "POST"
	if body == "" {
		method = "GET"
	}
	status, text := r.do(method, r.env["FAKESTORE_CONTROL_URL"]+"/"+verb, body)
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil || status != 200 {
		r.t.Fatalf("%s %s: %d %s", verb, body, status, text)
	}
	return m
}

// api asks the store as a game server would, with an access token of its own.
func (r *running) api(method, path string) (int, string) {
	r.t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"},
		"client_id":  {r.env["ONESTORE_CLIENT_ID"]}, "client_secret": {r.env["ONESTORE_CLIENT_SECRET"]},
	}
	_, text := r.do("POST", r.env["ONESTORE_BASE_URL"]+"/v7/oauth/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	var access struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &access); err != nil || access.Token == "" {
		r.t.Fatalf("access token: %s", text)
	}
	return r.do(method, r.env["ONESTORE_BASE_URL"]+path, "", "Authorization", "Bearer "+access.Token,
		"Content-Type", "application/json", "x-market-code", r.env["ONESTORE_MARKET"])
}

func TestAStory(t *testing.T) {
	r := start(t, "-gentle", "-environment", "commercial")
	bought := r.control("buy", `{"kind":"subscription","product":"vip_monthly","label":"player-1","period":"720h"}`)
	token, path := bought["purchaseToken"].(string), bought["path"].(string)
	want := func(what string, status int, contains string) {
		t.Helper()
		if got, body := r.api("GET", path); got != status || !strings.Contains(body, contains) {
			t.Errorf("%s: %d %s", what, got, body)
		}
	}
	named := fmt.Sprintf(`{"purchaseToken":%q}`, token)

	want("bought", 200, `"developerPayload":"player-1"`)
	r.control("acknowledge", named)
	want("acknowledged", 200, `"acknowledgementState":1`)
	r.control("fail-payment", named)
	r.control("advance", `{"by":"721h"}`)
	want("in the grace period", 200, `"paymentState":0`)
	r.control("renew", named)
	want("renewed", 200, `"paymentState":1`)
	r.control("pause", fmt.Sprintf(`{"purchaseToken":%q,"for":"24h"}`, token))
	want("paused", 200, `"pauseStartTimeMillis":1`)
	r.control("resume", named)
	r.control("cancel", named)
	want("cancelled", 200, `"autoRenewing":false`)
	r.control("reactivate", named)
	want("reactivated", 200, `"autoRenewing":true`)

	r.control("fail", `{"effect":"maintenance","retryAfter":"2","op":"getSubscriptionDetail","times":1}`)
	want("in maintenance", 503, "ServiceMaintenance")
	want("after it", 200, `"autoRenewing":true`)
	r.control("down", "{}")
	if status, _ := r.do("GET", r.env["ONESTORE_BASE_URL"]+path, ""); status != 503 {
		t.Errorf("down: %d", status)
	}
	r.control("up", "{}")

	paid := r.control("facts?purchaseToken="+token, "")["payments"].([]any)
	if len(paid) != 3 {
		t.Fatalf("payments %v", paid)
	}
	r.control("refund", fmt.Sprintf(`{"purchaseToken":%q,"purchaseId":%q}`, token, paid[0].(map[string]any)["purchaseId"]))
	want("an earlier payment refunded", 200, `"autoRenewing":true`)
	r.control("refund", named)
	if status, body := r.api("GET", "/v7/apps/"+r.env["ONESTORE_CLIENT_ID"]+"/voided-purchases"); status != 200 || !strings.Contains(body, token) {
		t.Errorf("voided: %d %s", status, body)
	}
	gems := r.control("buy", `{"kind":"inapp","product":"gems","quantity":3}`)["purchaseToken"].(string)
	if got := r.control("consume", fmt.Sprintf(`{"purchaseToken":%q}`, gems)); got["consumed"] != true {
		t.Errorf("consumed: %v", got)
	}
	if all := r.control("purchases", "")["purchases"].([]any); len(all) != 2 {
		t.Errorf("purchases %v", all)
	}
	tally := r.control("counts", "")
	if n := tally["counts"].(map[string]any)["getSubscriptionDetail"]; n != float64(11) || tally["malformed"] != float64(1) {
		t.Errorf("counts %v", tally) // the request during the downtime had no headers
	}
	if log := r.control("requests", "")["requests"].([]any); log[1].(map[string]any)["op"] != "getSubscriptionDetail" {
		t.Errorf("requests %v", log[1])
	}
	r.control("reset", "{}")
	if all := r.control("purchases", "")["purchases"].([]any); len(all) != 0 {
		t.Errorf("after a reset: %v", all)
	}
}

// Each effect can be scripted, and meets the next request.
func TestEveryEffect(t *testing.T) {
	r := start(t, "-gentle", "-market", "MKT_ONE")
	bought := r.control("buy", `{"kind":"inapp","product":"gold"}`)
	path := bought["path"].(string)
	list := "/v7/apps/" + r.env["ONESTORE_CLIENT_ID"] + "/unconfirmed-purchases"
	tests := []struct {
		effect string // the members of the fault
		path   string
		status int // 0: the connection breaks
		body   string
	}{
		{`"effect":"none","delay":"1ms"`, path, 200, `"quantity":1`},
		{`"effect":"reset"`, path, 0, ""},
		{`"effect":"lose-answer"`, path, 0, ""},
		{`"effect":"truncated","bytes":3`, path, 0, "unexpected EOF"},
		{`"effect":"reset-after","bytes":3`, path, 0, ""},
		{`"effect":"error","code":"AccessBlocked"`, path, 403, "AccessBlocked"},
		{`"effect":"oauth-error","code":"invalid_client"`, path, 401, "invalid_client"},
		{`"effect":"html"`, path, 404, "<h1>Not Found</h1>"},
		{`"effect":"html","status":502`, path, 502, "<h1>Bad Gateway</h1>"},
		{`"effect":"empty"`, path, 200, ""},
		{`"effect":"empty","status":204`, path, 204, ""},
		{`"effect":"oversize","bytes":1000`, path, 200, strings.Repeat(" ", 1000)},
		{`"effect":"maintenance"`, path, 503, "ServiceMaintenance"},
		{`"effect":"redirect","status":307,"location":"/nowhere"`, path, 404, "ResourceNotFound"},
		{`"effect":"redirect","location":"/nowhere"`, path, 404, "ResourceNotFound"},
		{`"effect":"answer","status":429,"header":{"Retry-After":"1"},"body":"slow down"`, path, 429, "slow down"},
		{`"effect":"append","body":"}"`, path, 200, "}}"},
		{`"effect":"drip","bytes":50,"interval":"1ms"`, path, 200, `"quantity":1`},
		{`"effect":"drip","bytes":90`, path, 200, `"quantity":1`},
		{`"effect":"empty-page"`, list, 200, `{"continuationKey":"`},
		{`"effect":"endless-keys"`, list, 200, `{"continuationKey":"`},
		{`"effect":"cycle-keys","keys":2`, list, 200, `{"continuationKey":"`},
	}
	seen := map[string]bool{"hang": true}
	for _, tt := range tests {
		t.Run(tt.effect, func(t *testing.T) {
			op := "getPurchaseDetails"
			if tt.path == list {
				op = "getUnconfirmedPurchases"
			}
			r.control("fail", fmt.Sprintf(`{%s,"op":%q,"times":1}`, tt.effect, op))
			if status, body := r.api("GET", tt.path); status != tt.status || !strings.Contains(body, tt.body) {
				t.Errorf("got %d %s", status, body)
			}
			r.control("clear", "{}")
		})
		seen[strings.Split(tt.effect, `"`)[3]] = true
	}
	for name := range effects() {
		if !seen[name] {
			t.Errorf("%s is not tried", name)
		}
	}
	t.Run("hang", func(t *testing.T) {
		r.control("fail", fmt.Sprintf(`{"effect":"hang","purchaseToken":%q}`, bought["purchaseToken"]))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", r.env["ONESTORE_BASE_URL"]+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := r.http.Do(req); err == nil {
			res.Body.Close()
			t.Errorf("got %d", res.StatusCode)
		}
	})
}

func TestEveryPurchaseVerb(t *testing.T) {
	r := start(t, "-gentle")
	for verb := range purchaseVerbs() {
		if verb == "buy" {
			continue
		}
		t.Run(verb, func(t *testing.T) {
			product := `"kind":"subscription","product":"vip"`
			if verb == "consume" {
				product = `"kind":"inapp","product":"gold"`
			}
			token := r.control("buy", `{`+product+`,"test":true}`)["purchaseToken"]
			named := fmt.Sprintf(`{"purchaseToken":%q`, token)
			more := map[string]string{
				"pause": `,"for":"1h","atExpiry":true`, "defer": `,"by":"1h"`, "change-plan": `,"product":"gold","price":1,"freePeriod":"1m"`,
			}[verb]
			switch verb {
			case "reactivate":
				r.control("cancel", named+"}")
			case "resume":
				r.control("pause", named+`,"for":"1h"}`)
			}
			got := r.control(verb, named+more+"}")
			if got["facts"] == nil || (got["purchaseToken"] == token) == (verb == "change-plan") {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	r := start(t)
	token := r.control("buy", `{"kind":"inapp","product":"gold"}`)["purchaseToken"].(string)
	tests := []struct {
		name         string
		method, verb string
		body         string
		status       int
		says         string
	}{
		{"an unknown verb", "POST", "explode", "{}", 404, "there is no such verb"},
		{"a verb below a verb", "POST", "buy/now", "{}", 404, "there is no such verb"},
		{"the wrong method", "GET", "buy", "", 405, "the method is POST"},
		{"the other wrong method", "POST", "counts", "{}", 405, "the method is GET"},
		{"a method on the overview", "DELETE", "", "", 405, "the method is GET"},
		{"no JSON", "POST", "buy", "kind=inapp", 400, "not a JSON object"},
		{"a list", "POST", "buy", "[]", 400, "not a JSON object: it is array"},
		{"two objects", "POST", "buy", `{"kind":"inapp","product":"gold"}{}`, 400, "goes on"},
		{"an unknown field", "POST", "buy", `{"kind":"inapp","id":"gold"}`, 400, "id: unknown field: there are kind, product, label,"},
		{"a field where there are none", "POST", "clear", `{"x":1}`, 400, "x: unknown field: there are none"},
		{"a text for a number", "POST", "buy", `{"quantity":"3"}`, 400, "quantity: has to be int, is string"},
		{"a number for a duration", "POST", "advance", `{"by":72}`, 400, "by: is no duration"},
		{"a duration without a unit", "POST", "advance", `{"by":"72"}`, 400, "by: is no duration"},
		{"no duration", "POST", "advance", "", 400, "by: is missing"},
		{"a later field without a unit", "POST", "buy", `{"kind":"auto","product":"x","period":"5"}`, 400, "period: is no duration"},
		{"two years", "POST", "advance", `{"by":"17520h"}`, 400, "at most a year"},
		{"a period of no length", "POST", "buy", `{"kind":"auto","product":"x","period":"1ms"}`, 400, "period: is at least 1s"},
		{"an unknown kind", "POST", "buy", `{"kind":"monthly","product":"x"}`, 400, "kind: is inapp, auto or subscription"},
		{"no product", "POST", "buy", `{"kind":"inapp"}`, 400, "a product id has 1 to 150 bytes"},
		{"too many", "POST", "buy", `{"kind":"inapp","product":"x","quantity":100}`, 400, "quantity: is 1 to 99"},
		{"a negative price", "POST", "change-plan", `{"product":"x","price":-1}`, 400, "price: is 0 to"},
		{"a long label", "POST", "buy", `{"kind":"inapp","product":"x","label":"` + strings.Repeat("x", 201) + `"}`, 400, "at most 200 characters"},
		{"no token", "POST", "refund", `{}`, 400, "purchaseToken: is missing"},
		{"an unknown token", "POST", "refund", `{"purchaseToken":"x"}`, 400, "purchaseToken: the store never gave that one out"},
		{"an unknown payment", "POST", "refund", `{"purchaseToken":"` + token + `","purchaseId":"x"}`, 400, "no such payment"},
		{"what the kind does not have", "POST", "revoke", `{"purchaseToken":"` + token + `"}`, 400, "that is not a subscription"},
		{"an unknown effect", "POST", "fail", `{"effect":"explode"}`, 400, "effect: is answer, append,"},
		{"no effect", "POST", "fail", `{}`, 400, "effect: is answer, append,"},
		{"no fault at all", "POST", "fail", ``, 400, "not a JSON object"},
		{"a field of another effect", "POST", "fail", `{"effect":"hang","status":500}`, 400, "status: unknown field: there are effect, op,"},
		{"an unknown code", "POST", "fail", `{"effect":"error","code":"Nope"}`, 400, "Nope is no standard error code"},
		{"no code", "POST", "fail", `{"effect":"error"}`, 400, "code: is missing"},
		{"an unknown endpoint", "POST", "fail", `{"effect":"hang","op":"getEverything"}`, 400, "op: there is no such endpoint"},
		{"a fault for an unknown token", "POST", "fail", `{"effect":"hang","purchaseToken":"x"}`, 400, "purchaseToken: the store never gave"},
		{"negative times", "POST", "fail", `{"effect":"hang","times":-1}`, 400, "times: is not negative"},
		{"a negative every", "POST", "fail", `{"effect":"hang","every":-1}`, 400, "every: is not negative"},
		{"a negative delay", "POST", "fail", `{"effect":"hang","delay":"-1s"}`, 400, "delay: is not negative"},
		{"a status that is none", "POST", "fail", `{"effect":"answer","status":99}`, 400, "status: is 200 to 599"},
		{"an empty status", "POST", "fail", `{"effect":"empty","status":600}`, 400, "status: is 200 to 599"},
		{"a redirect that is none", "POST", "fail", `{"effect":"redirect","status":200,"location":"/"}`, 400, "status: is 300 to 399"},
		{"a redirect to nowhere", "POST", "fail", `{"effect":"redirect"}`, 400, "location: is missing"},
		{"negative bytes", "POST", "fail", `{"effect":"truncated","bytes":-1}`, 400, "bytes: is 0 to 1 GiB"},
		{"a drip of negative bytes", "POST", "fail", `{"effect":"drip","bytes":-1}`, 400, "bytes: is 1 to 1 GiB"},
		{"a drip back in time", "POST", "fail", `{"effect":"drip","interval":"-1s"}`, 400, "interval: is not negative"},
		{"nothing to append", "POST", "fail", `{"effect":"append"}`, 400, "body: is missing"},
		{"too many keys", "POST", "fail", `{"effect":"cycle-keys","keys":1001}`, 400, "keys: is 1 to 1000"},
		{"a query on a command", "POST", "clear?x=1", "", 400, "takes no query"},
		{"an unknown query", "GET", "counts?x=1", "", 400, "x: unknown field: there are none"},
		{"a token twice", "GET", "facts?purchaseToken=a&purchaseToken=b", "", 400, "purchaseToken: is given twice"},
		{"more than 1 MiB", "POST", "buy", strings.Repeat(" ", 1<<20+1), 400, "longer than 1 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, text := r.do(tt.method, r.env["FAKESTORE_CONTROL_URL"]+"/"+tt.verb, tt.body)
			var e struct {
				Error struct{ Verb, Message string }
			}
			if err := json.Unmarshal([]byte(text), &e); err != nil || status != tt.status || !strings.Contains(e.Error.Message, tt.says) {
				t.Errorf("got %d %s", status, text)
			}
			if verb, _, _ := strings.Cut(tt.verb, "?"); e.Error.Verb != verb {
				t.Errorf("names the verb %q", e.Error.Verb)
			}
			if strings.Contains(text, "terms") || strings.Contains(text, "struct") {
				t.Errorf("says how it is written in Go: %s", text)
			}
		})
	}
}

func TestBadCommandLines(t *testing.T) {
	tests := []struct {
		name string
		args string
		says []string
	}{
		{"everything at once", "-market MKT_GLC -environment prod -page-size 101 -access-token-life -1s -dialects klingon rest",
			[]string{"MKT_GLC", "prod", "1 to 100", "positive", "klingon", "rest"}},
		{"an unknown flag", "-colour red", []string{"colour"}},
		{"an address of the world", "-listen 0.0.0.0:0", []string{"-listen", "not a loopback address"}},
		{"a control of the world", "-listen 127.0.0.1:0 -control :0", []string{"-control", "not a loopback address"}},
		{"no address", "-listen nowhere", []string{"-listen"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := run(t.Context(), strings.Fields(tt.args), io.Discard, io.Discard)
			for _, text := range tt.says {
				if err == nil || !strings.Contains(err.Error(), text) {
					t.Errorf("error %v does not name %q", err, text)
				}
			}
		})
	}
	if err := run(t.Context(), []string{"-h"}, io.Discard, io.Discard); err != nil {
		t.Errorf("-h: %v", err)
	}
}

func TestFlagsReachTheStore(t *testing.T) {
	r := start(t, "-client-id", "com.game", "-client-secret", "s3", "-market", "MKT_ONE", "-dialects", "state-word, list-key-blank", "-seed", "7", "-page-size", "1")
	if r.env["ONESTORE_CLIENT_ID"] != "com.game" || r.env["ONESTORE_CLIENT_SECRET"] != "s3" || r.env["ONESTORE_MARKET"] != "MKT_ONE" {
		t.Errorf("printed %v", r.env)
	}
	r.control("buy", `{"kind":"inapp","product":"gold"}`)
	if _, body := r.api("GET", "/v7/apps/com.game/unconfirmed-purchases"); !strings.Contains(body, `"unconfirmedPurchaseList ":`) || !strings.Contains(body, "COMPLETED") {
		t.Errorf("got %s", body)
	}
}

// The curl lines of the command's own documentation do what they say, in their order.
func TestTheDocumentedLines(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, "-play", "127.0.0.1:0")
	lines := regexp.MustCompile(`//\tcurl (?:-d '(.*)' )?(-X POST )?'?http://127\.0\.0\.1:8071/([^'\s]*)`).FindAllStringSubmatch(string(source), -1)
	if want := strings.Count(string(source), "//\tcurl "); len(lines) != want || want < 10 {
		t.Fatalf("understood %d of %d lines", len(lines), want)
	}
	for _, line := range lines {
		method := "GET"
		if line[1] != "" || line[2] != "" {
			method = "POST"
		}
		if status, body := r.do(method, r.env["FAKESTORE_CONTROL_URL"]+"/"+line[3], line[1]); status != 200 {
			t.Errorf("%s: %d %s", line[0], status, body)
		}
	}
}
