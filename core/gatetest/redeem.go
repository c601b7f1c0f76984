package gatetest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// ServeRedeem serves, on loopback and until the test ends, a route that redeems p: the account is in the
// header X-Player, the token in X-Purchase-Token. Its handler calls handle with the request's context and
// answers with the status that handle returns and the body "delivered", 0 for none at all. deniedStatus is
// for the adapter's WithDeniedStatus; panics are contained. It returns the address.
type ServeRedeem func(t *testing.T, r *redeem.Redeemer, p core.Product, deniedStatus int, handle func(ctx context.Context) int) (address string)

// RunRedeem tests that an adapter's Redeem behaves as those of net/http, gin and fiber do.
func RunRedeem(t *testing.T, serve ServeRedeem) {
	run := func(name string, test func(*spending)) {
		t.Run(name, func(t *testing.T) { test(newSpending(t, serve)) })
	}
	run("a purchase is delivered once, and a repeated request is told so", redeemOnce)
	run("a handler that wrote nothing delivered", redeemSilently)
	run("a handler that fails is resumed, with the same redemption", redeemResumed)
	run("a handler that panics is resumed, with the same redemption", redeemPanicked)
	run("while a purchase is being redeemed others come back later", redeemInProgress)
	run("what is refused does not reach the handler", redeemRefused)
	run("what is wrong with the route is reported", redeemFaulty)
}

// spending is one route that redeems.
type spending struct {
	*testing.T
	serve    ServeRedeem
	store    *Store
	gate     *core.Gate
	redeemer *redeem.Redeemer
	address  string
	handle   func(redeem.Redemption) int
	handled  []redeem.Redemption
}

func newSpending(t *testing.T, serve ServeRedeem) *spending {
	s := &spending{T: t, serve: serve, store: NewStore("shop"), handle: func(redeem.Redemption) int { return http.StatusCreated }}
	var err error
	if s.gate, err = core.New(core.Config{Stores: []core.Store{s.store}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.gate.Close(context.Background()) })
	if s.redeemer, err = redeem.New(redeem.Config{Gate: s.gate, Ledger: redeem.NewMemoryLedger()}); err != nil {
		t.Fatal(err)
	}
	purchase := Owned(gems, "gems.mina", "mina")
	purchase.Quantity = 2
	s.store.Put(gems, purchase)
	s.address = s.open(s.redeemer, gems, http.StatusPaymentRequired)
	return s
}

func (s *spending) open(r *redeem.Redeemer, p core.Product, deniedStatus int) string {
	return s.serve(s.T, r, p, deniedStatus, func(ctx context.Context) int {
		redemption, ok := redeem.FromContext(ctx)
		if !ok {
			s.Error("the handler's context has no redemption")
		}
		s.handled = append(s.handled, redemption)
		return s.handle(redemption)
	})
}

// post sends a request for the purchase and returns the answer with its body.
func (s *spending) post(address, player, token string) (*http.Response, string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "http://"+address+"/", nil)
	if err != nil {
		s.Fatal(err)
	}
	for name, value := range map[string]string{"X-Player": player, "X-Purchase-Token": token} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		s.Fatal(err)
	}
	return response, string(body)
}

func (s *spending) wantStatus(status int) {
	s.Helper()
	if response, body := s.post(s.address, "mina", "gems.mina"); response.StatusCode != status {
		s.Errorf("answered %d %s, want %d", response.StatusCode, body, status)
	}
}

func (s *spending) wantProblem(address, player, token string, status int, reason string, iap int) {
	s.Helper()
	response, body := s.post(address, player, token)
	var problem struct {
		Reason    string
		Retryable bool
		IAP       struct{ Code int }
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil || response.StatusCode != status || problem.Reason != reason || problem.IAP.Code != iap {
		s.Errorf("answered %d %s, want %d %s with %d", response.StatusCode, body, status, reason, iap)
	}
	again := status == http.StatusConflict || status == http.StatusServiceUnavailable
	if problem.Retryable != again || (response.Header.Get("Retry-After") != "") != again || response.Header.Get("Content-Type") != "application/problem+json" {
		s.Errorf("retryable %v, %v", problem.Retryable, response.Header)
	}
}

func redeemOnce(s *spending) {
	if response, body := s.post(s.address, "mina", "gems.mina"); response.StatusCode != http.StatusCreated || body != "delivered" {
		s.Errorf("answered %d %s", response.StatusCode, body)
	}
	if len(s.handled) != 1 || s.handled[0].Quantity != 2 || s.handled[0].Resumed() || s.handled[0].Account != "mina" || s.handled[0].Product != gems {
		s.Fatalf("handled %+v", s.handled)
	}
	response, body := s.post(s.address, "mina", "gems.mina")
	if want := `{"redemption":"` + s.handled[0].ID + `","product":"gems","quantity":2}`; response.StatusCode != http.StatusOK || body != want || response.Header.Get("Content-Type") != "application/json" {
		s.Errorf("once more: %d %s, want %s", response.StatusCode, body, want)
	}
	if len(s.handled) != 1 {
		s.Error("handled twice")
	}
}

func redeemSilently(s *spending) {
	s.handle = func(redeem.Redemption) int { return 0 }
	s.wantStatus(http.StatusOK)
	s.wantStatus(http.StatusOK)
	if len(s.handled) != 1 {
		s.Errorf("handled %d times", len(s.handled))
	}
}

func redeemResumed(s *spending) {
	for _, status := range []int{http.StatusInternalServerError, http.StatusFound, http.StatusConflict} {
		s.handle = func(redeem.Redemption) int { return status }
		s.wantStatus(status)
	}
	s.handle = func(redeem.Redemption) int { return http.StatusNoContent }
	s.wantStatus(http.StatusNoContent)
	s.wantOneRedemption(4)
}

func redeemPanicked(s *spending) {
	s.handle = func(redeem.Redemption) int { panic("boom") }
	s.wantStatus(http.StatusInternalServerError)
	s.handle = func(redeem.Redemption) int { return http.StatusOK }
	s.wantStatus(http.StatusOK)
	s.wantOneRedemption(2)
}

func (s *spending) wantOneRedemption(runs int) {
	s.Helper()
	if len(s.handled) != runs {
		s.Fatalf("handled %d times, want %d", len(s.handled), runs)
	}
	for i, r := range s.handled {
		if r.ID != s.handled[0].ID || r.Attempt != i+1 {
			s.Errorf("run %d: %+v", i+1, r)
		}
	}
}

func redeemInProgress(s *spending) {
	s.handle = func(redeem.Redemption) int {
		s.wantProblem(s.address, "mina", "gems.mina", http.StatusConflict, "redemption_in_progress", 117)
		return http.StatusOK
	}
	s.wantStatus(http.StatusOK)
	if len(s.handled) != 1 {
		s.Errorf("handled %d times", len(s.handled))
	}
}

func redeemRefused(s *spending) {
	pending := Owned(gems, "pending.mina", "mina")
	pending.State = core.StatePending
	s.store.Put(gems, pending)
	s.store.Fail(gems, "down.mina", &core.StoreError{})
	s.store.Refuse("odd")
	s.wantProblem(s.address, "mallory", "gems.mina", http.StatusPaymentRequired, "not_owned", 5000)
	s.wantProblem(s.address, "mina", "unknown", http.StatusPaymentRequired, "not_owned", 5000)
	s.wantProblem(s.address, "mina", "down.mina", http.StatusServiceUnavailable, "store_unavailable", 113)
	s.wantProblem(s.address, "mina", "odd", http.StatusBadRequest, "purchase_token_malformed", 1100)
	s.wantProblem(s.address, "mina", "gems.mina,gems.mina", http.StatusBadRequest, "purchase_token_malformed", 1100)
	s.wantProblem(s.address, "mina", "", http.StatusBadRequest, "purchase_token_missing", 1100)
	s.wantProblem(s.address, "", "gems.mina", http.StatusUnauthorized, "account_missing", 101)
	if _, body := s.post(s.address, "mina", "pending.mina"); !strings.Contains(body, `"reason":"pending"`) || !strings.Contains(body, "5000") {
		s.Errorf("a pending purchase: %s", body)
	}

	usual := s.open(s.redeemer, gems, 0)
	s.wantProblem(usual, "mallory", "gems.mina", http.StatusForbidden, "not_owned", 5000)
	if len(s.handled) != 0 {
		s.Errorf("handled %+v", s.handled)
	}
}

func redeemFaulty(s *spending) {
	if err := s.gate.Validate(); err != nil {
		s.Errorf("a proper route: %v", err)
	}
	skin := core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}
	s.wantProblem(s.open(s.redeemer, skin, 0), "mina", "gems.mina", http.StatusForbidden, "not_consumable", 5000)
	s.wantProblem(s.open(s.redeemer, gems.On("elsewhere"), 0), "mina", "gems.mina", http.StatusServiceUnavailable, "store_misconfigured", 5003)
	s.wantProblem(s.open(nil, gems, 0), "mina", "gems.mina", http.StatusServiceUnavailable, "store_misconfigured", 5003)
	s.wantProblem(s.open(s.redeemer, gems, http.StatusTeapot), "mina", "gems.mina", http.StatusServiceUnavailable, "store_misconfigured", 5003)
	err := s.gate.Validate()
	if err == nil {
		s.Fatal("no error")
	}
	for _, fault := range []string{"skin is not configured as Consumable", `"elsewhere"`, "418"} {
		if !strings.Contains(err.Error(), fault) {
			s.Errorf("%v does not name %s", err, fault)
		}
	}
	if len(s.handled) != 0 {
		s.Errorf("handled %+v", s.handled)
	}
}
