package onestore_test

import (
	"errors"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestConsumeSaysWhetherThisCallDidIt(t *testing.T) {
	type fake = onestoretest.Store
	fail := func(op onestoretest.Op, e onestoretest.Effect) func(*fake, string) {
		return func(s *fake, token string) { s.Fail(onestoretest.Fault{Op: op, Token: token, Times: 1, Effect: e}) }
	}
	both := func(fs ...func(*fake, string)) func(*fake, string) {
		return func(s *fake, token string) {
			for _, f := range fs {
				f(s, token)
			}
		}
	}
	for _, test := range []struct {
		name   string
		before func(*fake, string)
		fault  core.StoreFault
		reason core.Reason // "" for nil
	}{
		{"a purchase that stands", nil, 0, ""},
		{"one that was consumed before (T-32)", (*fake).Consume, core.FaultTokenRefused, core.ReasonConsumed},
		{"one that was refunded", (*fake).Refund, core.FaultTokenRefused, core.ReasonPurchaseCanceled},
		{"one whose state cannot be changed for no reason", fail(onestoretest.OpConsumePurchase, onestoretest.StandardError("InvalidConsumeState")), core.FaultTokenRefused, core.ReasonStateConflict},
		{"one that is refused while the look-up fails", both((*fake).Consume, fail(onestoretest.OpPurchaseDetails, onestoretest.StandardError("AccessBlocked"))), core.FaultMisconfigured, core.ReasonUpstreamBlocked},
		{"an answer that is lost", fail(onestoretest.OpConsumePurchase, onestoretest.LoseAnswer()), core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		{"a request that never arrives", fail(onestoretest.OpConsumePurchase, onestoretest.Reset()), core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		{"maintenance", fail(onestoretest.OpConsumePurchase, onestoretest.Maintenance("60")), core.FaultUnavailable, core.ReasonUpstreamUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := onestoretest.Start(t, onestoretest.Config{})
			c := client(t, onestore.Config{
				ClientID: store.ClientID(), ClientSecret: store.ClientSecret(),
				Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: store.URL(),
			})
			token := store.Buy(onestoretest.InApp("gems"), onestoretest.Label("mina"))
			if test.before != nil {
				test.before(store, token)
			}
			err := c.Consume(t.Context(), onestore.InApp("gems").Consumable(), token)
			var se *core.StoreError
			switch errors.As(err, &se); {
			case test.reason == "":
				if err != nil {
					t.Errorf("got %v", err)
				}
			case se == nil || se.Fault != test.fault || se.Reason != test.reason:
				t.Errorf("got %#v, want %s", err, test.reason)
			}
			if n := store.Count(onestoretest.OpConsumePurchase); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestConsumeOfAnotherStoresProductAsksNobody(t *testing.T) {
	u := &upstream{t: t}
	err := u.inProcess(t).Consume(t.Context(), onestore.InApp("gems").On("elsewhere"), token)
	var se *core.StoreError
	if !errors.As(err, &se) || se.Fault != core.FaultMisconfigured {
		t.Errorf("got %v", err)
	}
}
