package onestore_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestCheckTellsWhetherTheCredentialsAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := onestoretest.New(onestoretest.Config{})
		c := clientOf(t, fake)
		for range 3 {
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(fake.Requests()); n != 1 || fake.TokenCalls() != 1 {
			t.Errorf("the store saw %d requests, %d of them for an access token; want one", n, fake.TokenCalls())
		}
		wrong := client(t, onestore.Config{
			ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret() + "x", Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
			HTTPClient: &http.Client{Transport: fake.RoundTripper()},
		})
		var se *core.StoreError
		if err := wrong.Check(t.Context()); !errors.As(err, &se) || se.Fault != core.FaultMisconfigured || se.Reason != core.ReasonUpstreamAuth {
			t.Errorf("a wrong secret: %v", err)
		}
		fake.Down(true)
		time.Sleep(2 * time.Hour)
		if err := c.Check(t.Context()); !errors.As(err, &se) || se.Fault != core.FaultUnavailable {
			t.Errorf("a store that is down: %v", err)
		}
		if err := new(onestore.Client).Check(t.Context()); !errors.As(err, &se) {
			t.Errorf("a client that was not made by New: %v", err)
		}
	})
}
