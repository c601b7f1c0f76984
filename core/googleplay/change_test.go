package googleplay_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// change is a call that changes a purchase.
type change struct {
	name string
	op   googleplaytest.Op
	get  googleplaytest.Op // what it asks when its answer is lost
	buy  googleplaytest.Product
	call func(context.Context, *googleplay.Client, string) error
	self func(*googleplaytest.Store, string) // the same, by the app itself
}

var changes = []change{
	{"acknowledge a product", googleplaytest.OpProductAcknowledge, googleplaytest.OpProductGet, googleplaytest.InApp("gold"),
		func(ctx context.Context, c *googleplay.Client, tok string) error {
			return c.AcknowledgeProduct(ctx, "gold", tok, "payload")
		}, (*googleplaytest.Store).Acknowledge},
	{"consume a product", googleplaytest.OpProductConsume, googleplaytest.OpProductGet, googleplaytest.InApp("gold"),
		func(ctx context.Context, c *googleplay.Client, tok string) error {
			return c.ConsumeProduct(ctx, "gold", tok)
		}, (*googleplaytest.Store).Consume},
	{"acknowledge a subscription", googleplaytest.OpSubscriptionAcknowledge, googleplaytest.OpSubscriptionGet, googleplaytest.Subscription("gold"),
		func(ctx context.Context, c *googleplay.Client, tok string) error {
			return c.AcknowledgeSubscription(ctx, "gold", tok, "")
		}, (*googleplaytest.Store).Acknowledge},
}

func TestAChangeIsMade(t *testing.T) {
	for _, ch := range changes {
		for seed := range uint64(6) {
			fake := googleplaytest.New(googleplaytest.Config{Seed: seed})
			tok := fake.Buy(ch.buy)
			if err := ch.call(t.Context(), clientOf(t, fake), tok); err != nil {
				t.Errorf("%s: %v", ch.name, err)
			}
			if fake.Count(ch.op) != 1 || fake.Count(ch.get) != 0 {
				t.Errorf("%s: %d calls, %d look-ups", ch.name, fake.Count(ch.op), fake.Count(ch.get))
			}
			fake.Check(t)
		}
	}
}

// After each fault the client says what the store says, and nothing that it does not know.
func TestALostAnswerIsLookedUp(t *testing.T) {
	refuse, page := googleplaytest.Refuse, googleplaytest.HTMLPage
	type want struct {
		err   error // nil: done
		asked bool  // the purchase was looked up
	}
	notDone, unknown := want{googleplay.ErrNotDone, true}, want{googleplay.ErrOutcomeUnknown, true}
	for name, tc := range map[string]struct {
		effect  googleplaytest.Effect
		and     googleplaytest.Effect // what becomes of the look-up
		already bool                  // somebody else made the change before
		want    want
		sent    int // 0: once
	}{
		"the answer is lost":                             {effect: googleplaytest.LoseAnswer(), want: want{nil, true}},
		"the answer does not end":                        {effect: googleplaytest.Oversize(2 << 20), want: want{nil, true}},
		"the request is lost":                            {effect: googleplaytest.Reset(), want: notDone},
		"a page with 200":                                {effect: page(200), want: notDone},
		"a page with 502":                                {effect: page(502), want: notDone},
		"an error with 500":                              {effect: refuse(500, "backendError"), want: notDone},
		"a 503 though it is done":                        {effect: refuse(503, "backendError"), already: true, want: want{nil, true}},
		"an error with 200":                              {effect: googleplaytest.Answer(200, nil, `{"error":{"code":409}}`), want: notDone},
		"the answer is lost, and so is the look-up":      {effect: googleplaytest.LoseAnswer(), and: googleplaytest.Reset(), want: unknown},
		"the request is lost, and the look-up refused":   {effect: googleplaytest.Reset(), and: refuse(503, ""), want: unknown},
		"the request is lost, and then the purchase":     {effect: googleplaytest.Reset(), and: refuse(404, "notFound"), want: notDone},
		"a conflict":                                     {effect: refuse(409, "concurrentUpdate"), want: notDone, sent: 2},
		"a conflict with the same change":                {effect: refuse(409, "concurrentUpdate"), already: true, want: want{nil, true}, sent: 2},
		"it was made before":                             {already: true, want: want{nil, true}},
		"the state does not allow it":                    {effect: refuse(400, "invalidPurchaseState"), want: notDone},
		"our rights are refused":                         {effect: refuse(403, "userInsufficientPermission"), want: want{googleplay.ErrPermission, false}},
		"there is no such purchase":                      {effect: refuse(404, "notFound"), want: want{googleplay.ErrNotFound, false}},
		"the player lost it":                             {effect: refuse(400, "productNotOwnedByUser"), want: want{googleplay.ErrNotOwned, false}},
		"too many requests":                              {effect: refuse(429, "rateLimitExceeded"), want: want{googleplay.ErrQuota, false}, sent: 2},
		"a page with 404, which is no word of the API's": {effect: page(404), want: want{errAny, false}},
	} {
		for _, ch := range changes {
			t.Run(name+", "+ch.name, func(t *testing.T) {
				fake := googleplaytest.New(googleplaytest.Config{})
				tok := fake.Buy(ch.buy)
				if tc.already {
					ch.self(fake, tok)
				}
				want := tc.want
				fake.Fail(googleplaytest.Fault{Op: ch.op, Effect: tc.effect}, googleplaytest.Fault{Op: ch.get, Effect: tc.and})
				err := ch.call(t.Context(), clientOf(t, fake), tok)
				mustBeClean(t, err)
				if want.err == errAny && err != nil {
					want.err = err
				}
				if !errors.Is(err, want.err) {
					t.Errorf("got %v, want %v", err, want.err)
				}
				if got := fake.Count(ch.get) > 0; got != want.asked || fake.Count(ch.op) != max(tc.sent, 1) {
					t.Errorf("%d calls, %d look-ups", fake.Count(ch.op), fake.Count(ch.get))
				}
				if errors.Is(err, googleplay.ErrNotDone) && errors.Is(err, googleplay.ErrOutcomeUnknown) {
					t.Error("it claims both")
				}
			})
		}
	}
}

var errAny = errors.New("any error")

func TestAChangeThatWasNotSentIsNotLookedUp(t *testing.T) {
	for _, ch := range changes {
		fake := googleplaytest.New(googleplaytest.Config{})
		tok := fake.Buy(ch.buy)
		fake.Fail(googleplaytest.Fault{Op: googleplaytest.OpAccessToken, Effect: googleplaytest.Reset()})
		err := ch.call(t.Context(), clientOf(t, fake), tok)
		var e *googleplay.Error
		if !errors.As(err, &e) || e.Op != "getAccessToken" || errors.Is(err, googleplay.ErrOutcomeUnknown) || fake.Count(ch.get)+fake.Count(ch.op) != 0 {
			t.Errorf("%s: %v", ch.name, err)
		}
	}
}

func TestAChangeWhoseCallerLeftIsUnknown(t *testing.T) {
	for _, ch := range changes {
		synctest.Test(t, func(t *testing.T) {
			fake := googleplaytest.New(googleplaytest.Config{})
			tok := fake.Buy(ch.buy)
			fake.Fail(googleplaytest.Fault{Op: ch.op, Effect: googleplaytest.Hang()})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := ch.call(ctx, clientOf(t, fake), tok)
			if !errors.Is(err, googleplay.ErrOutcomeUnknown) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", ch.name, err)
			}
		})
	}
}

// A consumed product is acknowledged too: the store asks for no more.
func TestAConsumedProductIsAcknowledged(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{Gentle: true})
	tok := fake.Buy(googleplaytest.InApp("gold"))
	fake.Consume(tok)
	fake.Edit(tok, func(m map[string]any) { m["acknowledgementState"] = 0 })
	if err := clientOf(t, fake).AcknowledgeProduct(t.Context(), "gold", tok, ""); err != nil {
		t.Error(err)
	}
}

// ConsumeProductOnce takes nobody else's consumption for its own.
func TestOfTwoWhoConsumeOneIsFirst(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{})
	c := clientOf(t, fake)
	tok := fake.Buy(googleplaytest.InApp("gold"))
	if err := c.ConsumeProductOnce(t.Context(), "gold", tok); err != nil {
		t.Errorf("the first: %v", err)
	}
	if err := c.ConsumeProductOnce(t.Context(), "gold", tok); !errors.Is(err, googleplay.ErrInvalidPurchaseState) || errors.Is(err, googleplay.ErrOutcomeUnknown) {
		t.Errorf("the second: %v", err)
	}
	if err := c.ConsumeProduct(t.Context(), "gold", tok); err != nil {
		t.Errorf("it is consumed: %v", err)
	}
	tok = fake.Buy(googleplaytest.InApp("gold"))
	fake.Fail(googleplaytest.Fault{Op: googleplaytest.OpProductConsume, Effect: googleplaytest.LoseAnswer()})
	fake.ResetLog()
	if err := c.ConsumeProductOnce(t.Context(), "gold", tok); !errors.Is(err, googleplay.ErrOutcomeUnknown) || fake.Count(googleplaytest.OpProductGet) != 0 {
		t.Errorf("a lost answer: %v", err)
	}
}

// What was taken back is not delivered, however acknowledged and consumed it is.
func TestWhatWasTakenBackIsNeitherAcknowledgedNorConsumed(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{})
	c := clientOf(t, fake)
	tok := fake.Buy(googleplaytest.InApp("gold"))
	fake.Consume(tok)
	fake.Refund(tok)
	fake.Fail(googleplaytest.Fault{Op: googleplaytest.OpProductAcknowledge, Effect: googleplaytest.Reset()},
		googleplaytest.Fault{Op: googleplaytest.OpProductConsume, Effect: googleplaytest.Reset()})
	if err := c.AcknowledgeProduct(t.Context(), "gold", tok, ""); !errors.Is(err, googleplay.ErrNotDone) {
		t.Errorf("acknowledge: %v", err)
	}
	if err := c.ConsumeProduct(t.Context(), "gold", tok); !errors.Is(err, googleplay.ErrNotDone) {
		t.Errorf("consume: %v", err)
	}
}

func TestWhatAFailedChangeMeansToABreaker(t *testing.T) {
	for name, tc := range map[string]struct {
		effect googleplaytest.Effect
		fault  core.StoreFault
		reason core.Reason
	}{
		"another state":          {googleplaytest.Refuse(400, "invalidPurchaseState"), core.FaultTokenRefused, core.ReasonStateConflict},
		"a conflict":             {googleplaytest.Refuse(409, "concurrentUpdate"), core.FaultTokenRefused, core.ReasonStateConflict},
		"no such purchase":       {googleplaytest.Refuse(404, "notFound"), core.FaultNotFound, core.ReasonNotFound},
		"our rights":             {googleplaytest.Refuse(403, ""), core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"an outage":              {googleplaytest.Refuse(503, ""), core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"a lost answer":          {googleplaytest.Reset(), core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"a page instead of it":   {googleplaytest.HTMLPage(200), core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a page of another kind": {googleplaytest.HTMLPage(404), core.FaultUnavailable, core.ReasonUpstreamFault},
	} {
		for _, ch := range changes {
			fake := googleplaytest.New(googleplaytest.Config{})
			tok := fake.Buy(ch.buy)
			fake.Fail(googleplaytest.Fault{Op: ch.op, Effect: tc.effect})
			err := ch.call(t.Context(), clientOf(t, fake), tok)
			var se *core.StoreError
			if !errors.As(err, &se) || se.Fault != tc.fault || se.Reason != tc.reason {
				t.Errorf("%s, %s: %+v", ch.name, name, se)
			}
			if se = nil; !errors.As(ch.call(t.Context(), clientOf(t, fake), "a b"), &se) || se.Fault != core.FaultTokenRefused {
				t.Errorf("%s: an argument that cannot be: %+v", ch.name, se)
			}
		}
	}
}
