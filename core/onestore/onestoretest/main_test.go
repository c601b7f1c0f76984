package onestoretest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const anyHost = "http://store.test"

// wire is a client made of plain requests.
type wire struct {
	t     testing.TB
	store *onestoretest.Store
	http  *http.Client
	base  string
}

// inProcess is a wire without sockets.
func inProcess(t testing.TB, cfg onestoretest.Config) *wire {
	s := onestoretest.New(cfg)
	return &wire{t, s, &http.Client{Transport: s.RoundTripper(), CheckRedirect: noRedirect}, anyHost}
}

// overTCP is a wire with sockets.
func overTCP(t testing.TB, cfg onestoretest.Config) *wire {
	s := onestoretest.Start(t, cfg)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &wire{t, s, &http.Client{Transport: transport, CheckRedirect: noRedirect}, s.URL()}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

type reply struct {
	status int
	header http.Header
	body   string
	err    error // of the call or of reading the body
}

func (r reply) code() string {
	var e struct {
		Error any
	}
	if json.Unmarshal([]byte(r.body), &e) != nil {
		return ""
	}
	switch v := e.Error.(type) {
	case string:
		return v
	case map[string]any:
		code, _ := v["code"].(string)
		return code
	}
	return ""
}

func (r reply) facts(t testing.TB) map[string]any {
	t.Helper()
	if r.err != nil || r.status != 200 {
		t.Fatalf("status %d, error %v, body %s", r.status, r.err, r.body)
	}
	var m map[string]any
	d := json.NewDecoder(strings.NewReader(r.body))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatalf("body %q: %v", r.body, err)
	}
	return m
}

func (w *wire) do(r *http.Request) reply {
	w.t.Helper()
	res, err := w.http.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(body), err}
}

func (w *wire) form() url.Values {
	return url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {w.store.ClientID()},
		"client_secret": {w.store.ClientSecret()},
	}
}

func (w *wire) tokenRequest(form string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "POST", w.base+"/v7/oauth/token", strings.NewReader(form))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
	return r
}

func (w *wire) accessToken() string {
	w.t.Helper()
	m := w.do(w.tokenRequest(w.form().Encode())).facts(w.t)
	token, _ := m["access_token"].(string)
	if token == "" {
		w.t.Fatalf("no access token in %v", m)
	}
	return token
}

// request is a well-formed request of the API.
func (w *wire) request(method, path, body string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	r.Header.Set("Authorization", "Bearer "+w.accessToken())
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("x-market-code", w.store.Market())
	return r
}

func (w *wire) lookup(token string) reply {
	w.t.Helper()
	return w.do(w.request("GET", w.store.LookupPath(token), ""))
}

func (w *wire) post(token, kind, verb, body string) reply {
	w.t.Helper()
	p, _ := w.store.Product(token)
	path := "/v7/apps/" + w.store.ClientID() + "/purchases/" + kind + "/products/" + url.PathEscape(p.ID) + "/" + token + "/" + verb
	return w.do(w.request("POST", path, body))
}

// recorder is a TB that remembers.
type recorder struct {
	errors   []string
	cleanups []func()
}

func (r *recorder) Helper()                   {}
func (r *recorder) Cleanup(f func())          { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Fatalf(string, ...any)     { panic("Fatalf") }
func (r *recorder) Errorf(f string, _ ...any) { r.errors = append(r.errors, f) }
func (r *recorder) finish() {
	for _, f := range r.cleanups {
		f()
	}
}
