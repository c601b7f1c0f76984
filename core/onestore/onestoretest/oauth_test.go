package onestoretest_test

import (
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestAnAccessTokenIsIssuedAgainUntilTenMinutesAreLeft(t *testing.T) {
	w := overTCP(t, onestoretest.Config{Gentle: true, Now: frozen})
	got := w.do(w.tokenRequest(w.form().Encode()))
	first := got.facts(t)
	if first["client_id"] != w.store.ClientID() || first["token_type"] != "bearer" || first["scope"] != "DEFAULT" || len(first) != 5 {
		t.Errorf("got %s", got.body)
	}
	name := first["access_token"].(string)
	if len(name) != 36 {
		t.Errorf("a token of %d characters", len(name))
	}
	steps := []struct {
		advance time.Duration
		left    string
		same    bool
	}{
		{0, "3600", true},
		{590 * time.Second, "3010", true},
		{2410 * time.Second, "600", true},
		{time.Millisecond, "3600", false},
	}
	for _, step := range steps {
		w.store.Advance(step.advance)
		m := w.do(w.tokenRequest(w.form().Encode())).facts(t)
		if left := m["expires_in"]; left != jsonNumber(step.left) || (m["access_token"] == name) != step.same {
			t.Errorf("after another %v: %v", step.advance, m)
		}
	}

	token := w.store.Buy(onestoretest.InApp("gold"))
	r := w.request("GET", w.store.LookupPath(token), "")
	r.Header.Set("Authorization", "Bearer "+name)
	if got := w.do(r.Clone(t.Context())); got.status != 200 {
		t.Errorf("the old token has ten minutes left, got %d", got.status)
	}
	w.store.Advance(10 * time.Minute)
	if got := w.do(r); got.status != 401 || got.code() != "AccessTokenExpired" {
		t.Errorf("the old token has died, got %d %s", got.status, got.body)
	}
}

func TestExpireAccessTokens(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true})
	token := w.store.Buy(onestoretest.InApp("gold"))
	r := w.request("GET", w.store.LookupPath(token), "")
	w.store.ExpireAccessTokens()
	if got := w.do(r); got.code() != "AccessTokenExpired" {
		t.Errorf("got %s", got.body)
	}
	w.lookup(token).facts(t)
}

func TestAnUnkindStoresThirdAccessTokenDiesEarly(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Now: frozen})
	token := w.store.Buy(onestoretest.InApp("gold"))
	seen := map[string]bool{}
	for i := range 3 {
		name := w.accessToken()
		if seen[name] {
			t.Fatal("the same token")
		}
		seen[name] = true
		if want := 36 - i%2; len(name) != want {
			t.Errorf("token %d has %d characters", i, len(name))
		}
		r := w.request("GET", w.store.LookupPath(token), "")
		w.store.Advance(15 * time.Minute)
		want := 200
		if i == 2 {
			want = 401
		}
		if got := w.do(r); got.status != want {
			t.Errorf("token %d after a quarter of its life: %d", i, got.status)
		}
		w.store.Advance(45 * time.Minute)
	}
}
