package redeem_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

func TestAPurchaseIsSpentOnce(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	in := w.start(t)

	r, err := in.redeem("mina", "t1")
	if err != nil || r.Quantity != 3 || r.Account != "mina" || r.Product != gems || r.PurchaseID != "payment of t1" || r.CompletedAt.IsZero() {
		t.Fatalf("got %+v, %v", r, err)
	}
	if len(w.runs) != 1 || w.runs[0].Resumed() || w.runs[0].ID != r.ID || len(r.ID) != 32 {
		t.Errorf("the handler ran with %+v", w.runs)
	}
	if e := w.entry(t, "t1"); e.State != redeem.Completed || e.Holder != "" || e.Attempts != 1 {
		t.Errorf("recorded: %+v", e)
	}

	for _, in := range []*instance{in, w.start(t)} {
		again, err := in.redeem("mina", "t1")
		if err != nil || again.ID != r.ID || !again.CompletedAt.Equal(r.CompletedAt) {
			t.Errorf("once more: %+v, %v", again, err)
		}
		_, err = in.redeem("mallory", "t1")
		wantRefused(t, err, core.ReasonAccountMismatch)
	}
	if len(w.runs) != 1 || w.consumes != 1 {
		t.Errorf("%d runs, %d consumed", len(w.runs), w.consumes)
	}
	if d := in.gate.Check(context.Background(), gems, core.Credentials{Account: "mina", Token: "t1"}); d.Reason != core.ReasonConsumed {
		t.Errorf("the gate still says %s, %s", d.Outcome, d.Reason)
	}
}

func TestWhatCannotBeRedeemedIsRefusedAndNothingRecorded(t *testing.T) {
	skin := core.Product{Store: "market", Kind: core.KindInApp, ID: gems.ID}
	good := core.Credentials{Account: "mina", Token: "t1"}
	for _, test := range []struct {
		name        string
		label       string
		change      func(*core.Purchase)
		product     core.Product
		credentials core.Credentials
		reason      core.Reason
		status, iap int
	}{
		{name: "a product that is not configured as consumable", product: skin, reason: core.ReasonNotConsumable, status: 403, iap: 5000},
		{name: "a product for a term", product: skin.For(time.Hour), reason: core.ReasonNotConsumable, status: 403, iap: 5000},
		{name: "a pending purchase", change: func(p *core.Purchase) { p.State = core.StatePending }, reason: core.ReasonPending, status: 403, iap: 5000},
		{name: "a cancelled purchase", change: func(p *core.Purchase) { p.State = core.StateCanceled }, reason: core.ReasonPurchaseCanceled, status: 403, iap: 5000},
		{name: "a purchase that is labelled for somebody else", label: "alice", reason: core.ReasonAccountMismatch, status: 403, iap: 5000},
		{name: "a purchase that was consumed elsewhere", change: func(p *core.Purchase) { p.Consumption = core.Consumed }, reason: core.ReasonConsumed, status: 403, iap: 5000},
		{name: "a token that names no purchase", credentials: core.Credentials{Account: "mina", Token: "t2"}, reason: core.ReasonNotFound, status: 403, iap: 5000},
		{name: "a quantity of none", change: func(p *core.Purchase) { p.Quantity = 0 }, reason: core.ReasonMalformedUpstream, status: 503, iap: 113},
		{name: "no token", credentials: core.Credentials{Account: "mina"}, reason: core.ReasonTokenMissing, status: 400, iap: 1100},
		{name: "a malformed token", credentials: core.Credentials{Account: "mina", Token: "t1 t2"}, reason: core.ReasonInvalidToken, status: 400, iap: 1100},
		{name: "a token with blanks", credentials: core.Credentials{Account: "mina", Token: " t1"}, reason: core.ReasonInvalidToken, status: 400, iap: 1100},
		{name: "two tokens", credentials: core.Credentials{Account: "mina", Token: "t1", Tokens: []core.Token{{Value: "t1"}}}, reason: core.ReasonInvalidToken, status: 400, iap: 1100},
		{name: "no account", credentials: core.Credentials{Token: "t1"}, reason: core.ReasonAccountMissing, status: 401, iap: 101},
		{name: "a store that the gate does not have", product: gems.On("elsewhere"), reason: core.ReasonMisconfigured, status: 503, iap: 5003},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld()
			if test.label == "" {
				test.label = "mina"
			}
			w.buy("t1", test.label, func(p *core.Purchase) {
				if test.change != nil {
					test.change(p)
				}
			})
			in := w.start(t)
			if test.product == (core.Product{}) {
				test.product = gems
			}
			if test.credentials.Account+test.credentials.Token == "" {
				test.credentials = good
			}
			r, err := in.redeemer.Redeem(context.Background(), test.product, test.credentials, in.grant)
			d := wantRefused(t, err, test.reason)
			if r != (redeem.Redemption{}) {
				t.Errorf("a refusal comes with %+v", r)
			}
			w.untouched(t, "t1")
			wantReply(t, core.AnswerRedeem(d, 0), test.status, test.iap)
			for _, secret := range []string{"mina", "t1", "alice"} {
				if strings.Contains(err.Error(), secret) || strings.Contains(string(core.AnswerRedeem(d, 0).Body), secret) {
					t.Errorf("%v or its answer carries %q", err, secret)
				}
			}
		})
	}
}

func TestAStrangerIsToldTheSameOfEveryPurchase(t *testing.T) {
	w := newWorld()
	in := w.start(t)
	w.buy("paid", "mina")
	w.buy("canceled", "mina", func(p *core.Purchase) { p.State = core.StateCanceled })
	w.buy("redeemed", "mina")
	w.buy("broken", "mina")
	if _, err := in.redeem("mina", "redeemed"); err != nil {
		t.Fatal(err)
	}
	in.step = func(name string, happen func() error) error {
		if name == "handler" {
			return io.ErrUnexpectedEOF
		}
		return happen()
	}
	if _, err := in.redeem("mina", "broken"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", err)
	}
	in.step = nil
	for _, stranger := range []*instance{in, w.start(t)} {
		for _, token := range []string{"paid", "canceled", "redeemed", "broken", "unknown"} {
			_, err := stranger.redeem("mallory", token)
			var refused *redeem.Refusal
			if !errors.As(err, &refused) {
				t.Fatalf("%s: %v", token, err)
			}
			wantReply(t, core.AnswerRedeem(refused.Decision, 0), 403, 5000)
			if body := string(core.AnswerRedeem(refused.Decision, 0).Body); !strings.Contains(body, `"not_owned"`) {
				t.Errorf("%s: %s", token, body)
			}
		}
	}
}

func TestAnUnlabelledPurchaseIsBoundAsTheGateSays(t *testing.T) {
	w := newWorld()
	w.buy("t1", "")
	in := w.start(t, func(c *core.Config) { c.Binding = core.BindingRequire })
	_, err := in.redeem("mina", "t1")
	wantRefused(t, err, core.ReasonAccountUnbound)
	w.untouched(t, "t1")

	if err := in.gate.Bind(context.Background(), "mina", gems, "t1"); err != nil {
		t.Fatal(err)
	}
	if _, err := in.redeem("mina", "t1"); err != nil {
		t.Fatal(err)
	}
	// The ledger's account owns it for ever, whatever becomes of the registry.
	if err := in.gate.Unbind(context.Background(), gems.Store, "t1"); err != nil {
		t.Fatal(err)
	}
	if err := in.gate.Bind(context.Background(), "mallory", gems, "t1"); err != nil {
		t.Fatal(err)
	}
	_, err = in.redeem("mallory", "t1")
	wantRefused(t, err, core.ReasonAccountMismatch)
}

func TestALookedUpTokenIsRedeemedForItsAccount(t *testing.T) {
	w := newWorld()
	w.buy("t1", "label of an order")
	in := w.start(t)
	c := core.Credentials{Account: "mina", Tokens: []core.Token{{Value: "t1", Known: true}}}
	if _, err := in.redeemer.Redeem(context.Background(), gems, c, in.grant); err != nil {
		t.Fatal(err)
	}
}

func TestTheSameTokenAsAnotherProductIsRefused(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	in := w.start(t)
	if _, err := in.redeem("mina", "t1"); err != nil {
		t.Fatal(err)
	}
	gold := core.Product{Store: gems.Store, Kind: gems.Kind, ID: "gold"}.Consumable()
	_, err := in.redeemer.Redeem(context.Background(), gold, core.Credentials{Account: "mina", Token: "t1"}, in.grant)
	wantRefused(t, err, core.ReasonProductMismatch)
}

func TestAPurchaseConsumedElsewhereMeanwhileIsNotGranted(t *testing.T) {
	for name, spoil := range map[core.Reason]func(*core.Purchase) *core.Purchase{
		core.ReasonConsumed: consumed, core.ReasonPurchaseCanceled: canceled,
	} {
		t.Run(string(name), func(t *testing.T) {
			w := newWorld()
			w.buy("t1", "mina")
			in := w.start(t)
			in.step = func(step string, happen func() error) error {
				if step == "consume" {
					w.edit("t1", spoil)
				}
				return happen()
			}
			for range 2 { // and not at the second attempt either
				_, err := in.redeem("mina", "t1")
				wantRefused(t, err, name)
			}
			if e := w.entry(t, "t1"); e.State != redeem.Withdrawn || e.Holder != "" {
				t.Errorf("recorded: %+v", e)
			}
			if len(w.runs) != 0 || w.consumes != 0 {
				t.Errorf("%d runs, %d consumed", len(w.runs), w.consumes)
			}
		})
	}
}

func TestAWithdrawnIntentIsJudgedAnew(t *testing.T) {
	w := newWorld()
	w.buy("t1", "")
	in := w.start(t)
	in.step = func(step string, happen func() error) error {
		if step == "consume" {
			w.edit("t1", canceled)
		}
		return happen()
	}
	_, err := in.redeem("mina", "t1")
	wantRefused(t, err, core.ReasonPurchaseCanceled)

	in.step = nil
	w.buy("t1", "alice") // whatever the store thinks it does
	in = w.start(t)
	if _, err := in.redeem("alice", "t1"); err != nil {
		t.Fatal(err)
	}
	_, err = in.redeem("mina", "t1")
	wantRefused(t, err, core.ReasonAccountMismatch)
}

func TestInstancesWithALedgerEachAreKeptApartByTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.buy("t1", "mina")
		one, other := w.start(t), w.start(t)
		other.ledger = redeem.NewMemoryLedger()
		var both sync.WaitGroup // have recorded their intent
		both.Add(2)
		one.step = func(step string, happen func() error) error {
			if step == "consume" {
				both.Done()
				both.Wait()
			}
			return happen()
		}
		other.step = one.step
		errs := make(chan error, 2)
		for _, in := range []*instance{one, other} {
			go func() {
				_, err := in.redeem("mina", "t1")
				errs <- err
			}()
		}
		first, second := <-errs, <-errs
		if (first == nil) == (second == nil) {
			t.Fatalf("got %v and %v", first, second)
		}
		if first == nil {
			first = second
		}
		wantRefused(t, first, core.ReasonConsumed)
		if len(w.runs) != 1 {
			t.Errorf("%d runs", len(w.runs))
		}
	})
}

func TestOnlyOneRequestWorksOnAPurchase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.buy("t1", "mina")
		one, other := w.start(t), w.start(t)
		finish := make(chan struct{})
		one.step = func(step string, happen func() error) error {
			if step == "handler" {
				<-finish
			}
			return happen()
		}
		done := make(chan error)
		go func() {
			_, err := one.redeem("mina", "t1")
			done <- err
		}()
		synctest.Wait()
		for name, in := range map[string]*instance{"the same instance": one, "another instance": other} {
			_, err := in.redeem("mina", "t1")
			d := wantRefused(t, err, core.ReasonInProgress)
			reply := core.AnswerRedeem(d, 0)
			wantReply(t, reply, 409, 117)
			if d.RetryAfter < time.Second || d.RetryAfter > lease || !slices.ContainsFunc(reply.Header, func(f core.HeaderField) bool { return f.Name == "Retry-After" }) {
				t.Errorf("%s: come back in %v, %v", name, d.RetryAfter, reply.Header)
			}
		}
		close(finish)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if _, err := other.redeem("mina", "t1"); err != nil || len(w.runs) != 1 {
			t.Errorf("afterwards: %v, %d runs", err, len(w.runs))
		}
	})
}

func TestAHandlerThatOutlastsItsClaimRunsAgainElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.buy("t1", "mina")
		one, other := w.start(t), w.start(t)
		var ended time.Duration
		began := time.Now()
		slow := func(ctx context.Context, r redeem.Redemption) error {
			<-ctx.Done()
			ended = time.Since(began)
			if _, err := other.redeem("mina", "t1"); err != nil {
				t.Error(err)
			}
			return nil // and it granted after all
		}
		r, err := one.redeemer.Redeem(context.Background(), gems, core.Credentials{Account: "mina", Token: "t1"}, slow)
		if err != nil || ended != lease {
			t.Errorf("got %v; the handler's context ended after %v", err, ended)
		}
		if len(w.runs) != 1 || !w.runs[0].Resumed() || w.runs[0].ID != r.ID {
			t.Errorf("the other instance ran with %+v", w.runs)
		}
		if e := w.entry(t, "t1"); e.State != redeem.Completed || e.Attempts != 2 {
			t.Errorf("recorded: %+v", e)
		}
	})
}

func TestACallerThatLeavesStillGetsWhatWasConsumed(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	in := w.start(t)
	type key struct{}
	ctx, leave := context.WithCancel(context.WithValue(context.Background(), key{}, "kept"))
	in.step = func(step string, happen func() error) error {
		if step == "write" {
			leave()
		}
		return happen()
	}
	_, err := in.redeemer.Redeem(ctx, gems, core.Credentials{Account: "mina", Token: "t1"}, func(ctx context.Context, r redeem.Redemption) error {
		if found, ok := redeem.FromContext(ctx); ctx.Err() != nil || ctx.Value(key{}) != "kept" || !ok || found != r {
			t.Errorf("the handler's context: %v, %v, %+v", ctx.Err(), ctx.Value(key{}), found)
		}
		return in.grant(ctx, r)
	})
	if err != nil || len(w.runs) != 1 {
		t.Errorf("got %v, %d runs", err, len(w.runs))
	}
}

func TestACallerThatLeftBeforeConsumesNothing(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	in := w.start(t)
	ctx, leave := context.WithCancel(context.Background())
	in.step = func(step string, happen func() error) error {
		leave()
		if step == "look up" {
			return context.Canceled
		}
		return happen()
	}
	_, err := in.redeemer.Redeem(ctx, gems, core.Credentials{Account: "mina", Token: "t1"}, in.grant)
	wantRefused(t, err, core.ReasonCallerGone)
	w.untouched(t, "t1")
}

func TestAPanicOfTheHandlerGoesOnAndThePurchaseIsNotLost(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	in, other := w.start(t), w.start(t)
	func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v", v)
			}
		}()
		_, _ = in.redeemer.Redeem(context.Background(), gems, core.Credentials{Account: "mina", Token: "t1"}, func(context.Context, redeem.Redemption) error { panic("boom") })
	}()
	if _, err := other.redeem("mina", "t1"); err != nil {
		t.Fatal(err)
	}
	if len(w.runs) != 1 || !w.runs[0].Resumed() {
		t.Errorf("resumed with %+v", w.runs)
	}
}

func TestALedgerThatPanicsIsOneThatFails(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	in := w.start(t)
	in.step = func(step string, happen func() error) error {
		if step == "write" {
			panic("boom")
		}
		return happen()
	}
	_, err := in.redeem("mina", "t1")
	wantReply(t, core.AnswerRedeem(wantRefused(t, err, core.ReasonLedgerFailed), 0), 503, 113)
	in.step = func(string, func() error) error { panic("boom") }
	if _, err := in.redeemer.Resume(context.Background(), "mina", in.grant); err == nil {
		t.Error("no error")
	}
	in.step = nil
	w.untouched(t, "t1")
}

func TestResumeDeliversWhatTheAccountIsOwed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		in := w.start(t)
		for _, token := range []string{"t1", "t2", "t3", "t4"} {
			w.buy(token, "mina")
		}
		if _, err := in.redeem("mina", "t1"); err != nil {
			t.Fatal(err)
		}
		for token, broken := range map[string]string{"t2": "handler", "t3": "consume"} {
			in.step = func(step string, happen func() error) error {
				if step == broken {
					return io.ErrUnexpectedEOF
				}
				return happen()
			}
			if _, err := in.redeem("mina", token); err == nil {
				t.Fatal("no error")
			}
			time.Sleep(time.Second)
		}
		in.step = nil
		w.runs = nil

		got, err := in.redeemer.Resume(context.Background(), "mallory", in.grant)
		if len(got) != 0 || err != nil {
			t.Errorf("a stranger: %v, %v", got, err)
		}
		got, err = in.redeemer.Resume(context.Background(), "mina", in.grant)
		if len(got) != 2 || err != nil || len(w.runs) != 2 {
			t.Errorf("delivered %+v, %v; %d runs", got, err, len(w.runs))
		}
		for _, r := range got {
			if r.Product != gems || r.Account != "mina" || r.Quantity != 3 {
				t.Errorf("delivered %+v", r)
			}
		}
		if got, err = in.redeemer.Resume(context.Background(), "mina", in.grant); len(got) != 0 || err != nil {
			t.Errorf("once more: %v, %v", got, err)
		}
	})
}

func TestResumeReportsWhatFailsAndLeavesWhatIsUnderWay(t *testing.T) {
	w := newWorld()
	in, other := w.start(t), w.start(t)
	for _, token := range []string{"t1", "t2"} {
		w.buy(token, "mina")
		_, err := in.redeemer.Redeem(context.Background(), gems, core.Credentials{Account: "mina", Token: token}, func(context.Context, redeem.Redemption) error { return io.ErrUnexpectedEOF })
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	_, err := in.redeemer.Redeem(context.Background(), gems, core.Credentials{Account: "mina", Token: "t1"}, func(ctx context.Context, _ redeem.Redemption) error {
		got, err := other.redeemer.Resume(ctx, "mina", func(context.Context, redeem.Redemption) error { return io.ErrClosedPipe })
		if len(got) != 0 || !errors.Is(err, io.ErrClosedPipe) || strings.Count(err.Error(), io.ErrClosedPipe.Error()) != 1 {
			t.Errorf("got %v, %v", got, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnAccountThatAnOverrideLetsInSpendsWhatItBoughtAndNothingElse(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	overridden := core.Granted
	in := w.start(t, func(c *core.Config) {
		c.Override = func(context.Context, string, core.Requirement) core.Outcome { return overridden }
	})
	_, err := in.redeem("mina", "t2")
	wantRefused(t, err, core.ReasonNotFound)
	_, err = in.redeem("mallory", "t1")
	wantRefused(t, err, core.ReasonAccountMismatch)
	overridden = core.Denied
	_, err = in.redeem("mina", "t1")
	if d := wantRefused(t, err, core.ReasonOverride); d.Outcome != core.Denied {
		t.Errorf("an account that is shut out: %s", d.Outcome)
	}
	wantReply(t, core.AnswerRedeem(core.Decision{Outcome: core.Denied, Reason: core.ReasonOverride}, 0), 403, 5000)
	w.untouched(t, "t1")
	overridden = core.Granted
	if _, err := in.redeem("mina", "t1"); err != nil || len(w.runs) != 1 {
		t.Errorf("%v, %d runs", err, len(w.runs))
	}
}

func TestAPurchaseThatCannotBeVerifiedIsNotSpentWhileTheGateIsHeldOpen(t *testing.T) {
	w := newWorld()
	w.buy("t1", "mina")
	in := w.start(t)
	if d := in.gate.Check(t.Context(), gems, core.Credentials{Account: "mina", Token: "t1"}); !d.Granted() {
		t.Fatalf("%+v", d)
	}
	if err := in.gate.SetMode(gems, core.HoldOpen(time.Now().Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	if err := in.gate.InvalidateToken(t.Context(), gems.Store, "t1"); err != nil {
		t.Fatal(err)
	}
	in.step = func(name string, happen func() error) error {
		if name == "look up" {
			return io.ErrUnexpectedEOF
		}
		return happen()
	}
	_, err := in.redeem("mina", "t1")
	if d := wantRefused(t, err, core.ReasonUpstreamUnavailable); d.Outcome != core.Undetermined || !errors.Is(err, d.Err) {
		t.Errorf("%s, %v", d.Outcome, err)
	}
	w.untouched(t, "t1")
}
