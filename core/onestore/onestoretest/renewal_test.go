package onestoretest_test

import (
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestTheEndpointsOfARenewal(t *testing.T) {
	const (
		day   = 24 * time.Hour
		month = 30 * day
		ms    = time.Millisecond
	)
	gold, vip, pass := onestoretest.InApp("gold"), onestoretest.Subscription("vip"), onestoretest.Recurring("pass")
	nothing := func(*store, string) {}
	canceled := func(s *store, x string) { s.CancelRenewal(x) }
	over := func(s *store, x string) { s.Expire(x) }
	conflict := []onestoretest.Dialect{onestoretest.RepeatConflicts}
	tests := []struct {
		name       string
		product    onestoretest.Product
		before     func(s *store, token string)
		dialects   []onestoretest.Dialect
		kind, verb string
		body       string
		status     int
		code       string // empty: Success
		renews     bool
		left       time.Duration
	}{
		{"a monthly product is cancelled", pass, nothing, nil, "auto", "cancel", "", 200, "", false, month},
		{"again", pass, canceled, nil, "auto", "cancel", "", 200, "", false, month},
		{"again, to a strict store", pass, canceled, conflict, "auto", "cancel", "", 409, "InvalidPurchaseState", false, month},
		{"after its end", pass, over, nil, "auto", "cancel", "", 409, "InvalidPurchaseState", false, -ms},
		{"with a body", pass, nothing, nil, "auto", "cancel", "{}", 400, "BadRequest", true, month},
		{"a subscription as one", vip, nothing, nil, "auto", "cancel", "", 404, "NoSuchData", true, month},
		{"a managed product", gold, nothing, nil, "auto", "cancel", "", 404, "NoSuchData", false, 0},
		{"it is reactivated", pass, canceled, nil, "auto", "reactivate", "", 200, "", true, month},
		{"though it was not cancelled", pass, nothing, nil, "auto", "reactivate", "", 200, "", true, month},
		{"though it was not, to a strict store", pass, nothing, conflict, "auto", "reactivate", "", 409, "InvalidPurchaseState", true, month},
		{"after its end, too", pass, over, nil, "auto", "reactivate", "", 409, "InvalidPurchaseState", false, -ms},
		{"a reactivated subscription as one", vip, canceled, nil, "auto", "reactivate", "", 404, "NoSuchData", false, month},

		{"a subscription is cancelled", vip, nothing, nil, "subscription", "cancel", "", 200, "", false, month},
		{"on hold it ends at once", vip, func(s *store, x string) { s.Hold(x) }, nil, "subscription", "cancel", "", 200, "", false, -ms},
		{"in its grace period, too", vip, func(s *store, x string) { s.Grace(x) }, nil, "subscription", "cancel", "", 200, "", false, -ms},
		{"paused, too", vip, func(s *store, x string) { s.Pause(x, day) }, nil, "subscription", "cancel", "", 200, "", false, -ms},
		{"and cannot be reactivated", vip, func(s *store, x string) { s.Hold(x); s.CancelRenewal(x) }, nil,
			"subscription", "reactivate", "", 409, "InvalidPurchaseState", false, -ms},
		{"a cancelled one can", vip, canceled, nil, "subscription", "reactivate", "", 200, "", true, month},
		{"a monthly product as one", pass, nothing, nil, "subscription", "cancel", "", 404, "NoSuchData", true, month},

		{"a payment is deferred by days", vip, nothing, nil, "subscription", "defer", `{"deferPeriod":3}`, 200, "", true, month + 3*day},
		{"by a year", vip, nothing, nil, "subscription", "defer", `{"deferPeriod":365}`, 200, "", true, month + 365*day},
		{"by more", vip, nothing, nil, "subscription", "defer", `{"deferPeriod":366}`, 400, "InvalidRequest", true, month},
		{"by nothing", vip, nothing, nil, "subscription", "defer", `{"deferPeriod":0}`, 400, "InvalidRequest", true, month},
		{"by a text", vip, nothing, nil, "subscription", "defer", `{"deferPeriod":"3"}`, 400, "InvalidRequest", true, month},
		{"by a fraction", vip, nothing, nil, "subscription", "defer", `{"deferPeriod":1.5}`, 400, "InvalidRequest", true, month},
		{"by null", vip, nothing, nil, "subscription", "defer", `{"deferPeriod":null}`, 400, "RequiredValueNotExist", true, month},
		{"by another name", vip, nothing, nil, "subscription", "defer", `{"deferperiod":3}`, 400, "RequiredValueNotExist", true, month},
		{"without a body", vip, nothing, nil, "subscription", "defer", "", 400, "RequiredValueNotExist", true, month},
		{"with a list for a body", vip, nothing, nil, "subscription", "defer", "[3]", 400, "BadRequest", true, month},
		{"after a cancellation", vip, canceled, nil, "subscription", "defer", `{"deferPeriod":3}`, 409, "InvalidPurchaseState", false, month},
		{"in the grace period", vip, func(s *store, x string) { s.Grace(x) }, nil, "subscription", "defer", `{"deferPeriod":3}`,
			409, "InvalidPurchaseState", true, 7 * day},
		{"after the end", vip, over, nil, "subscription", "defer", `{"deferPeriod":3}`, 409, "InvalidPurchaseState", false, -ms},
		{"of a monthly product", pass, nothing, nil, "subscription", "defer", `{"deferPeriod":3}`, 404, "NoSuchData", true, month},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := inProcess(t, onestoretest.Config{
				Gentle: true, Now: frozen, KeepUnacknowledged: true, Environment: onestoretest.Commercial, Dialects: tt.dialects,
			})
			token := w.store.Buy(tt.product)
			tt.before(w.store, token)
			if got := w.post(token, tt.kind, tt.verb, tt.body); got.status != tt.status || got.code() != tt.code {
				t.Errorf("got %d %s", got.status, got.body)
			}
			if v := look(w.store, token); v.renews != tt.renews || v.left != tt.left && tt.product != gold {
				t.Errorf("then %+v", v)
			}
			wantMalformed := tt.status == 400
			if bad := w.store.Malformed(); len(bad) > 0 != wantMalformed {
				t.Errorf("malformed: %+v", bad)
			}
		})
	}
}

func TestTheSandboxDefersByMinutes(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true, Now: frozen})
	token := w.store.Buy(onestoretest.Subscription("vip"))
	if got := w.post(token, "subscription", "defer", `{"deferPeriod":366}`); got.status != 200 {
		t.Errorf("got %s", got.body)
	}
	if v := look(w.store, token); v.left != 371*time.Minute {
		t.Errorf("got %+v", v)
	}
	if got := w.post(token, "subscription", "defer", `{"deferPeriod":9223372036854775807}`); got.code() != "InvalidRequest" {
		t.Errorf("got %s", got.body)
	}
}
