package onestoretest_test

import (
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

type store = onestoretest.Store

// view is what a look-up says about access, times as distances from now.
type view struct {
	left      time.Duration // until the expiry
	renews    bool
	payment   any // paymentState
	last      any // lastPurchaseState
	reason    any // cancelReason
	linked    bool
	pausing   bool
	refunded  bool
	confirmed bool
}

func look(s *store, token string) view {
	f := s.Facts(token)
	v := view{reason: f["cancelReason"], payment: f["paymentState"], last: f["lastPurchaseState"]}
	for _, name := range []string{"expiryTime", "expiryTimeMillis"} {
		if ms, ok := f[name].(int64); ok {
			v.left = time.UnixMilli(ms).Sub(s.Now())
		}
	}
	v.renews, _ = f["autoRenewing"].(bool)
	v.linked = f["linkedPurchaseToken"] != nil
	v.pausing = f["pauseStartTimeMillis"] != nil
	v.refunded = f["purchaseState"] == int64(1)
	v.confirmed = f["acknowledgeState"] == int64(1) || f["acknowledgementState"] == int64(1)
	return v
}

func TestLives(t *testing.T) {
	const (
		month = 30 * 24 * time.Hour
		day   = 24 * time.Hour
		ms    = time.Millisecond
	)
	paid, unpaid, zero, one := any(int64(1)), any(int64(0)), any(int64(0)), any(int64(1))
	sub, auto, gold := onestoretest.Subscription("vip"), onestoretest.Recurring("pass"), onestoretest.InApp("gold")
	tests := []struct {
		name    string
		product onestoretest.Product
		sandbox bool
		cfg     onestoretest.Config
		options []onestoretest.Option
		live    func(s *store, token string)
		want    view
	}{
		{name: "a subscription runs for 30 days", product: sub, want: view{left: month, renews: true, payment: paid}},
		{name: "in the sandbox for 5 minutes", product: sub, sandbox: true,
			want: view{left: 5 * time.Minute, renews: true, payment: paid}},
		{name: "its free period has a state of its own", product: sub, options: []onestoretest.Option{onestoretest.FreePeriod(7 * day)},
			want: view{left: 7 * day, renews: true, payment: int64(2)}},
		{name: "it renews at the instant of its expiry", product: sub, live: func(s *store, _ string) { s.Advance(month) },
			want: view{left: month, renews: true, payment: paid}},
		{name: "not before", product: sub, live: func(s *store, _ string) { s.Advance(month - ms) },
			want: view{left: ms, renews: true, payment: paid}},
		{name: "and again and again", product: sub, live: func(s *store, _ string) { s.Advance(10*month + day) },
			want: view{left: 29 * day, renews: true, payment: paid}},
		{name: "the free period becomes a paid one", product: sub, options: []onestoretest.Option{onestoretest.FreePeriod(7 * day)},
			live: func(s *store, _ string) { s.Advance(8 * day) }, want: view{left: 29 * day, renews: true, payment: paid}},
		{name: "cancelled, it runs on", product: sub, live: func(s *store, x string) { s.CancelRenewal(x); s.Advance(month) },
			want: view{left: 0, payment: paid, reason: zero}},
		{name: "and ends", product: sub, live: func(s *store, x string) { s.CancelRenewal(x); s.Advance(month + ms) },
			want: view{left: -ms, reason: zero}},
		{name: "reactivated, it renews", product: sub, live: func(s *store, x string) { s.CancelRenewal(x); s.Reactivate(x); s.Advance(month) },
			want: view{left: month, renews: true, payment: paid}},
		{name: "a failed payment leads into the grace period", product: sub, live: func(s *store, x string) { s.FailPayment(x); s.Advance(month) },
			want: view{left: 7 * day, renews: true, payment: unpaid}},
		{name: "the last millisecond of grace", product: sub, live: func(s *store, x string) { s.FailPayment(x); s.Advance(month + 7*day) },
			want: view{left: 0, renews: true, payment: unpaid}},
		{name: "then the hold", product: sub, live: func(s *store, x string) { s.FailPayment(x); s.Advance(month + 8*day) },
			want: view{left: -day, renews: true, payment: unpaid}},
		{name: "then the end", product: sub, live: func(s *store, x string) { s.FailPayment(x); s.Advance(month + 38*day) },
			want: view{left: -31 * day, reason: one}},
		{name: "without grace the hold comes at once", product: sub, cfg: onestoretest.Config{GracePeriod: -1},
			live: func(s *store, x string) { s.FailPayment(x); s.Advance(month + ms) }, want: view{left: -ms, renews: true, payment: unpaid}},
		{name: "without either it ends", product: sub, cfg: onestoretest.Config{GracePeriod: -1, HoldPeriod: -1},
			live: func(s *store, x string) { s.FailPayment(x); s.Advance(month + ms) }, want: view{left: -ms, reason: one}},
		{name: "a payment saves it from the hold", product: sub, live: func(s *store, x string) { s.FailPayment(x); s.Advance(month + 8*day); s.Renew(x) },
			want: view{left: month, renews: true, payment: paid}},
		{name: "grace now", product: sub, live: func(s *store, x string) { s.Grace(x) }, want: view{left: 7 * day, renews: true, payment: unpaid}},
		{name: "on hold now", product: sub, live: func(s *store, x string) { s.Hold(x) }, want: view{left: -ms, renews: true, payment: unpaid}},
		{name: "cancelled on hold, it ends at once", product: sub, live: func(s *store, x string) { s.Hold(x); s.CancelRenewal(x) },
			want: view{left: -ms, reason: zero}},
		{name: "cancelled in grace, too", product: sub, live: func(s *store, x string) { s.Grace(x); s.CancelRenewal(x) },
			want: view{left: -ms, reason: zero}},
		{name: "paused now", product: sub, live: func(s *store, x string) { s.Pause(x, 14*day) },
			want: view{left: -ms, renews: true, payment: unpaid, pausing: true}},
		{name: "the pause ends by itself", product: sub, live: func(s *store, x string) { s.Pause(x, 14*day); s.Advance(15 * day) },
			want: view{left: 29 * day, renews: true, payment: paid}},
		{name: "or is ended", product: sub, live: func(s *store, x string) { s.Pause(x, 14*day); s.Resume(x) },
			want: view{left: month, renews: true, payment: paid}},
		{name: "a pause is scheduled", product: sub, live: func(s *store, x string) { s.SchedulePause(x, 14*day) },
			want: view{left: month, renews: true, payment: paid, pausing: true}},
		{name: "and begins", product: sub, live: func(s *store, x string) { s.SchedulePause(x, 14*day); s.Advance(month + day) },
			want: view{left: -day, renews: true, payment: unpaid, pausing: true}},
		{name: "or is withdrawn", product: sub, live: func(s *store, x string) { s.SchedulePause(x, 14*day); s.Resume(x); s.Advance(month + day) },
			want: view{left: 29 * day, renews: true, payment: paid}},
		{name: "cancelling withdraws a scheduled pause", product: sub, live: func(s *store, x string) { s.SchedulePause(x, 14*day); s.CancelRenewal(x) },
			want: view{left: month, payment: paid, reason: zero}},
		{name: "expired now", product: sub, live: func(s *store, x string) { s.Expire(x) }, want: view{left: -ms, reason: one}},
		{name: "revoked", product: sub, live: func(s *store, x string) { s.Revoke(x) }, want: view{left: -ms, reason: one}},
		{name: "refunded", product: sub, live: func(s *store, x string) { s.Refund(x) }, want: view{left: -ms, reason: one}},
		{name: "deferred", product: sub, live: func(s *store, x string) { s.Defer(x, day) }, want: view{left: 31 * day, renews: true, payment: paid}},
		{name: "renewed out of turn", product: sub, live: func(s *store, x string) { s.Renew(x) }, want: view{left: 2 * month, renews: true, payment: paid}},
		{name: "a changed plan ends the old one", product: sub, live: func(s *store, x string) { s.ChangePlan(x, onestoretest.Subscription("gold")) },
			want: view{left: -ms, reason: one}},
		{name: "a price that nobody agreed to ends it in the end", product: sub, live: func(s *store, x string) { s.ChangePrice(x, 1, false); s.Advance(2*month + ms) },
			want: view{left: -ms, reason: one}},
		{name: "but not before", product: sub, live: func(s *store, x string) { s.ChangePrice(x, 1, false); s.Advance(month) },
			want: view{left: month, renews: true, payment: paid}},
		{name: "a price agreed to does not", product: sub, live: func(s *store, x string) { s.ChangePrice(x, 1, true); s.Advance(2 * month) },
			want: view{left: month, renews: true, payment: paid}},

		{name: "a monthly product renews", product: auto, live: func(s *store, _ string) { s.Advance(month) }, want: view{left: month, renews: true, last: zero}},
		{name: "cancelled, it runs on until it ends", product: auto, live: func(s *store, x string) { s.CancelRenewal(x); s.Advance(month) },
			want: view{left: 0, last: zero, reason: zero}},
		{name: "refunded, it keeps its expiry", product: auto, live: func(s *store, x string) { s.Refund(x) }, want: view{left: month, last: one, reason: one}},
		{name: "unpaid, it ends", product: auto, live: func(s *store, x string) { s.FailPayment(x); s.Advance(month + ms) },
			want: view{left: -ms, last: zero, reason: one}},

		{name: "a managed product is refunded", product: gold, live: func(s *store, x string) { s.Refund(x) }, want: view{refunded: true}},
		{name: "consuming it acknowledges it", product: gold, live: func(s *store, x string) { s.Consume(x) }, want: view{confirmed: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.sandbox {
				tt.cfg.Environment = onestoretest.Commercial
			}
			tt.cfg.Now, tt.cfg.Gentle, tt.cfg.KeepUnacknowledged = frozen, true, true
			s := onestoretest.New(tt.cfg)
			token := s.Buy(tt.product, tt.options...)
			if tt.live != nil {
				tt.live(s, token)
			}
			if got := look(s, token); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestWhatNobodyAcknowledgesIsCancelledAfterThreeDays(t *testing.T) {
	const days3 = 72 * time.Hour
	for _, product := range []onestoretest.Product{onestoretest.InApp("gold"), onestoretest.Recurring("pass"), onestoretest.Subscription("vip")} {
		tests := []struct {
			name     string
			after    time.Duration
			keep     bool
			confirm  bool
			canceled bool
		}{
			{"before the deadline", days3 - time.Millisecond, false, false, false},
			{"at the deadline", days3, false, false, true},
			{"acknowledged in time", days3, false, true, false},
			{"switched off", days3, true, false, false},
		}
		for _, tt := range tests {
			t.Run(string(product.Kind)+" "+tt.name, func(t *testing.T) {
				s := onestoretest.New(onestoretest.Config{
					Environment: onestoretest.Commercial, Now: frozen, Gentle: true, KeepUnacknowledged: tt.keep,
				})
				token := s.Buy(product)
				if tt.confirm {
					s.Acknowledge(token)
				}
				s.Advance(tt.after)
				got := look(s, token)
				canceled := got.refunded || got.last == int64(1) || product.Kind == onestoretest.KindSubscription && got.left < 0
				if canceled != tt.canceled {
					t.Errorf("got %+v", got)
				}
			})
		}
	}
}

func TestAChangedPlanNamesItsPredecessor(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Gentle: true})
	before := s.Buy(onestoretest.Subscription("vip"), onestoretest.Label("player-1"), onestoretest.Acknowledged())
	after := s.ChangePlan(before, onestoretest.Subscription("vip_gold"), onestoretest.Price(9900))
	f := s.Facts(after)
	if f["linkedPurchaseToken"] != before || f["acknowledgementState"] != int64(0) || f["developerPayload"] != "" || f["priceAmount"] != "9900" {
		t.Errorf("got %v", f)
	}
	if p, ok := s.Product(after); !ok || p != onestoretest.Subscription("vip_gold") {
		t.Errorf("product %v", p)
	}
}

func TestAnAgreedPriceIsPaidAtTheNextPayment(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{Gentle: true, Now: frozen})
	token := s.Buy(onestoretest.Subscription("vip"), onestoretest.Price(4900))
	s.ChangePrice(token, 5900, true)
	if f := s.Facts(token); f["priceAmount"] != "4900" || f["nextPriceAmount"] != "5900" {
		t.Errorf("before: %v", f)
	}
	s.Advance(5 * time.Minute)
	if f := s.Facts(token); f["priceAmount"] != "5900" || f["priceChange"] != nil {
		t.Errorf("after: %v", f)
	}
}

func TestSenselessVerbsPanic(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{})
	gold, vip, pass := s.Buy(onestoretest.InApp("gold")), s.Buy(onestoretest.Subscription("vip")), s.Buy(onestoretest.Recurring("pass"))
	over := s.Buy(onestoretest.Subscription("vip"))
	s.Expire(over)
	back := s.Buy(onestoretest.InApp("gold"))
	s.Refund(back)
	tests := map[string]func(){
		"an unknown token":                    func() { s.Refund("nope") },
		"the path of an unknown token":        func() { s.LookupPath("nope") },
		"expiring a managed product":          func() { s.Expire(gold) },
		"pausing a monthly product":           func() { s.Pause(pass, time.Hour) },
		"pausing for no time":                 func() { s.Pause(vip, 0) },
		"revoking a managed product":          func() { s.Revoke(gold) },
		"consuming a subscription":            func() { s.Consume(vip) },
		"reactivating what was not cancelled": func() { s.Reactivate(vip) },
		"resuming what is not paused":         func() { s.Resume(vip) },
		"renewing what has ended":             func() { s.Renew(over) },
		"cancelling what has ended":           func() { s.CancelRenewal(over) },
		"deferring what has ended":            func() { s.Defer(over, time.Hour) },
		"refunding a payment it never made":   func() { s.RefundPayment(gold, "nope") },
		"refunding a payment twice":           func() { s.RefundPayment(back, s.Payments(back)[0].ID) },
		"an unnamed product":                  func() { s.Buy(onestoretest.InApp("")) },
		"a period that takes no time":         func() { s.Buy(onestoretest.Subscription("vip"), onestoretest.Period(0)) },
		"a purchase of nothing":               func() { s.Buy(onestoretest.InApp("gold"), onestoretest.Quantity(0)) },
		"a managed product with a period":     func() { s.Buy(onestoretest.InApp("gold"), onestoretest.Period(time.Hour)) },
		"an unknown standard error":           func() { onestoretest.StandardError("Nope") },
	}
	for name, verb := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("nothing happened")
				}
			}()
			verb()
		})
	}
}
