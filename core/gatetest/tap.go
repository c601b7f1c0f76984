package gatetest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// standIn answers a request in the market's place.
type standIn func(r *http.Request, market func() (*http.Response, error)) (*http.Response, error)

// tap stands between a client and its market, sees what is sent and may answer in the market's place.
type tap struct {
	market http.RoundTripper

	mu       sync.Mutex // not held across an answer
	sent     []*http.Request
	secrets  []string
	token    string // what a look-up carries
	lookups  int
	instead  standIn
	whatever bool // instead answers everything, not look-ups alone
}

var _ http.RoundTripper = (*tap)(nil)

// RoundTrip implements http.RoundTripper.
func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	ask := r.Clone(r.Context())
	ask.Body = io.NopCloser(bytes.NewReader(body))
	market := func() (*http.Response, error) { return t.market.RoundTrip(ask) }

	t.mu.Lock()
	t.sent = append(t.sent, r)
	if _, secret, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		t.secrets = append(t.secrets, secret)
	}
	instead := t.instead
	switch {
	case t.token != "" && carries(r, body, t.token):
		t.lookups++
	case !t.whatever:
		instead = nil
	}
	t.mu.Unlock()
	if instead == nil {
		return market()
	}
	return instead(r, market)
}

// readBody takes the request's body, as a transport does.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// carries tells whether a request is about the token, wherever the protocol has it.
func carries(r *http.Request, body []byte, token string) bool {
	target, err := url.PathUnescape(r.URL.RequestURI())
	return err == nil && strings.Contains(target, token) || bytes.Contains(body, []byte(token)) ||
		bytes.Contains(body, []byte(url.QueryEscape(token)))
}

// watch makes requests that carry token look-ups. With an instead they are answered by it.
func (t *tap) watch(token string, instead standIn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.instead, t.lookups = token, instead, 0
}

// answerAll makes instead answer every request.
func (t *tap) answerAll(instead standIn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.instead, t.whatever = instead, true
}

// seen returns what was sent so far, and how many look-ups since the last watch.
func (t *tap) seen() (sent []*http.Request, lookups int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]*http.Request(nil), t.sent...), t.lookups
}

// learned are the secrets that requests carried.
func (t *tap) learned() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.secrets...)
}
