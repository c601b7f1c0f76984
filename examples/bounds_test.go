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

var skin = onestore.InApp("dragon_skin")

// live makes a gate in front of a fake that runs in this process and on the bubble's clock.
func live(t *testing.T) (*onestoretest.Store, *core.Gate) {
	t.Helper()
	fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
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
	return fake, gate
}

// buy makes a purchase of mina's, and checks it.
func buy(t *testing.T, fake *onestoretest.Store, gate *core.Gate) (token string, check func() core.Decision) {
	token = fake.Buy(onestoretest.InApp("dragon_skin"), onestoretest.Label(gate.Label("mina")), onestoretest.Acknowledged())
	return token, func() core.Decision {
		return gate.Check(t.Context(), skin, core.Credentials{Account: "mina", Token: token})
	}
}

// The outage bound of the README: six hours after the last answer was asked for, however often the player comes.
func TestAnOutageEndsAccessSixHoursAfterTheLastAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, gate := live(t)
		_, check := buy(t, fake, gate)
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
		fake, gate := live(t)
		token, check := buy(t, fake, gate)
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

// The README's bound of what a store is asked: players × products ÷ Fresh, however often they come.
func TestTheStoreIsAskedOnceInFiveMinutesAboutEachPurchase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, gate := live(t)
		const players = 20
		var checks []func() core.Decision
		for range players {
			_, check := buy(t, fake, gate)
			checks = append(checks, check)
		}
		for began := time.Now(); time.Since(began) < time.Hour; time.Sleep(7 * time.Second) {
			for _, check := range checks {
				if d := check(); d.Outcome != core.Granted {
					t.Fatalf("%v %v", d.Outcome, d.Reason)
				}
			}
		}
		synctest.Wait() // for the refreshes behind
		const most = players * 60 / 5
		if asked := gate.Stats().Stores[0].Calls; asked > most || asked < most*9/10 {
			t.Errorf("%d look-ups in an hour, want %d at most and not far below", asked, most)
		}
	})
}
