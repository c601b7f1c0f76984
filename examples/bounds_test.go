package examples_test

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

// live makes a gate in front of a fake that runs in this process and on the bubble's clock, and a purchase of mina's.
func live(t *testing.T) (fake *onestoretest.Store, token string, check func() core.Decision) {
	t.Helper()
	fake = onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
	store, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Commercial,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	skin := onestore.InApp("dragon_skin")
	token = fake.Buy(onestoretest.InApp("dragon_skin"), onestoretest.Label(gate.Label("mina")), onestoretest.Acknowledged())
	return fake, token, func() core.Decision {
		return gate.Check(t.Context(), skin, core.Credentials{Account: "mina", Token: token})
	}
}

// The outage bound of the README: six hours after the last answer was asked for, however often the player comes.
func TestAnOutageEndsAccessSixHoursAfterTheLastAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, _, check := live(t)
		began := time.Now()
		if d := check(); d.Outcome != core.Granted || d.Source != core.SourceStore {
			t.Fatalf("at first: %v %v from %v", d.Outcome, d.Reason, d.Source)
		}
		fake.Down(true)
		for end := began.Add(6 * time.Hour); time.Until(end) > 5*time.Minute; time.Sleep(time.Minute) {
			if d := check(); d.Outcome != core.Granted {
				t.Fatalf("after %v: %v %v", time.Since(began), d.Outcome, d.Reason)
			}
		}
		time.Sleep(time.Until(began.Add(6*time.Hour - time.Millisecond)))
		if d := check(); d.Outcome != core.Granted || d.Source != core.SourceOutage {
			t.Errorf("a millisecond before: %v %v from %v", d.Outcome, d.Reason, d.Source)
		}
		time.Sleep(time.Until(began.Add(6*time.Hour + time.Millisecond)))
		if d := check(); d.Outcome != core.Undetermined {
			t.Errorf("a millisecond after: %v %v", d.Outcome, d.Reason)
		}
		fake.Down(false)
		time.Sleep(time.Minute)
		if d := check(); d.Outcome != core.Granted || d.Source != core.SourceStore {
			t.Errorf("after the outage: %v %v from %v", d.Outcome, d.Reason, d.Source)
		}
	})
}

// The revocation bound of the README without notifications and worker: six minutes after the last answer before the
// refund was asked for.
func TestARefundEndsAccessAfterSixMinutesAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, token, check := live(t)
		began := time.Now()
		check()
		fake.Refund(token)
		time.Sleep(time.Until(began.Add(6*time.Minute - time.Millisecond)))
		if d := check(); d.Outcome != core.Granted || d.Source != core.SourceStale {
			t.Errorf("a millisecond before: %v %v from %v", d.Outcome, d.Reason, d.Source)
		}
		time.Sleep(time.Until(began.Add(6*time.Minute + time.Millisecond)))
		if d := check(); d.Outcome != core.Denied || d.Reason != core.ReasonPurchaseCanceled {
			t.Errorf("a millisecond after: %v %v", d.Outcome, d.Reason)
		}
	})
}
