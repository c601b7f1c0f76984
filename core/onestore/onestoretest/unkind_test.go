package onestoretest_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func jsonNumber(s string) json.Number { return json.Number(s) }

func TestUnkindnessIsRepeatable(t *testing.T) {
	play := func(seed uint64) (bodies []string) {
		w := inProcess(t, onestoretest.Config{Now: frozen, Seed: seed})
		token := w.store.Buy(onestoretest.Subscription("vip"))
		for range 20 {
			bodies = append(bodies, w.lookup(token).body)
		}
		return bodies
	}
	same := func(a, b []string) bool {
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	if !same(play(1), play(1)) {
		t.Error("the same seed gives different answers")
	}
	if same(play(1), play(2)) {
		t.Error("another seed gives the same answers")
	}
}

// An unkind answer says the same as a gentle one to whoever reads it as the documents allow.
func TestUnkindnessChangesTheSpellingOnly(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Now: frozen})
	token := w.store.Buy(onestoretest.Subscription("vip"), onestoretest.Promotion(100, 3), onestoretest.Label("player-1"))
	want := plain(w.store.Facts(token))
	var texts, numbers, extras, missing, nulls int
	orders := map[string]bool{}
	for range 200 {
		r := w.lookup(token)
		orders[r.body] = true
		got := r.facts(t)
		if _, ok := got["serviceNote"]; ok {
			extras++
		}
		for _, name := range []string{"serviceNote", "reserved1", "reserved2"} {
			delete(got, name)
		}
		if _, ok := got["expiryTimeMillis"].(string); ok {
			texts++
		} else {
			numbers++
		}
		if v, ok := got["linkedPurchaseToken"]; !ok {
			missing++
		} else if v == nil {
			nulls++
		}
		if !maps.Equal(plain(got), want) {
			t.Fatalf("got  %v\nwant %v", plain(got), want)
		}
	}
	for what, n := range map[string]int{
		"numbers as strings": texts, "numbers": numbers, "unknown members": extras,
		"missing members": missing, "nulls": nulls, "different bodies": len(orders) - 20,
	} {
		if n <= 0 {
			t.Errorf("200 answers and no %s", what)
		}
	}
}

// plain flattens, drops nulls, and spells every value as text.
func plain(m map[string]any) map[string]string {
	out := map[string]string{}
	for name, v := range m {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			for inner, text := range plain(v) {
				out[name+"."+inner] = text
			}
		case string:
			out[name] = v
		default:
			text, _ := json.Marshal(v)
			out[name] = string(text)
		}
	}
	return out
}

func TestNoSuchDataComesWithBothStatuses(t *testing.T) {
	w := inProcess(t, onestoretest.Config{})
	statuses := map[int]int{}
	for range 60 {
		got := w.do(w.request("GET", "/v7/apps/"+w.store.ClientID()+"/purchases/inapp/products/gold/SANDBOX3000000000001", ""))
		if got.code() != "NoSuchData" {
			t.Fatalf("got %s", got.body)
		}
		statuses[got.status]++
	}
	if len(statuses) != 2 || statuses[400] == 0 || statuses[404] == 0 {
		t.Errorf("got %v", statuses)
	}
}

func TestRefusedCredentialsComeInBothShapes(t *testing.T) {
	w := inProcess(t, onestoretest.Config{})
	codes := map[string]int{}
	for range 30 {
		form := w.form()
		form.Set("client_secret", "wrong")
		codes[w.do(w.tokenRequest(form.Encode())).code()]++
	}
	if len(codes) != 2 || codes["invalid_client"] == 0 || codes["UnauthorizedAccess"] == 0 {
		t.Errorf("got %v", codes)
	}
}
