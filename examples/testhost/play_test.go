package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/oauth2/jwt"

	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// trusting serves a Google Play whose token endpoint takes any assertion, as a fake in another language may.
func trusting(t *testing.T, fake *googleplaytest.Store) (url string) {
	var key map[string]string
	if err := json.Unmarshal(fake.ServiceAccountKey(), &key); err != nil {
		t.Fatal(err)
	}
	account := jwt.Config{
		Email: key["client_email"], PrivateKey: []byte(key["private_key"]), PrivateKeyID: key["private_key_id"],
		TokenURL: key["token_uri"], Scopes: []string{googleplay.Scope},
	}
	mux := http.NewServeMux()
	mux.Handle("/", fake)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		token, err := account.TokenSource(r.Context()).Token()
		if r.FormValue("assertion") == "" || err != nil {
			http.Error(w, "no assertion", http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token.AccessToken, "token_type": "Bearer", "expires_in": 3599})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestTheRoutesOfGooglePlayOnEveryAdapter(t *testing.T) {
	for adapter := range servers {
		t.Run(adapter, func(t *testing.T) {
			a := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial})
			b := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial, ClientID: "0000099999"})
			fake := googleplaytest.Start(t, googleplaytest.Config{PackageName: "com.example.other"})
			file := filepath.Join(t.TempDir(), "key.json")
			if err := os.WriteFile(file, fake.ServiceAccountKey(), 0o600); err != nil {
				t.Fatal(err)
			}
			byDefault := googleplaytest.Start(t, googleplaytest.Config{})
			for name, p := range map[string]struct {
				fake  *googleplaytest.Store
				flags []string
			}{
				"with the key of its account": {fake, []string{"-play", fake.URL(), "-play-key", file, "-play-package", "com.example.other"}},
				"with the URL alone":          {byDefault, []string{"-play", trusting(t, byDefault)}},
			} {
				t.Run(name, func(t *testing.T) {
					base := start(t, adapter, a, b, p.flags...)
					mine := googleplaytest.Label("mina")
					skin, vip := p.fake.Buy(googleplaytest.InApp("skin"), mine), p.fake.Buy(googleplaytest.InApp("vip_play"), mine)
					gone := p.fake.Buy(googleplaytest.InApp("skin"), mine)
					p.fake.Refund(gone)
					theirs := p.fake.Buy(googleplaytest.InApp("skin"), googleplaytest.Label("mallory"))
					pass := a.Buy(onestoretest.Recurring("pass"), onestoretest.Label("mina"))
					for _, test := range []struct {
						path, token string
						status      int
						body        string
					}{
						{"/play/skin", skin, 200, "PREMIUM"},
						{"/play/skin", skin, 200, "PREMIUM"},
						{"/play/skin", vip, 403, "{"},
						{"/play/skin", gone, 403, "{"},
						{"/play/skin", theirs, 403, "{"},
						{"/play/skin", "nobody", 403, "{"},
						{"/any", vip, 200, "PREMIUM"},
						{"/any", pass, 200, "PREMIUM"},
						{"/any", skin, 403, "{"},
						{"/runs", "", 200, "4"},
					} {
						req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+test.path, nil)
						if err != nil {
							t.Fatal(err)
						}
						req.Header.Set(accountHeader, "mina")
						req.Header.Set(tokenHeader, test.token)
						if resp, body := answer(t, req); resp.StatusCode != test.status || !strings.HasPrefix(body, test.body) {
							t.Errorf("GET %s: %d %.300q, want %d %q", test.path, resp.StatusCode, body, test.status, test.body)
						}
					}
				})
			}
		})
	}
}

func TestWithoutGooglePlayItsRouteDoesNotExist(t *testing.T) {
	a := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial})
	base := start(t, "nethttp", a, a)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/play/skin", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ := answer(t, req); resp.StatusCode != http.StatusNotFound {
		t.Errorf("got %s", resp.Status)
	}
}

func TestAPlayKeyThatIsNoneIsAnError(t *testing.T) {
	for name, file := range map[string]string{"that is not there": filepath.Join(t.TempDir(), "none"), "that is a directory": t.TempDir()} {
		o, err := parse([]string{"-store", "http://127.0.0.1:1", "-client-id", "1", "-client-secret", "s", "-market", "MKT_GLB", "-play", "http://127.0.0.1:1", "-play-key", file})
		if err != nil {
			t.Fatal(err)
		}
		if gate, err := newGate(o, nil, nil); err == nil || gate != nil {
			t.Errorf("a key file %s: %v", name, err)
		}
	}
}
