package googleplay_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// decisions is a gate in front of a fake.
func decisions(t *testing.T, fake *googleplaytest.Store, change ...func(*googleplay.Config)) (*core.Gate, *googleplay.Client) {
	t.Helper()
	c := clientOf(t, fake, change...)
	gate, err := core.New(core.Config{Stores: []core.Store{c}, Guard: core.Guard{TripAfter: 100}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return gate, c
}

// row is a row of the decision table, as a purchase that something happens to.
type row struct {
	name    string
	product core.Product
	options []googleplaytest.Option
	happens func(*googleplaytest.Store, string)
	want    core.Outcome
	reason  core.Reason
	more    func(*core.Decision) bool
}

func edit(name string, value any) func(*googleplaytest.Store, string) {
	return func(s *googleplaytest.Store, tok string) {
		s.Edit(tok, func(m map[string]any) {
			if m[name] = value; value == absent {
				delete(m, name)
			}
		})
	}
}

func (r *row) run(t *testing.T, cfg googleplaytest.Config, change ...func(*googleplay.Config)) {
	t.Run(r.name, func(t *testing.T) {
		fake := googleplaytest.New(cfg)
		gate, _ := decisions(t, fake, change...)
		sold := googleplaytest.InApp(r.product.ID)
		if r.product.Kind == core.KindSubscription {
			sold = googleplaytest.Subscription(r.product.ID)
		}
		tok := fake.Buy(sold, r.options...)
		if r.happens != nil {
			r.happens(fake, tok)
		}
		d := gate.Check(context.Background(), r.product, core.Credentials{Account: "alice", Token: tok})
		if d.Outcome != r.want || d.Reason != r.reason || r.more != nil && !r.more(&d) {
			t.Errorf("got %v (%v, %v), want %v (%v): %+v", d.Outcome, d.Reason, d.Err, r.want, r.reason, d.Purchase)
		}
		fake.Check(t)
	})
}

func TestPurchasesOfProductsBecomeDecisions(t *testing.T) {
	skin, gems := googleplay.InApp("skin"), googleplay.InApp("gems").Consumable()
	acked := []googleplaytest.Option{googleplaytest.Acknowledged()}
	with := func(o ...googleplaytest.Option) []googleplaytest.Option { return append(o, acked...) }
	quantity := func(n int) func(*core.Decision) bool {
		return func(d *core.Decision) bool { return d.Purchase.Quantity == n }
	}
	consume := (*googleplaytest.Store).Consume
	const day = 24 * time.Hour
	for _, r := range []row{
		{"row 57: a permanent product, acknowledged, grants", skin, acked, nil, core.Granted, core.ReasonOwned, nil},
		{"row 57: a consumable, acknowledged, grants", gems, acked, nil, core.Granted, core.ReasonUnconsumed, nil},
		{"row 58: an unacknowledged one grants and owes", skin, nil, nil, core.Granted, core.ReasonActiveUnacknowledged, func(d *core.Decision) bool {
			return d.AcknowledgeBy.Equal(d.Purchase.PurchasedAt.Add(3 * day))
		}},
		{"row 59: a consumed consumable grants nothing", gems, nil, consume, core.Denied, core.ReasonConsumed, nil},
		{"row 60: nor does a permanent product that was consumed", skin, nil, consume, core.Denied, core.ReasonConsumed, nil},
		{"row 61: a cancelled purchase grants nothing", skin, acked, (*googleplaytest.Store).Refund, core.Denied, core.ReasonPurchaseCanceled, nil},
		{"row 61: nor does one that was not acknowledged in time", skin, nil, func(s *googleplaytest.Store, _ string) { s.Advance(3 * day) }, core.Denied, core.ReasonPurchaseCanceled, nil},
		{"row 62: a pending payment grants nothing", skin, []googleplaytest.Option{googleplaytest.Pending()}, nil, core.Denied, core.ReasonPending, nil},
		{"row 62: and grants once it is paid", skin, []googleplaytest.Option{googleplaytest.Pending()}, (*googleplaytest.Store).Pay, core.Granted, core.ReasonActiveUnacknowledged, nil},
		{"row 62: a pending payment that never comes", skin, []googleplaytest.Option{googleplaytest.Pending()}, (*googleplaytest.Store).CancelPending, core.Denied, core.ReasonPurchaseCanceled, nil},
		{"row 63: a state that is missing is no state", skin, acked, edit("purchaseState", absent), core.Undetermined, core.ReasonMalformedUpstream, nil},
		{"row 63: nor is null", skin, acked, edit("purchaseState", nil), core.Undetermined, core.ReasonMalformedUpstream, nil},
		{"row 64: what was refunded in full grants nothing, though it stands", skin, acked, (*googleplaytest.Store).RefundAndKeep, core.Denied, core.ReasonRefunded, nil},
		{"row 65: what is left of several grants", gems, with(googleplaytest.Quantity(5)), func(s *googleplaytest.Store, tok string) { s.RefundQuantity(tok, 2) }, core.Granted, core.ReasonPartiallyRefunded, quantity(3)},
		{"row 66: a refundable quantity that is not said decides nothing", gems, with(googleplaytest.Quantity(5)), edit("refundableQuantity", absent), core.Granted, core.ReasonUnconsumed, quantity(5)},
		{"row 69: a tester's purchase grants nothing", skin, with(googleplaytest.Test()), nil, core.Denied, core.ReasonTestPurchase, func(d *core.Decision) bool { return d.Purchase.Test }},
		{"row 70: one by promotion code grants", skin, with(googleplaytest.PromoCode()), nil, core.Granted, core.ReasonOwned, nil},
		{"row 70: one that was earned grants", skin, with(googleplaytest.Rewarded()), nil, core.Granted, core.ReasonOwned, nil},
		{"row 71: another account's purchase grants nothing", skin, with(googleplaytest.Label("bob")), nil, core.Denied, core.ReasonAccountMismatch, nil},
		{"row 71: the account's own grants", skin, with(googleplaytest.Label("alice")), nil, core.Granted, core.ReasonOwned, nil},
		{"row 72: an answer about another product", skin, acked, edit("productId", "castle"), core.Denied, core.ReasonProductMismatch, nil},
		{"row 72: an answer about another token", skin, acked, edit("purchaseToken", "another"), core.Denied, core.ReasonProductMismatch, nil},
		{"row 73: a term that is running", skin.For(30 * day), acked, func(s *googleplaytest.Store, _ string) { s.Advance(30*day - time.Second) }, core.Granted, core.ReasonTermActive, nil},
		{"row 73: a term that is over", skin.For(30 * day), acked, func(s *googleplaytest.Store, _ string) { s.Advance(30*day + 2*time.Second) }, core.Denied, core.ReasonTermExpired, nil},
	} {
		r.run(t, googleplaytest.Config{})
	}
	allowed := row{"row 69: a tester's purchase grants where it is allowed by name", skin, with(googleplaytest.Test()), nil, core.Granted, core.ReasonOwned, nil}
	allowed.run(t, googleplaytest.Config{}, func(c *googleplay.Config) { c.AllowTestPurchases = true })
}

func TestVoidsBecomeDecisions(t *testing.T) {
	skin, gems := googleplay.InApp("skin"), googleplay.InApp("gems").Consumable()
	fake := googleplaytest.New(googleplaytest.Config{})
	gate, c := decisions(t, fake)
	one := fake.Buy(googleplaytest.InApp("skin"), googleplaytest.Acknowledged())
	many := fake.Buy(googleplaytest.InApp("gems"), googleplaytest.Acknowledged(), googleplaytest.Quantity(5))
	ask := func(p core.Product, tok string) core.Decision {
		return gate.Check(context.Background(), p, core.Credentials{Account: "alice", Token: tok})
	}
	if a, b := ask(skin, one), ask(gems, many); !a.Granted() || !b.Granted() || b.Purchase.Quantity != 5 {
		t.Fatalf("got %+v, %+v", a, b)
	}
	fake.Refund(one)
	fake.RefundQuantity(many, 2)
	for v, err := range c.VoidedPurchases(t.Context(), googleplay.Window{}) {
		if err != nil {
			t.Fatal(err)
		}
		if void, all := c.Void(v); all {
			err = gate.Void(t.Context(), void)
		} else {
			err = gate.InvalidateToken(t.Context(), c.ID(), v.PurchaseToken)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if d := ask(skin, one); d.Outcome != core.Denied || d.Reason != core.ReasonVoided {
		t.Errorf("row 67: a void without a quantity takes the purchase away: %v (%v)", d.Outcome, d.Reason)
	}
	if d := ask(gems, many); d.Reason != core.ReasonPartiallyRefunded || d.Purchase.Quantity != 3 {
		t.Errorf("row 68: a void with a quantity reduces it: %v (%v) %+v", d.Outcome, d.Reason, d.Purchase)
	}
}

// The rows of the decision table for calls that fail, through client, guard and gate.
func TestCallsThatFailBecomeDecisions(t *testing.T) {
	refuse := googleplaytest.Refuse
	for _, row := range []struct {
		name   string
		effect googleplaytest.Effect
		want   core.Outcome
		reason core.Reason
		status int
		calls  int
	}{
		{"row 74: 404 is no such purchase", refuse(404, "notFound"), core.Denied, core.ReasonNotFound, 403, 1},
		{"row 74: 410 was one, long ago", refuse(410, "purchaseTokenNoLongerValid"), core.Denied, core.ReasonNotFound, 403, 1},
		{"row 74: a page with 404 is a fault", googleplaytest.HTMLPage(404), core.Undetermined, core.ReasonUpstreamFault, 503, 1},
		{"row 75: invalidValue", refuse(400, "invalidValue"), core.Denied, core.ReasonInvalidToken, 400, 1},
		{"row 75: invalid", refuse(400, "invalid"), core.Denied, core.ReasonInvalidToken, 400, 1},
		{"row 75: purchaseTokenMismatch", refuse(400, "purchaseTokenMismatch"), core.Denied, core.ReasonProductMismatch, 403, 1},
		{"row 75: purchaseTokenDoesNotMatchProductId", refuse(400, "purchaseTokenDoesNotMatchProductId"), core.Denied, core.ReasonProductMismatch, 403, 1},
		{"row 76: productNotOwnedByUser", refuse(400, "productNotOwnedByUser"), core.Denied, core.ReasonNotOwned, 403, 1},
		{"row 77: unsupportedIabType is our request", refuse(400, "unsupportedIabType"), core.Undetermined, core.ReasonUpstreamMisconfigured, 503, 1},
		{"row 77: required is our request", refuse(400, "required"), core.Undetermined, core.ReasonUpstreamMisconfigured, 503, 1},
		{"row 78: 401 for a token that was just issued is our credentials", refuse(401, "authError"), core.Undetermined, core.ReasonUpstreamAuth, 503, 1},
		{"row 78: 403 is our rights", refuse(403, "userInsufficientPermission"), core.Undetermined, core.ReasonUpstreamAuth, 503, 1},
		{"row 79: 409 concurrentUpdate, repeated", refuse(409, "concurrentUpdate"), core.Undetermined, core.ReasonUpstreamUnavailable, 503, 2},
		{"row 80: 429, repeated", refuse(429, "rateLimitExceeded"), core.Undetermined, core.ReasonUpstreamUnavailable, 503, 2},
		{"row 80: 403 that means a quota", refuse(403, "quotaExceeded"), core.Undetermined, core.ReasonUpstreamUnavailable, 503, 1},
		{"row 80: 500, repeated", refuse(500, "backendError"), core.Undetermined, core.ReasonUpstreamUnavailable, 503, 2},
		{"row 80: 503 that names a time is a pause", googleplaytest.Unavailable("3"), core.Undetermined, core.ReasonUpstreamUnavailable, 503, 1},
		{"row 80: a connection that is reset, repeated", googleplaytest.Reset(), core.Undetermined, core.ReasonUpstreamUnavailable, 503, 2},
	} {
		for _, p := range []struct {
			product core.Product
			sold    googleplaytest.Product
			op      googleplaytest.Op
		}{
			{googleplay.InApp("skin"), googleplaytest.InApp("skin"), googleplaytest.OpProductGet},
			{googleplay.Subscription("skin"), googleplaytest.Subscription("skin"), googleplaytest.OpSubscriptionGet},
		} {
			t.Run(row.name+", "+string(p.product.Kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake := googleplaytest.New(googleplaytest.Config{})
					gate, _ := decisions(t, fake)
					credentials := core.Credentials{Account: "alice", Token: fake.Buy(p.sold, googleplaytest.Acknowledged())}
					fake.Fail(googleplaytest.Fault{Op: p.op, Effect: row.effect})
					d := gate.Check(context.Background(), p.product, credentials)
					if d.Outcome != row.want || d.Reason != row.reason {
						t.Errorf("got %v (%v, %v), want %v (%v)", d.Outcome, d.Reason, d.Err, row.want, row.reason)
					}
					if got := core.Answer(d, 0).Status; got != row.status {
						t.Errorf("a client is told %d, want %d", got, row.status)
					}
					asked := fake.Count(p.op)
					if asked != row.calls {
						t.Errorf("asked %d times, want %d", asked, row.calls)
					}
					again := gate.Check(context.Background(), p.product, credentials)
					if row.want == core.Denied {
						if fake.Count(p.op) != asked || again.Outcome != core.Denied {
							t.Errorf("a no is not remembered: %d more calls, %v (%v)", fake.Count(p.op)-asked, again.Outcome, again.Reason)
						}
						return
					}
					fake.Clear()
					time.Sleep(again.RetryAfter) // nothing of the trouble is remembered, but how long a pause is
					if d := gate.Check(context.Background(), p.product, credentials); !d.Granted() {
						t.Errorf("after the fault: %v (%v, %v), want granted", d.Outcome, d.Reason, d.Err)
					}
				})
			})
		}
	}
}

func TestStatesOfSubscriptionsBecomeDecisions(t *testing.T) {
	const day, month = 24 * time.Hour, 30 * 24 * time.Hour
	vip := googleplay.Subscription("vip")
	acked := []googleplaytest.Option{googleplaytest.Acknowledged()}
	with := func(o ...googleplaytest.Option) []googleplaytest.Option { return append(o, acked...) }
	wait := func(d time.Duration) func(*googleplaytest.Store, string) {
		return func(s *googleplaytest.Store, _ string) { s.Advance(d) }
	}
	steps := func(list ...func(*googleplaytest.Store, string)) func(*googleplaytest.Store, string) {
		return func(s *googleplaytest.Store, tok string) {
			for _, f := range list {
				f(s, tok)
			}
		}
	}
	state := func(name string) func(*googleplaytest.Store, string) {
		return edit("subscriptionState", name)
	}
	cancel, fail, hold := (*googleplaytest.Store).CancelRenewal, (*googleplaytest.Store).FailPayment, (*googleplaytest.Store).Hold
	pause := func(s *googleplaytest.Store, tok string) { s.Pause(tok, 2*day) }
	for _, r := range []row{
		{"ACTIVE grants to its expiry", vip, acked, nil, core.Granted, core.ReasonActive, func(d *core.Decision) bool {
			return d.ExpiresAt.Equal(d.Purchase.PurchasedAt.Add(month)) && d.Purchase.AutoRenewing
		}},
		{"ACTIVE after a renewal", vip, acked, wait(month + day), core.Granted, core.ReasonActive, nil},
		{"row 40: ACTIVE, not acknowledged, grants and owes", vip, nil, nil, core.Granted, core.ReasonActive, func(d *core.Decision) bool {
			return d.AcknowledgeBy.Equal(d.Purchase.PurchasedAt.Add(3 * day))
		}},
		{"ACTIVE, not acknowledged in time, is over", vip, nil, wait(3*day + time.Second), core.Denied, core.ReasonExpired, nil},
		{"ACTIVE and prepaid grants to its end", vip, with(googleplaytest.Prepaid()), nil, core.Granted, core.ReasonCanceledNotExpired, nil},
		{"ACTIVE and prepaid ends there", vip, with(googleplaytest.Prepaid()), wait(month + time.Second), core.Denied, core.ReasonExpired, nil},
		{"ACTIVE with an add-on grants", vip, with(googleplaytest.AddOn("extra")), nil, core.Granted, core.ReasonActive, nil},
		{"ACTIVE, a pause to come", vip, acked, func(s *googleplaytest.Store, tok string) { s.SchedulePause(tok, day) }, core.Granted, core.ReasonActive, nil},
		{"CANCELED grants what is paid", vip, acked, cancel, core.Granted, core.ReasonCanceledNotExpired, nil},
		{"CANCELED does not renew, whatever its item says", vip, acked, state("SUBSCRIPTION_STATE_CANCELED"), core.Granted, core.ReasonCanceledNotExpired, nil},
		{"CANCELED ends at its expiry", vip, acked, steps(cancel, wait(month+time.Second)), core.Denied, core.ReasonExpired, nil},
		{"CANCELED and taken back", vip, acked, steps(cancel, (*googleplaytest.Store).Restore), core.Granted, core.ReasonActive, nil},
		{"IN_GRACE_PERIOD grants", vip, acked, steps(fail, wait(month+day)), core.Granted, core.ReasonGracePeriod, nil},
		{"ON_HOLD denies from its first moment", vip, acked, hold, core.Denied, core.ReasonOnHold, nil},
		{"ON_HOLD after the grace period denies", vip, acked, steps(fail, wait(month+8*day)), core.Denied, core.ReasonOnHold, nil},
		{"ON_HOLD and paid at last", vip, acked, steps(hold, (*googleplaytest.Store).Renew), core.Granted, core.ReasonActive, nil},
		{"ON_HOLD to its end", vip, acked, steps(hold, wait(31*day)), core.Denied, core.ReasonExpired, nil},
		{"ON_HOLD denies though the expiry says otherwise", vip, acked, state("SUBSCRIPTION_STATE_ON_HOLD"), core.Denied, core.ReasonStateConflict, nil},
		{"PAUSED denies", vip, acked, pause, core.Denied, core.ReasonPaused, func(d *core.Decision) bool { return !d.Purchase.ResumesAt.IsZero() }},
		{"PAUSED resumes by itself", vip, acked, steps(pause, wait(2*day+time.Second)), core.Granted, core.ReasonActive, nil},
		{"PAUSED and resumed", vip, acked, steps(pause, (*googleplaytest.Store).Resume), core.Granted, core.ReasonActive, nil},
		{"PAUSED denies though the expiry says otherwise", vip, acked, state("SUBSCRIPTION_STATE_PAUSED"), core.Denied, core.ReasonStateConflict, nil},
		{"EXPIRED denies", vip, acked, (*googleplaytest.Store).Expire, core.Denied, core.ReasonExpired, nil},
		{"EXPIRED denies though the expiry says otherwise", vip, acked, state("SUBSCRIPTION_STATE_EXPIRED"), core.Denied, core.ReasonStateConflict, nil},
		{"EXPIRED by a refund", vip, acked, (*googleplaytest.Store).Refund, core.Denied, core.ReasonExpired, nil},
		{"EXPIRED for more than 60 days is not known", vip, acked, steps((*googleplaytest.Store).Expire, wait(61*day)), core.Denied, core.ReasonNotFound, nil},
		{"PENDING denies", vip, []googleplaytest.Option{googleplaytest.Pending()}, nil, core.Denied, core.ReasonPending, nil},
		{"PENDING and paid", vip, []googleplaytest.Option{googleplaytest.Pending()}, (*googleplaytest.Store).Pay, core.Granted, core.ReasonActive, nil},
		{"PENDING_PURCHASE_CANCELED denies", vip, []googleplaytest.Option{googleplaytest.Pending()}, (*googleplaytest.Store).CancelPending, core.Denied, core.ReasonPurchaseCanceled, nil},
		{"UNSPECIFIED is no state", vip, acked, state("SUBSCRIPTION_STATE_UNSPECIFIED"), core.Undetermined, core.ReasonMalformedUpstream, nil},
		{"a state that nobody knows denies", vip, acked, state("SUBSCRIPTION_STATE_BRAND_NEW"), core.Denied, core.ReasonUnknownState, nil},
		{"a state that is missing is no state", vip, acked, edit("subscriptionState", absent), core.Undetermined, core.ReasonMalformedUpstream, nil},
		{"row 69: a tester's subscription grants nothing", vip, with(googleplaytest.Test()), nil, core.Denied, core.ReasonTestPurchase, nil},
		{"row 71: another account's subscription grants nothing", vip, with(googleplaytest.Label("bob")), nil, core.Denied, core.ReasonAccountMismatch, nil},
	} {
		r.run(t, googleplaytest.Config{})
	}
	tester := row{"row 69: a tester's month of five minutes grants where it is allowed by name", vip, with(googleplaytest.Test()), nil, core.Granted, core.ReasonActive,
		func(d *core.Decision) bool { return d.ExpiresAt.Equal(d.Purchase.PurchasedAt.Add(5 * time.Minute)) }}
	tester.run(t, googleplaytest.Config{}, func(c *googleplay.Config) { c.AllowTestPurchases = true })
}

func TestAChangedPlanReplacesTheOldOne(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{})
	gate, _ := decisions(t, fake)
	silver := fake.Buy(googleplaytest.Subscription("silver"), googleplaytest.Acknowledged())
	ask := func(id, tok string) core.Decision {
		return gate.Check(context.Background(), googleplay.Subscription(id), core.Credentials{Account: "alice", Token: tok})
	}
	if d := ask("silver", silver); !d.Granted() {
		t.Fatalf("got %v (%v, %v)", d.Outcome, d.Reason, d.Err)
	}
	gold := fake.ChangePlan(silver, googleplaytest.Subscription("gold"))
	if d := ask("gold", gold); !d.Granted() || d.Purchase.LinkedToken != silver {
		t.Errorf("the new one: %v (%v, %v)", d.Outcome, d.Reason, d.Err)
	}
	if d := ask("silver", silver); d.Outcome != core.Denied || d.Reason != core.ReasonSuperseded {
		t.Errorf("row 42: the old one: %v (%v, %v)", d.Outcome, d.Reason, d.Err)
	}
}

// A made-up token is charged to the account that presents it, whichever refusal Google chooses.
func TestMadeUpTokensExhaustTheBudgetOfAnAccount(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{})
	gate, _ := decisions(t, fake)
	var last core.Decision
	for i := range 30 {
		last = gate.Check(context.Background(), googleplay.InApp("skin"), core.Credentials{Account: "mallory", Token: "guess-" + itoa(int64(i))})
	}
	if last.Reason != core.ReasonTooManyUnknownTokens || fake.Count(googleplaytest.OpProductGet) > 21 {
		t.Errorf("after 30 guesses: %v (%v) and %d calls", last.Outcome, last.Reason, fake.Count(googleplaytest.OpProductGet))
	}
	if got := core.Answer(last, 0).Status; got != http.StatusTooManyRequests {
		t.Errorf("a client is told %d", got)
	}
}
