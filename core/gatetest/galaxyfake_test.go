package gatetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
)

// Fake is the market in this process: purchases by token, and the routes of its API.
type Fake struct {
	key string

	mu        sync.Mutex
	purchases map[string]map[string]any
	products  map[string]core.Product
}

// RoundTrip implements http.RoundTripper, without a socket.
func (f *Fake) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/games/raiders/{kind}/{product}/purchases/{token}", f.serve)
	mux.HandleFunc("POST /v1/games/raiders/{kind}/{product}/purchases/{token}/acknowledge", f.serve)
	w := httptest.NewRecorder()
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	mux.ServeHTTP(w, r)
	return w.Result(), nil
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+f.key {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	p, token := f.products[r.PathValue("token")], r.PathValue("token")
	if p.ID != r.PathValue("product") || string(p.Kind) != r.PathValue("kind") {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error":"NO_SUCH_PURCHASE"}`)
		return
	}
	if r.Method == http.MethodPost {
		f.purchases[token]["acknowledged"] = true
		fmt.Fprint(w, `{}`)
		return
	}
	_ = json.NewEncoder(w).Encode(f.purchases[token])
}

// Buy makes a paid purchase.
func (f *Fake) Buy(p core.Product, label string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	token := fmt.Sprintf("%024x", len(f.purchases)+1)
	facts := map[string]any{
		"orderId": "order-" + token, "accountLabel": label, "state": "paid", "acknowledged": false, "boughtAt": time.Now().UnixMilli(),
	}
	if p.Kind == core.KindInApp {
		facts["consumed"] = false
	} else {
		facts["renewing"], facts["endsAt"] = true, time.Now().Add(30*24*time.Hour).UnixMilli()
	}
	f.purchases[token], f.products[token] = facts, p
	return token
}
