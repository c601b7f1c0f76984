package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// start serves the game with a framework, in front of two stores.
func start(t *testing.T, adapter string, a, b *onestoretest.Store, flags ...string) (base string) {
	o, err := parse(append(flags, "-adapter", adapter,
		"-store", a.URL(), "-client-id", a.ClientID(), "-client-secret", a.ClientSecret(), "-market", a.Market(),
		"-b-store", b.URL(), "-b-client-id", b.ClientID(), "-b-client-secret", b.ClientSecret(), "-b-market", b.Market()))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	gate, err := newGate(o, nil, log)
	if err != nil {
		t.Fatal(err)
	}
	notifications, err := receiver(gate, nil, o, log)
	if err != nil {
		t.Fatal(err)
	}
	g := &game{}
	counted, err := metrics(gate)
	if err != nil {
		t.Fatal(err)
	}
	s := servers[adapter](gate, routes(o), endpoints(gate, g, notifications, counted), g, log)
	if err := gate.Validate(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.stop(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := gate.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

func TestEveryRouteOnEveryAdapter(t *testing.T) {
	for adapter := range servers {
		t.Run(adapter, func(t *testing.T) {
			a := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial})
			b := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial, ClientID: "0000099999", Market: onestoretest.MarketKorea})
			base := start(t, adapter, a, b)
			mine := onestoretest.Label("mina")
			vip, skin, pass := a.Buy(onestoretest.Subscription("vip"), mine), a.Buy(onestoretest.InApp("skin"), mine), a.Buy(onestoretest.Recurring("pass"), mine)
			gold, ofB := a.Buy(onestoretest.InApp("gold"), mine), b.Buy(onestoretest.Subscription("vip"), mine)

			for _, test := range []struct {
				method, path, header, token string
				status                      int
				body                        string // its beginning
			}{
				{"GET", "/inapp/gold", tokenHeader, gold, 200, "PREMIUM"},
				{"GET", "/inapp/skin", tokenHeader, skin, 200, "PREMIUM"},
				{"GET", "/inapp/skin", tokenHeader, gold, 403, "{"},
				{"GET", "/auto/pass", tokenHeader, pass, 200, "PREMIUM"},
				{"GET", "/sub/vip", tokenHeader, vip, 200, "PREMIUM"},
				{"GET", "/any", tokenHeader, vip, 200, "PREMIUM"},
				{"GET", "/any", tokenHeader, pass, 200, "PREMIUM"},
				{"GET", "/all", tokensHeader, vip + ", " + skin, 200, "PREMIUM"},
				{"GET", "/all", tokensHeader, vip, 403, "{"},
				{"GET", "/b/sub/vip", tokenHeader, ofB, 200, "PREMIUM"},
				{"GET", "/b/sub/vip", tokenHeader, vip, 403, "{"},
				{"GET", "/open", tokenHeader, vip, 200, "PREMIUM"},
				{"GET", "/open", tokenHeader, "nobody", 200, "FREE"},
				{"GET", "/free", tokenHeader, "", 200, "FREE"},
				{"GET", "/panic", tokenHeader, vip, 500, ""},
				{"GET", "/runs", tokenHeader, "", 200, "10"},
				{"GET", "/healthz", tokenHeader, "", 200, "ok"},
				{"GET", "/metrics", tokenHeader, "", 200, "# HELP "},
				{"POST", "/notify", tokenHeader, "", 501, "-licence-key is not given"},
				{"POST", "/notify/0123456789abcdef", tokenHeader, "", 501, "-notify-secret is not given"},
				{"POST", "/invalidate", tokenHeader, "", 400, "kind must be"},
			} {
				req, err := http.NewRequestWithContext(t.Context(), test.method, base+test.path, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set(accountHeader, "mina")
				req.Header.Set(test.header, test.token)
				resp, body := answer(t, req)
				if resp.StatusCode != test.status || !strings.HasPrefix(body, test.body) {
					t.Errorf("%s %s: %d %.80q, want %d %q", test.method, test.path, resp.StatusCode, body, test.status, test.body)
				}
				_, dated := resp.Header["X-Expires-At"]
				if renews := body == "PREMIUM" && !strings.HasPrefix(test.path, "/inapp/"); dated != renews {
					t.Errorf("%s: X-Expires-At: %v, want %v", test.path, dated, renews)
				}
			}

			a.ResetLog()
			form := url.Values{"kind": {"subscription"}, "product": {"vip"}, "token": {vip}}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/invalidate", strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if resp, _ := answer(t, req); resp.StatusCode != http.StatusNoContent {
				t.Errorf("POST /invalidate: %s", resp.Status)
			}
			req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/sub/vip", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(accountHeader, "mina")
			req.Header.Set(tokenHeader, vip)
			if resp, _ := answer(t, req); resp.Header.Get("X-Source") != "store" || a.Lookups(vip) != 1 {
				t.Errorf("after the invalidation: from %q, %d look-ups", resp.Header.Get("X-Source"), a.Lookups(vip))
			}
		})
	}
}

func TestNotificationsOnEveryAdapter(t *testing.T) {
	const secret = "0123456789abcdef"
	for adapter := range servers {
		t.Run(adapter, func(t *testing.T) {
			a := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial})
			b := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial, ClientID: "0000099999"})
			base := start(t, adapter, a, b, "-licence-key", a.LicenceKey(), "-notify-secret", secret)
			payment, subscription := a.PaymentNotification(a.Buy(onestoretest.InApp("skin"))), a.SubscriptionNotification(a.Buy(onestoretest.Subscription("vip")), 1)
			for _, test := range []struct {
				path   string
				body   []byte
				status int
			}{
				{"/notify", subscription, 400}, // nobody signed it
				{"/notify/" + strings.Repeat("x", 16), subscription, 403},
				{"/notify", b.PaymentNotification(b.Buy(onestoretest.InApp("skin"))), 403},
				{"/notify", payment, 200},
				{"/notify/" + secret, subscription, 200},
			} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+test.path, strings.NewReader(string(test.body)))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				if resp, body := answer(t, req); resp.StatusCode != test.status {
					t.Errorf("POST %s: %s %s, want %d", test.path, resp.Status, body, test.status)
				}
			}
		})
	}
}

func answer(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}
