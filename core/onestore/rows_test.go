package onestore_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// The rows of the decision table for calls that fail, through client, guard and gate.
func TestCallsThatFailBecomeDecisions(t *testing.T) {
	effect := func(e onestoretest.Effect) func(*onestoretest.Store) {
		return func(s *onestoretest.Store) {
			s.Fail(onestoretest.Fault{Op: onestoretest.OpPurchaseDetails, Effect: e})
		}
	}
	standard := func(code string) func(*onestoretest.Store) { return effect(onestoretest.StandardError(code)) }
	body := func(status int, text string) func(*onestoretest.Store) {
		return effect(onestoretest.Answer(status, http.Header{"Content-Type": {"application/json"}}, text))
	}
	for _, row := range []struct {
		name   string
		fault  func(*onestoretest.Store)
		want   core.Outcome
		reason core.Reason
		status int
	}{
		{"row 49: NoSuchData with 404 is no such purchase", standard("NoSuchData"), core.Denied, core.ReasonNotFound, 403},
		{"row 49: NoSuchData with 400 is no such purchase", body(400, `{"error":{"code":"NoSuchData","message":"x"}}`), core.Denied, core.ReasonNotFound, 403},
		{"row 50: an HTML 404 is a fault", effect(onestoretest.HTMLPage(404)), core.Undetermined, core.ReasonUpstreamFault, 503},
		{"row 50: an empty 404 is a fault", effect(onestoretest.Empty(404)), core.Undetermined, core.ReasonUpstreamFault, 503},
		{"row 51: ResourceNotFound is our URL", standard("ResourceNotFound"), core.Undetermined, core.ReasonUpstreamMisconfigured, 503},
		{"row 51: UnauthorizedAccess is our rights", standard("UnauthorizedAccess"), core.Undetermined, core.ReasonUpstreamMisconfigured, 503},
		{"row 51: InvalidAuthorizationHeader is our bug", standard("InvalidAuthorizationHeader"), core.Undetermined, core.ReasonUpstreamMisconfigured, 503},
		{"row 51: InvalidContentType is our bug", standard("InvalidContentType"), core.Undetermined, core.ReasonUpstreamMisconfigured, 503},
		{"row 51: MethodNotAllowed is our bug", standard("MethodNotAllowed"), core.Undetermined, core.ReasonUpstreamMisconfigured, 503},
		{"row 52: an access token refused twice", standard("InvalidAccessToken"), core.Undetermined, core.ReasonUpstreamAuth, 503},
		{"row 52: an access token expired twice", standard("AccessTokenExpired"), core.Undetermined, core.ReasonUpstreamAuth, 503},
		{"row 53: AccessBlocked", standard("AccessBlocked"), core.Undetermined, core.ReasonUpstreamBlocked, 503},
		{"row 54: InternalError", standard("InternalError"), core.Undetermined, core.ReasonUpstreamUnavailable, 503},
		{"row 54: ServiceMaintenance", standard("ServiceMaintenance"), core.Undetermined, core.ReasonUpstreamUnavailable, 503},
		{"row 54: a connection that is reset", effect(onestoretest.Reset()), core.Undetermined, core.ReasonUpstreamUnavailable, 503},
		{"row 55: InvalidRequest that names the token", body(400, `{"error":{"code":"InvalidRequest","message":"Request parameters are invalid. [ purchaseToken ]"}}`), core.Denied, core.ReasonInvalidToken, 400},
		{"row 55: InvalidRequest that names something of ours", body(400, `{"error":{"code":"InvalidRequest","message":"Request parameters are invalid. [ clientId ]"}}`), core.Undetermined, core.ReasonUpstreamMisconfigured, 503},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
				gate := gateAt(t, fake)
				token := fake.Buy(onestoretest.InApp("skin"), onestoretest.Acknowledged())
				row.fault(fake)
				credentials := core.Credentials{Account: "alice", Token: token}
				d := gate.Check(context.Background(), onestore.InApp("skin"), credentials)
				if d.Outcome != row.want || d.Reason != row.reason {
					t.Errorf("got %v (%v, %v), want %v (%v)", d.Outcome, d.Reason, d.Err, row.want, row.reason)
				}
				if got := core.Answer(d, 0).Status; got != row.status {
					t.Errorf("a client is told %d, want %d", got, row.status)
				}
				if row.want != core.Undetermined {
					return
				}
				fake.Clear()            // nothing of the trouble is remembered,
				time.Sleep(time.Second) // but that the store had wanted to be left alone
				if d := gate.Check(context.Background(), onestore.InApp("skin"), credentials); !d.Granted() {
					t.Errorf("after the fault: %v (%v, %v), want granted", d.Outcome, d.Reason, d.Err)
				}
			})
		})
	}
	t.Run("row 55: a token that no store issues is refused before any call", func(t *testing.T) {
		fake := onestoretest.New(onestoretest.Config{})
		d := gateAt(t, fake).Check(context.Background(), onestore.InApp("skin"), core.Credentials{Account: "alice", Token: "a/../b"})
		if d.Outcome != core.Denied || d.Reason != core.ReasonInvalidToken || len(fake.Requests()) != 0 {
			t.Errorf("got %v (%v) after %d requests, want denied (invalid_token) after none", d.Outcome, d.Reason, len(fake.Requests()))
		}
	})
	t.Run("row 56: a sandbox token presented to a commercial deployment does not switch the host", func(t *testing.T) {
		fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
		d := gateAt(t, fake).Check(context.Background(), onestore.InApp("skin"), core.Credentials{Account: "alice", Token: "SANDBOXT000120004476"})
		if d.Outcome != core.Denied || d.Reason != core.ReasonNotFound {
			t.Errorf("got %v (%v), want denied (not_found)", d.Outcome, d.Reason)
		}
	})
}

func gateAt(t *testing.T, fake *onestoretest.Store) *core.Gate {
	t.Helper()
	client, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Commercial,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}, Guard: core.Guard{TripAfter: 100}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return gate
}
