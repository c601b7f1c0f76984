package core_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestAVoidWithoutATokenIsRefused(t *testing.T) {
	store := newStore(sells(skin))
	gate := open(t, core.Config{}, store)
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
	err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}, core.Void{Store: "shop", PurchaseID: "p-skin-1"})
	if err == nil || !strings.Contains(err.Error(), "void 1 is empty") {
		t.Errorf("got %v", err)
	}
	// All or none.
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
}

func TestAnOutageDoesNotHideAVoid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{}, store)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}); err != nil {
			t.Fatal(err)
		}
		store.script(fails(errDown))
		time.Sleep(time.Hour)
		from(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonVoided, core.SourceOutage)
	})
}

func TestOnlyTheLastPaymentsVoidCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := open(t, core.Config{}, newStore(sells(skin)))
		void := func(token, payment string) {
			if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: token, PurchaseID: payment}); err != nil {
				t.Fatal(err)
			}
		}
		void("skin-1", "an older payment")
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		void("skin-1", "p-skin-1")
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonVoided)
		time.Sleep(33 * 24 * time.Hour) // it is remembered longer than a store lists it
		void("skin-2", "p-skin-2")
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonVoided)
	})
}
