package googleplaytest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	anyHost = "http://store.test"
	apps    = "/androidpublisher/v3/applications/com.example.game/purchases/"
)

// start is the time of stores whose clock stands still.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func frozen() time.Time { return start }

// wire is a client made of plain requests.
type wire struct {
	t     testing.TB
	store *googleplaytest.Store
	http  *http.Client
	base  string
}

// inProcess is a wire without sockets.
func inProcess(t testing.TB, cfg googleplaytest.Config) *wire {
	s := googleplaytest.New(cfg)
	return &wire{t, s, &http.Client{Transport: s.RoundTripper(), CheckRedirect: noRedirect}, anyHost}
}

// overTCP is a wire with sockets.
func overTCP(t testing.TB, cfg googleplaytest.Config) *wire {
	s := googleplaytest.Start(t, cfg)
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

// reason is the reason of the first error, or RFC 6749's error.
func (r reply) reason() string {
	var e struct{ Error json.RawMessage }
	if json.Unmarshal([]byte(r.body), &e) != nil {
		return ""
	}
	var text string
	if json.Unmarshal(e.Error, &text) == nil {
		return text
	}
	var api struct {
		Code   int
		Errors []struct{ Reason string }
	}
	if json.Unmarshal(e.Error, &api) != nil || len(api.Errors) != 1 || api.Code != r.status {
		return ""
	}
	return api.Errors[0].Reason
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

// account is what a key file says.
type account struct {
	Email    string `json:"client_email"`
	KeyID    string `json:"private_key_id"`
	Private  string `json:"private_key"`
	TokenURI string `json:"token_uri"`
}

func (w *wire) account() account {
	w.t.Helper()
	var a account
	if err := json.Unmarshal(w.store.ServiceAccountKey(), &a); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// claims are those of a good assertion, with changes; a nil removes one.
func (w *wire) claims(change map[string]any) map[string]any {
	a, now := w.account(), time.Now().Unix()
	c := map[string]any{"iss": a.Email, "scope": "https://www.googleapis.com/auth/androidpublisher", "aud": a.TokenURI, "iat": now, "exp": now + 3600}
	for name, v := range change {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

// sign makes an assertion of a header and claims.
func (w *wire) sign(header, claims map[string]any) string {
	w.t.Helper()
	block, _ := pem.Decode([]byte(w.account().Private))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		w.t.Fatal(err)
	}
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			w.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(header) + "." + part(claims)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, digest[:])
	if err != nil {
		w.t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (w *wire) header() map[string]any {
	return map[string]any{"alg": "RS256", "typ": "JWT", "kid": w.account().KeyID}
}

func (w *wire) form(assertion string) url.Values {
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
}

func (w *wire) tokenRequest(form url.Values) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "POST", w.base+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (w *wire) accessToken() string {
	w.t.Helper()
	m := w.do(w.tokenRequest(w.form(w.sign(w.header(), w.claims(nil))))).facts(w.t)
	token, _ := m["access_token"].(string)
	if token == "" || m["token_type"] != "Bearer" {
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
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+w.accessToken())
	return r
}

func (w *wire) lookup(token string) reply {
	w.t.Helper()
	return w.do(w.request("GET", w.store.LookupPath(token), ""))
}

func (w *wire) post(token, verb, body string) reply {
	w.t.Helper()
	p, _ := w.store.Product(token)
	kind := "products/"
	if p.Kind == googleplaytest.KindSubscription {
		kind = "subscriptions/"
	}
	return w.do(w.request("POST", apps+kind+p.ID+"/tokens/"+token+":"+verb, body))
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
