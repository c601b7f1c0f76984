package googleplay_test

import (
	"errors"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestConsumeRefusesWhatWasConsumedBefore(t *testing.T) {
	type fake = googleplaytest.Store
	for _, test := range []struct {
		name   string
		before func(*fake, string)
		fault  core.StoreFault
		reason core.Reason // "" for nil
	}{
		{"a purchase that stands", nil, 0, ""},
		{"one that was consumed before", (*fake).Consume, core.FaultTokenRefused, core.ReasonConsumed},
		{"one that was refunded", (*fake).Refund, core.FaultTokenRefused, core.ReasonPurchaseCanceled},
		{"one that cannot be looked up", func(s *fake, _ string) { s.Down(true) }, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		{"one that is refused", func(s *fake, token string) {
			s.Fail(googleplaytest.Fault{Op: googleplaytest.OpProductConsume, Token: token, Effect: googleplaytest.Reset()})
		}, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := googleplaytest.New(googleplaytest.Config{})
			token := store.Buy(googleplaytest.InApp("gems"))
			if test.before != nil {
				test.before(store, token)
			}
			err := clientOf(t, store).Consume(t.Context(), googleplay.InApp("gems").Consumable(), token)
			var se *core.StoreError
			switch errors.As(err, &se); {
			case test.reason == "":
				if err != nil {
					t.Errorf("got %v", err)
				}
			case se == nil || se.Fault != test.fault || se.Reason != test.reason:
				t.Errorf("got %#v, want %s", err, test.reason)
			}
		})
	}
}
