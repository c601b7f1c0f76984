package notify_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// shop is a gate, a store and a handler between them.
type shop struct {
	*desk
	real *core.Gate
	vip  core.Requirement
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{vip: core.Entitlement("vip", onestore.Subscription("vip"), onestore.InApp("forever"))}
	fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial}) // facts stay fresh for minutes
	s.desk = open(t, func(c *notify.Config) {
		client, err := onestore.New(onestore.Config{
			ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Commercial,
			HTTPClient: &http.Client{Transport: fake.RoundTripper()},
		})
		if err != nil {
			t.Fatal(err)
		}
		if s.real, err = core.New(core.Config{Stores: []core.Store{client}}); err != nil {
			t.Fatal(err)
		}
		c.Gate, c.App = s.real, of(fake)
		c.App.Environment = onestore.Commercial
		t.Cleanup(func() {
			_ = s.real.Close(context.Background())
			fake.Check(t)
		})
	})
	s.store = fake
	return s
}

func (s *shop) check(what, token string, want core.Outcome) {
	s.t.Helper()
	if d := s.real.Check(s.t.Context(), s.vip, core.Credentials{Account: "mina", Token: token}); d.Outcome != want {
		s.t.Errorf("%s: %v (%s, %v), want %v", what, d.Outcome, d.Reason, d.Err, want)
	}
}

func TestARefundTakesEffectWithTheNextRequest(t *testing.T) {
	s := openShop(t)
	token := s.store.Buy(onestoretest.InApp("forever"), onestoretest.Label("mina"), onestoretest.Acknowledged())
	s.check("bought", token, core.Granted)
	s.store.Refund(token)
	s.check("refunded, and nobody said so", token, core.Granted)
	n := s.store.Lookups(token)
	s.want("the notification", s.post("/payments", s.store.PaymentNotification(token)), 200)
	s.want("look-ups by the notification itself", s.store.Lookups(token), n)
	s.check("and now", token, core.Denied)
	if s.store.Lookups(token) == n {
		t.Error("the next request did not ask the store")
	}
}

func TestARevocationTakesEffectWithTheNextRequest(t *testing.T) {
	s := openShop(t)
	token := s.store.Buy(onestoretest.Subscription("vip"), onestoretest.Label("mina"), onestoretest.Acknowledged())
	s.check("bought", token, core.Granted)
	s.store.Revoke(token)
	s.check("revoked, and nobody said so", token, core.Granted)
	s.want("the notification", s.post("/subscriptions/"+secret, s.store.SubscriptionNotification(token, int(notify.Revoked))), 200)
	s.check("and now", token, core.Denied)
}

func TestANotificationDecidesNothing(t *testing.T) {
	s := openShop(t)
	kept := s.store.Buy(onestoretest.Subscription("vip"), onestoretest.Label("mina"), onestoretest.Acknowledged())
	s.check("bought", kept, core.Granted)
	s.want("a false revocation", s.post("/subscriptions/"+secret, s.store.SubscriptionNotification(kept, int(notify.Revoked))), 200)
	s.check("after it", kept, core.Granted)

	lost := s.store.Buy(onestoretest.InApp("forever"), onestoretest.Label("mina"), onestoretest.Acknowledged())
	completed := s.store.PaymentNotification(lost)
	s.store.Refund(lost)
	s.check("refunded", lost, core.Denied)
	s.want("a late completion", s.post("/payments", completed), 200)
	s.check("after it", lost, core.Denied)
}

func TestANotificationCanBeSoonerThanThePurchaseIsFound(t *testing.T) {
	s := openShop(t)
	token := s.store.Buy(onestoretest.InApp("forever"), onestoretest.Label("mina"), onestoretest.Acknowledged())
	s.store.Fail(onestoretest.Fault{Token: token, Times: 2, Effect: onestoretest.StandardError("NoSuchData")})
	s.check("not landed yet", token, core.Denied)
	s.check("and remembered as such", token, core.Denied)
	s.want("the notification", s.post("/payments", s.store.PaymentNotification(token)), 200)
	s.check("landed", token, core.Granted)
}

func TestAClosedGateWantsTheMessageToComeAgain(t *testing.T) {
	s := openShop(t)
	token := s.store.Buy(onestoretest.InApp("forever"))
	if err := s.real.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.want("a payment", s.post("/payments", s.store.PaymentNotification(token)), 503)
	s.want("a subscription", s.post("/subscriptions/"+secret, s.store.SubscriptionNotification(token, 12)), 503)
}
