package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
)

func TestWhatWasDeliveredIsAcknowledgedAndNothingElse(t *testing.T) {
	for _, market := range []string{korea, global} {
		bubble(market, t, market, func(r *rig) {
			p := r.start()
			kinds := []onestoretest.Product{onestoretest.InApp("skin"), onestoretest.Recurring("pass"), onestoretest.Subscription("vip")}
			var delivered, failed []string
			for _, product := range kinds {
				delivered = append(delivered, r.store.Buy(product))
				failed = append(failed, r.store.Buy(product))
			}
			for i := range kinds {
				p.request(r.Context(), delivered[i], 200)
				p.request(r.Context(), failed[i], 500)
			}
			if report := r.once(p); report.Acknowledged != 3 || report.Failed != 0 || len(report.Undelivered) != 3 {
				r.Errorf("the report is %+v", report)
			}
			for i := range kinds {
				if !r.store.Acknowledged(delivered[i]) || r.store.Acknowledged(failed[i]) {
					r.Errorf("%s: delivered is acknowledged %v, failed %v", kinds[i].ID, r.store.Acknowledged(delivered[i]), r.store.Acknowledged(failed[i]))
				}
			}
			for i := range kinds { // the next success delivers (row 54)
				p.request(r.Context(), failed[i], 200)
			}
			r.once(p)
			r.once(p)
			if n := r.store.Count(onestoretest.OpAcknowledgePurchase); n != 6 {
				r.Errorf("the store was told %d times, want 6", n)
			}
			time.Sleep(4 * day) // and so none is cancelled
			for _, token := range append(delivered, failed...) {
				if product, _ := r.store.Product(token); product.ID != "pass" && product.ID != "vip" { // which renew meanwhile or not
					r.grants(p, token)
				}
			}
		})
	}
}

// Row 53: down for 60 hours.
func TestAnOutageOfSixtyHoursCostsNoPurchase(t *testing.T) {
	bubble("500 purchases", t, global, func(r *rig) {
		r.worker = func(c *reconcile.Config) {
			c.VoidsEvery, c.AcknowledgeEvery = -1, 30*time.Second
			c.AlarmBefore = 48 * time.Hour
		}
		p := r.start()
		var tokens []string
		for i := range 500 {
			tokens = append(tokens, r.store.Buy(onestoretest.InApp("skin")))
			if i%25 == 24 {
				time.Sleep(time.Minute)
			}
		}
		r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Effect: onestoretest.StandardError("InternalError")})
		for _, token := range tokens {
			begin := time.Now()
			r.grants(p, token)
			if took := time.Since(begin); took > time.Second {
				r.Errorf("a player waited for %v", took)
			}
		}
		stop := r.run(p)
		time.Sleep(50 * time.Hour)
		if !r.log.says("are not acknowledged and near their deadlines") {
			r.Error("22 hours before the deadline nobody was told")
		}
		begin := time.Now()
		r.grants(p, tokens[0])
		if took := time.Since(begin); took > time.Second {
			r.Errorf("a player waited for %v", took)
		}
		time.Sleep(10 * time.Hour)
		r.store.Clear()
		r.store.ResetLog()
		time.Sleep(3 * time.Hour)
		stop()
		for i, token := range tokens {
			if !r.store.Acknowledged(token) {
				r.Fatalf("purchase %d is not acknowledged", i)
			}
		}
		if n := r.store.Count(onestoretest.OpAcknowledgePurchase); n != len(tokens) {
			r.Errorf("the store was told %d times, want %d", n, len(tokens))
		}
	})
}

func TestTheNearestDeadlineIsAcknowledgedFirst(t *testing.T) {
	bubble("one at a time", t, global, func(r *rig) {
		r.worker = func(c *reconcile.Config) { c.Parallel = 1 }
		p := r.start()
		var bought []string
		for range 20 {
			bought = append(bought, r.store.Buy(onestoretest.InApp("skin")))
			time.Sleep(time.Minute)
		}
		for _, i := range []int{7, 3, 19, 0, 11, 1, 2, 18, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 16, 17} {
			p.request(r.Context(), bought[i], 200)
		}
		r.once(p)
		var told []string
		for _, q := range r.store.Requests() {
			if q.Op == onestoretest.OpAcknowledgePurchase {
				told = append(told, q.Token)
			}
		}
		if !slices.Equal(told, bought) {
			r.Errorf("the order is %q, want %q", told, bought)
		}
	})
}

// Row 53: what a store refuses, and what it does although its answer is lost.
func TestWhatBecomesOfAnAcknowledgementThatDoesNotSucceed(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(r *rig, token string)
		tries int // acknowledgements that the store got
		want  core.DebtState
	}{
		{"already acknowledged", func(r *rig, token string) { r.store.Acknowledge(token) }, 1, core.DebtAcknowledged},
		{"cancelled meanwhile", func(r *rig, token string) { r.store.Refund(token) }, 3, core.DebtAbandoned},
		{"done, and the connection reset", func(r *rig, token string) {
			r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Times: 1, Effect: onestoretest.LoseAnswer()})
		}, 1, core.DebtAcknowledged},
		{"a payload that does not match", func(r *rig, token string) {
			r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Effect: onestoretest.StandardError("DeveloperPayloadNotMatch")})
		}, 3, core.DebtAbandoned},
		{"no such purchase any more", func(r *rig, token string) {
			r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Effect: onestoretest.StandardError("NoSuchData")})
		}, 3, core.DebtAbandoned},
		{"an access token that is refused once", func(r *rig, token string) {
			r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Times: 1, Effect: onestoretest.StandardError("AccessTokenExpired")})
		}, 0, core.DebtAcknowledged},
		{"slow, and then not", func(r *rig, token string) {
			r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Times: 2, Effect: onestoretest.Hang()})
		}, 0, core.DebtAcknowledged},
	} {
		bubble(c.name, t, global, func(r *rig) {
			p := r.start()
			token := r.store.Buy(onestoretest.InApp("skin"), onestoretest.Label("alice"))
			r.grants(p, token)
			c.spoil(r, token)
			stop := r.run(p)
			time.Sleep(3 * time.Hour)
			stop()
			e, err := r.outbox.Record(r.Context(), core.Debt{Store: "onestore", Token: token, By: time.Now()}, false)
			if err != nil || e.State != c.want {
				r.Errorf("the entry is %v with %q after %d tries, %v; want it %v", e.State, e.Fault, e.Tries, err, c.want)
			}
			if n := r.store.Count(onestoretest.OpAcknowledgePurchase); c.tries > 0 && n != c.tries {
				r.Errorf("the store was told %d times, want %d", n, c.tries)
			}
			if abandoned := c.want == core.DebtAbandoned; abandoned != r.log.says("refuses an acknowledgement for good") {
				r.Errorf("the log says that it was abandoned: %v", !abandoned)
			}
			if report := r.once(p); (report.Abandoned == 1) != (c.want == core.DebtAbandoned) {
				r.Errorf("the report is %+v", report)
			}
			if r.log.says(token) {
				r.Error("the log names the token")
			}
		})
	}
}

func TestWhatNobodyDeliveredIsReportedAndSettledIfSomebodyElseDid(t *testing.T) {
	bubble("in the market that lists it", t, korea, func(r *rig) {
		p := r.start()
		forgotten := r.store.Buy(onestoretest.InApp("skin")) // which no request ever brought
		failed := r.store.Buy(onestoretest.InApp("skin"))
		elsewhere := r.store.Buy(onestoretest.InApp("skin"))
		p.request(r.Context(), failed, 500)
		p.request(r.Context(), elsewhere, 500)
		r.store.Acknowledge(elsewhere) // by the game's client
		time.Sleep(time.Hour)
		report := r.once(p)
		if got := tokens(report.Undelivered); !slices.Equal(got, sorted(forgotten, failed)) {
			r.Errorf("undelivered are %q, want %q", got, sorted(forgotten, failed))
		}
		if r.log.says("near their deadlines") {
			r.Error("71 hours are not near")
		}
		time.Sleep(50 * time.Hour)
		r.once(p)
		if !r.log.says("nobody delivered are near their deadlines") {
			r.Error("21 hours before the deadline nobody was told")
		}
		if got, want := p.gate.Stats().Outbox.Found, (core.DebtsFound{At: time.Now(), Undelivered: 2}); got != want {
			r.Errorf("the gate shows %+v, want %+v", got, want)
		}
		p.request(r.Context(), failed, 200)
		p.request(r.Context(), forgotten, 200)
		if report = r.once(p); report.Acknowledged != 2 || len(report.Undelivered) != 0 {
			r.Errorf("the report is %+v", report)
		}
		time.Sleep(20 * day)
		if report = r.once(p); report.Pruned != 3 {
			r.Errorf("the report is %+v", report)
		}
	})
	bubble("in the market without a list, of what a gate let in", t, global, func(r *rig) {
		p := r.start()
		failed := r.store.Buy(onestoretest.InApp("skin"))
		p.request(r.Context(), failed, 500)
		time.Sleep(50 * time.Hour)
		if got := tokens(r.once(p).Undelivered); !slices.Equal(got, []string{failed}) {
			r.Errorf("undelivered are %q", got)
		}
		if n := r.store.Count(onestoretest.OpUnconfirmedPurchases); n != 0 {
			r.Errorf("the list was asked for %d times", n)
		}
		if s := p.gate.Stats().Stores[0]; s.WorkFailed != 0 {
			r.Errorf("counted: %+v", s)
		}
	})
	bubble("what the store forgot is opened again", t, korea, func(r *rig) {
		p := r.start()
		token := r.store.Buy(onestoretest.InApp("skin"))
		r.grants(p, token)
		r.store.Fail(onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Times: 1,
			Effect: onestoretest.Answer(200, nil, `{"result":{"code":"Success","message":"Request has been completed successfully."}}`)})
		r.once(p)
		if r.store.Acknowledged(token) {
			r.Fatal("the store did not forget")
		}
		time.Sleep(time.Hour)
		if report := r.once(p); report.Reopened != 1 {
			r.Errorf("the report is %+v", report)
		}
		if report := r.once(p); report.Acknowledged != 1 || !r.store.Acknowledged(token) {
			r.Errorf("the report is %+v", report)
		}
	})
}

func tokens(entries []core.OutboxEntry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Token)
	}
	return sorted(all...)
}

func sorted(tokens ...string) []string {
	slices.Sort(tokens)
	return tokens
}

func TestADebtPrintsWithoutItsToken(t *testing.T) {
	e := core.OutboxEntry{Debt: core.Debt{Store: "onestore", Kind: core.KindInApp, Product: "skin", Token: "secret", PurchaseID: "1", By: time.Unix(0, 0)}, State: core.DebtDelivered}
	for _, got := range []string{fmt.Sprintf("%v %+v %#v %s", e, e, e, e), fmt.Sprint(&e, e.Debt), fmt.Sprintf("%+v", reconcile.Report{Overdue: []core.OutboxEntry{e}})} {
		if want := "onestore:inapp/skin 1 by 1970-01-01T00:00:00Z"; !strings.Contains(got, want) || strings.Contains(got, "secret") {
			t.Errorf("got %q", got)
		}
	}
}
