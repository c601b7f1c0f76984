package onestoretest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestTheStoreTellsWhatItKnows(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{})
	bought, acknowledged, consumed := s.Buy(onestoretest.InApp("gold")), s.Buy(onestoretest.Subscription("vip")), s.Buy(onestoretest.InApp("gold"))
	s.Acknowledge(acknowledged)
	s.Consume(consumed)
	if got := s.Purchases(); !slices.Equal(got, []string{bought, acknowledged, consumed}) {
		t.Errorf("purchases %q", got)
	}
	for token, want := range map[string][2]bool{bought: {false, false}, acknowledged: {true, false}, consumed: {true, true}} {
		if got := [2]bool{s.Acknowledged(token), s.Consumed(token)}; got != want {
			t.Errorf("%s: acknowledged and consumed %v, want %v", token, got, want)
		}
	}
}

func TestOpsAreTheEndpoints(t *testing.T) {
	ops := onestoretest.Ops()
	if len(ops) != 13 || !slices.Contains(ops, onestoretest.OpVoidedPurchases) || !slices.Contains(ops, onestoretest.OpAccessToken) {
		t.Errorf("got %q", ops)
	}
}

func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inProcess(t, onestoretest.Config{Gentle: true})
		r := w.request("GET", w.store.LookupPath(w.store.Buy(onestoretest.InApp("gold"))), "")
		w.store.Fail(onestoretest.Fault{Delay: time.Second})
		go w.do(r)
		synctest.Wait()
		if got := w.store.InFlight(); got != 1 {
			t.Errorf("got %d", got)
		}
		time.Sleep(2 * time.Second) // the bubble's time
		if got := w.store.InFlight(); got != 0 {
			t.Errorf("then %d", got)
		}
	})
}
