package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
)

func TestNotifications(t *testing.T) {
	r := start(t, "-environment", "commercial")
	token := r.control("buy", `{"kind":"subscription","product":"vip_monthly"}`)["purchaseToken"].(string)
	r.control("reset", "{}") // the licence key stays
	token = r.control("buy", `{"kind":"subscription","product":"vip_monthly"}`)["purchaseToken"].(string)

	verifier, err := notify.NewVerifier(notify.App{
		ClientID: r.env["ONESTORE_CLIENT_ID"], Market: onestore.Market(r.env["ONESTORE_MARKET"]),
		Environment: onestore.Commercial, LicenceKey: r.env["ONESTORE_LICENCE_KEY"],
	})
	if err != nil {
		t.Fatal(err)
	}
	received := make(chan []byte, 2)
	game := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		received <- body
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer game.Close()
	deliver := func(members string) []byte {
		t.Helper()
		answer := r.control("notify", fmt.Sprintf(`{"purchaseToken":%q,"url":%q%s}`, token, game.URL, members))
		if answer["status"] != float64(503) {
			t.Errorf("answered %v", answer)
		}
		return <-received
	}
	if p, err := verifier.ParsePayment(deliver("")); err != nil || p.PurchaseToken != token {
		t.Errorf("payment notification: %v, %v", p, err)
	}
	if s, err := verifier.ParseSubscription(deliver(`,"type":12`)); err != nil || s.PurchaseToken != token || s.Type != notify.Type(12) {
		t.Errorf("subscription notification: %v, %v", s, err)
	}

	shown := r.control("notify", fmt.Sprintf(`{"purchaseToken":%q}`, token))["body"].(string)
	if !json.Valid([]byte(shown)) || !strings.Contains(shown, token) {
		t.Errorf("shown %s", shown)
	}
	game.Close()
	for input, want := range map[string]string{
		fmt.Sprintf(`{"purchaseToken":%q,"type":14}`, token):                   "type",
		fmt.Sprintf(`{"purchaseToken":%q,"url":"localhost:1"}`, token):         "url: is not an absolute http or https URL",
		fmt.Sprintf(`{"purchaseToken":%q,"url":%q}`, token, game.URL):          "the game server did not answer",
		`{"purchaseToken":"nobody"}`:                                           "purchaseToken",
		fmt.Sprintf(`{"purchaseToken":%q,"target":"http://127.0.0.1"}`, token): "unknown field",
	} {
		if status, body := r.do("POST", r.env["FAKESTORE_CONTROL_URL"]+"/notify", input); status != 400 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", input, status, body)
		}
	}
}
