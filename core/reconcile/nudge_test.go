package reconcile_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
)

const secret = "canary-secret-0123456789"

// receiver takes the store's notifications for a process.
func (r *rig) receiver(p *process) *notify.Handler {
	r.Helper()
	h, err := notify.New(notify.Config{
		Gate: p.gate, Worker: p.worker, Secret: secret, Logger: r.log.logger(),
		App: notify.App{
			ClientID: r.store.ClientID(), Market: onestore.Market(r.store.Market()), Environment: onestore.Commercial,
			LicenceKey: r.store.LicenceKey(),
		},
	})
	if err != nil {
		r.Fatal(err)
	}
	return h
}

func (r *rig) post(h http.Handler, path string, body []byte) {
	r.Helper()
	request := httptest.NewRequest("POST", path, bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, request); w.Code != 200 {
		r.Errorf("a notification came to %d: %s", w.Code, w.Body)
	}
}

// stands makes look-ups say again what they said before a refund: only a void can deny then.
func (r *rig) stands(token string) {
	r.store.Edit(token, func(m map[string]any) {
		for name, value := range map[string]any{
			"purchaseState": int64(0), "lastPurchaseState": int64(0), "expiryTime": time.Now().Add(day).UnixMilli(), "nextPaymentTime": time.Now().Add(day).UnixMilli(), "cancelledTime": nil,
			"paymentState": int64(1), "autoRenewing": true, "cancelReason": nil, "cancelledTimeMillis": nil,
			"expiryTimeMillis": time.Now().Add(day).UnixMilli(), "nextPaymentTimeMillis": time.Now().Add(day).UnixMilli(),
		} {
			if _, ok := m[name]; ok {
				m[name] = value
			}
		}
	})
}

// listings is how often the list was begun to be read.
func (r *rig) listings() int { return r.store.Count(onestoretest.OpVoidedPurchases) }

// every is a worker that reads the lists by itself so rarely that whatever happens sooner was asked for.
func every(d time.Duration) func(*reconcile.Config) {
	return func(c *reconcile.Config) { c.VoidsEvery, c.AcknowledgeEvery, c.SweepEvery = d, -1, -1 }
}

// Figure 5.6, notified: what the store takes back at any instant grants nothing a second after it said so,
// because the next request asks the store; and soon it is so for good, because its list was read.
func TestHowLongANotifiedRefundKeepsWorking(t *testing.T) {
	const refunds = 400
	bubble("of all kinds, at random instants", t, global, func(r *rig) {
		r.store = onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial, PageSize: 100})
		var voids atomic.Int64
		r.gate, r.worker = long, func(c *reconcile.Config) {
			every(day)(c)
			c.OnReport = func(report reconcile.Report) { voids.Add(int64(report.Voids)) }
		}
		p := r.start()
		stop := r.run(p)
		defer stop()
		h := r.receiver(p)
		time.Sleep(time.Minute)
		late := 0
		for range refunds {
			product := []onestoretest.Product{onestoretest.InApp("skin"), onestoretest.Recurring("pass"), onestoretest.Subscription("vip")}[rand.N(3)]
			token := r.store.Buy(product, onestoretest.Acknowledged())
			r.grants(p, token)
			time.Sleep(rand.N(20 * time.Second))
			r.grants(p, token)
			r.store.Refund(token)
			r.post(h, "/payments", r.store.PaymentNotification(token))
			time.Sleep(time.Second)
			if p.request(r.Context(), token, 200).Granted() {
				late++
			}
		}
		if late > 0 {
			r.Errorf("%d of %d granted a second after their refund was notified", late, refunds)
		}
		time.Sleep(time.Minute)
		if n := voids.Load(); n != refunds {
			r.Errorf("%d of %d refunds are in force for good", n, refunds)
		}
	})
}

func TestANotifiedRefundIsSoonInForceForGood(t *testing.T) {
	for name, take := range map[string]func(r *rig, h http.Handler) string{
		"a payment that was cancelled": func(r *rig, h http.Handler) string {
			token := r.store.Buy(onestoretest.InApp("skin"), onestoretest.Acknowledged())
			r.grants(r.now, token)
			r.store.Refund(token)
			r.post(h, "/payments", r.store.PaymentNotification(token))
			return token
		},
		"a subscription that was revoked": func(r *rig, h http.Handler) string {
			token := r.store.Buy(onestoretest.Subscription("vip"), onestoretest.Acknowledged())
			r.grants(r.now, token)
			r.store.Revoke(token)
			r.post(h, "/subscriptions/"+secret, r.store.SubscriptionNotification(token, int(notify.Revoked)))
			return token
		},
	} {
		bubble(name, t, global, func(r *rig) {
			r.worker = every(day)
			p := r.start()
			stop := r.run(p)
			defer stop()
			time.Sleep(time.Hour)
			token := take(r, r.receiver(p))
			time.Sleep(3 * time.Second)
			r.stands(token)
			if err := p.gate.InvalidateToken(r.Context(), onestore.DefaultName, token); err != nil {
				r.Fatal(err)
			}
			r.denies(p, token, core.ReasonVoided)
		})
	}
}

// A message's word voids nothing: whoever could forge one would take from a player what was paid for.
func TestAFalseNotificationHasTheListReadAndVoidsNothing(t *testing.T) {
	bubble("revoked, it says", t, global, func(r *rig) {
		r.gate, r.worker = long, every(day)
		p := r.start()
		stop := r.run(p)
		defer stop()
		h := r.receiver(p)
		token := r.store.Buy(onestoretest.Subscription("vip"), onestoretest.Acknowledged())
		other := r.store.Buy(onestoretest.InApp("skin"), onestoretest.Acknowledged())
		r.grants(p, token)
		time.Sleep(time.Hour)
		before := r.listings()
		for _, kind := range []notify.Type{notify.Renewed, notify.Canceled, notify.Expired} {
			r.post(h, "/subscriptions/"+secret, r.store.SubscriptionNotification(token, int(kind)))
		}
		r.post(h, "/payments", r.store.PaymentNotification(other)) // completed
		time.Sleep(time.Minute)
		if n := r.listings() - before; n != 0 {
			r.Errorf("the list was read %d times though nobody said that anything was taken back", n)
		}
		r.post(h, "/subscriptions/"+secret, r.store.SubscriptionNotification(token, int(notify.Revoked)))
		time.Sleep(time.Minute)
		if n := r.listings() - before; n != 2 {
			r.Errorf("the list was read %d times, want 2: soon, and once more as it had nothing new", n)
		}
		r.grants(p, token)
	})
}

func TestWhoeverNudgesCannotHaveAListReadWithoutEnd(t *testing.T) {
	bubble("ten a second for an hour", t, global, func(r *rig) {
		r.worker = every(day)
		p := r.start()
		stop := r.run(p)
		defer stop()
		time.Sleep(time.Minute)
		before := r.listings()
		for range 36_000 {
			p.worker.Nudge(onestore.DefaultName)
			time.Sleep(100 * time.Millisecond)
		}
		if n := r.listings() - before; n < 120 || n > 5+120 {
			r.Errorf("the list was read %d times in an hour, want at most 5 and one every 30 s", n)
		}
	})
	bubble("a thousand at once", t, global, func(r *rig) {
		r.worker = every(day)
		p := r.start()
		stop := r.run(p)
		defer stop()
		time.Sleep(time.Minute)
		before := r.listings()
		r.store.Refund(r.store.Buy(onestoretest.InApp("skin"), onestoretest.Acknowledged()))
		for range 1000 {
			p.worker.Nudge(onestore.DefaultName)
		}
		time.Sleep(1900 * time.Millisecond)
		r.store.Refund(r.store.Buy(onestoretest.InApp("skin"), onestoretest.Acknowledged()))
		p.worker.Nudge(onestore.DefaultName) // the reading that is awaited is too early for it
		time.Sleep(time.Minute)
		if n := r.listings() - before; n != 2 {
			r.Errorf("the list was read %d times, want 2: one for all, and one for the last", n)
		}
	})
}

func TestANudgeThatNobodyCanHeedIsNoError(t *testing.T) {
	var none *reconcile.Worker
	none.Nudge(onestore.DefaultName)
	bubble("a store that is none, and lists that are not followed", t, global, func(r *rig) {
		r.worker = every(-1)
		p := r.start()
		stop := r.run(p)
		defer stop()
		p.worker.Nudge("somewhere else")
		p.worker.Nudge(onestore.DefaultName)
		time.Sleep(time.Minute)
		if n := r.listings(); n != 0 {
			r.Errorf("the list was read %d times", n)
		}
	})
	bubble("before Run", t, global, func(r *rig) {
		r.worker = every(day)
		p := r.start()
		for range 3 {
			p.worker.Nudge(onestore.DefaultName) // does not wait
		}
		stop := r.run(p)
		defer stop()
		time.Sleep(time.Minute)
		if n := r.listings(); n == 0 {
			r.Error("the list was never read")
		}
	})
}

// One worker's rounds take turns; who waits for one leaves when its own context ends.
func TestARoundThatWaitsForItsTurnLeavesWithItsContext(t *testing.T) {
	bubble("behind a list that hangs", t, global, func(r *rig) {
		r.worker = every(day)
		p := r.start()
		r.store.Fail(onestoretest.Fault{Op: onestoretest.OpVoidedPurchases, Effect: onestoretest.Hang()})
		stop := r.run(p)
		defer stop()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := p.worker.RunOnce(ctx); err == nil {
			r.Error("RunOnce says that it did what it could not")
		}
		if took := time.Since(began); took != time.Second {
			r.Errorf("RunOnce took %v, its context had a second", took)
		}
		r.store.Clear()
	})
}
