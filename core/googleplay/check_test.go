package googleplay_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestCheckTellsWhetherTheCredentialsAreTaken(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{})
	c := clientOf(t, fake)
	for range 3 {
		if err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(fake.Requests()); n != 1 {
		t.Errorf("the store saw %d requests, want one", n)
	}
	var se *core.StoreError
	u := &upstream{t: t, reply: oauth(body(400, `{"error":"invalid_grant"}`), body(200, "{}"))}
	if err := u.keyed(t).Check(t.Context()); !errors.As(err, &se) || se.Fault != core.FaultMisconfigured || se.Reason != core.ReasonUpstreamAuth {
		t.Errorf("a wrong key: %v", err)
	}
	u = &upstream{t: t, reply: oauth(body(http.StatusServiceUnavailable, ""), body(200, "{}"))}
	if err := u.keyed(t).Check(t.Context()); !errors.As(err, &se) || se.Fault != core.FaultUnavailable {
		t.Errorf("a store that is down: %v", err)
	}
	if err := new(googleplay.Client).Check(t.Context()); !errors.As(err, &se) {
		t.Errorf("a client that was not made by New: %v", err)
	}
}
