package fleet_test

import (
	"errors"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
)

// Players do not wait one after the other for a server that hangs, and it is used again soon after.
func TestFewPlayersWaitForAServerThatHangs(t *testing.T) {
	const timeout = 100 * time.Millisecond
	server := redistest.Start(t, fit...)
	f := with(t, fleet.Config{Client: client(t, server.Addr()), Timeout: timeout})
	claim := core.Ownership{Store: "shop", Token: "t1", Product: "skin", Account: "mina"}
	ask := map[string]func() error{
		"owners": func() error { _, err := f.Owners().Claim(t.Context(), claim); return err },
		"outbox": func() error {
			_, err := f.Outbox().Record(t.Context(), core.Debt{Store: "shop", Kind: core.KindInApp, Product: "skin", Token: "t1", By: time.Now().Add(time.Hour)}, true)
			return err
		},
	}
	for name, ask := range ask {
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		server.Freeze()
		began := time.Now()
		for range 50 {
			if err := ask(); err == nil {
				t.Errorf("%s: a frozen server answered", name)
			}
		}
		if took := time.Since(began); took > 10*timeout { // a third of them at most
			t.Errorf("%s: 50 calls took %v", name, took)
		}
		server.Thaw()
		began = time.Now()
		for err := errors.New("not yet"); err != nil; err = ask() {
			if time.Since(began) > 10*time.Second {
				t.Fatalf("%s: not used again: %v", name, err)
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Logf("%s: used again after %v", name, time.Since(began))
	}
}
