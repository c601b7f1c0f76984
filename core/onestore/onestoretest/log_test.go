package onestoretest_test

import (
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestTheLog(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true, Now: frozen})
	token := w.store.Buy(onestoretest.InApp("gold"))
	w.lookup(token)
	w.store.Fail(onestoretest.Fault{Op: onestoretest.OpPurchaseDetails, Effect: onestoretest.Reset()})
	w.lookup(token)
	w.store.Clear()
	w.post(token, "all", "acknowledge", `{}`)

	if w.store.TokenCalls() != 3 || w.store.Lookups(token) != 2 || w.store.Lookups("other") != 0 ||
		w.store.Count(onestoretest.OpPurchaseDetails) != 2 || w.store.Count(onestoretest.OpAcknowledgePurchase) != 1 {
		t.Errorf("counts: %d %d %d", w.store.TokenCalls(), w.store.Lookups(token), w.store.Count(onestoretest.OpPurchaseDetails))
	}
	path := w.store.LookupPath(token)
	oauth := onestoretest.Request{At: start, Op: onestoretest.OpAccessToken, Method: "POST", Path: "/v7/oauth/token", Status: 200}
	want := []onestoretest.Request{
		oauth,
		{At: start, Op: onestoretest.OpPurchaseDetails, Method: "GET", Path: path, Token: token, Market: "MKT_GLB", Status: 200},
		oauth,
		{At: start, Op: onestoretest.OpPurchaseDetails, Method: "GET", Path: path, Token: token, Market: "MKT_GLB"},
		oauth,
		{At: start, Op: onestoretest.OpAcknowledgePurchase, Method: "POST", Token: token, Market: "MKT_GLB", Body: "{}", Status: 200,
			Path: "/v7/apps/0000042301/purchases/all/products/gold/" + token + "/acknowledge"},
	}
	got := w.store.Requests()
	if len(got) != len(want) {
		t.Fatalf("got %d requests", len(got))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("request %d\ngot  %+v\nwant %+v", i, got[i], want[i])
		}
	}
	w.store.ResetLog()
	if len(w.store.Requests())+w.store.TokenCalls()+w.store.Lookups(token) != 0 {
		t.Error("the log was not reset")
	}
	w.lookup(token).facts(t)
}

func TestTheLogIsBounded(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true})
	r := w.request("GET", "/v7/apps/0000042301/purchases/inapp/products/gold/x", "")
	const n = 40_000
	for range n {
		w.do(r)
	}
	if got := w.store.Count(onestoretest.OpPurchaseDetails); got != n {
		t.Errorf("counted %d", got)
	}
	if got := len(w.store.Requests()); got > n-5_000 || got < 10_000 {
		t.Errorf("kept %d", got)
	}
}

func TestEverythingAtOnce(t *testing.T) {
	w := overTCP(t, onestoretest.Config{})
	token := w.store.Buy(onestoretest.Subscription("vip"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				w.lookup(token).facts(t)
			}
		})
	}
	wg.Go(func() {
		for range 25 {
			w.store.Advance(time.Minute)
			w.store.Edit(token, func(f map[string]any) { f["x"] = 1 })
			w.store.Fail(onestoretest.Fault{Token: token, Times: 1})
			w.store.Buy(onestoretest.InApp("gold"))
			w.store.Requests()
			w.store.Facts(token)
		}
	})
	wg.Wait()
	if got := w.store.Lookups(token); got != 100 {
		t.Errorf("counted %d", got)
	}
}
