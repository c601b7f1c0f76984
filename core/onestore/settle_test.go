package onestore_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// shop answers a confirmation in one way, and the look-up of each kind in another.
type shop struct {
	post             http.HandlerFunc
	inapp, auto, sub http.HandlerFunc // nil: NoSuchData
}

func (s shop) serve(w http.ResponseWriter, r *http.Request) {
	h := s.post
	if r.Method == http.MethodGet {
		switch {
		case strings.Contains(r.URL.Path, "/inapp/"):
			h = s.inapp
		case strings.Contains(r.URL.Path, "/auto/"):
			h = s.auto
		default:
			h = s.sub
		}
	}
	if h == nil {
		h = standardError(404, "NoSuchData", "The requested data could not be found.")
	}
	h(w, r)
}

func lose(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// asked are the operations of u in order, the access token left out.
func asked(u *upstream) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var ops []string
	for _, r := range u.requests {
		for part, op := range map[string]string{"/acknowledge": "acknowledge", "/consume": "consume"} {
			if strings.HasSuffix(r.URL.Path, part) {
				ops = append(ops, op)
			}
		}
		if kind := strings.Split(r.URL.Path, "/"); r.Method == http.MethodGet {
			ops = append(ops, kind[5])
		}
	}
	return ops
}

func TestAConfirmationInQuestionIsSettledByALookUp(t *testing.T) { // T-31, T-32, T-33
	inapp := func(change map[string]any) http.HandlerFunc { return body(200, with(t, details[0].sample, change)) }
	auto := func(change map[string]any) http.HandlerFunc { return body(200, with(t, details[1].sample, change)) }
	sub := func(change map[string]any) http.HandlerFunc { return body(200, with(t, details[2].sample, change)) }
	state, consumed := standardError(409, "InvalidPurchaseState", "x"), standardError(409, "InvalidConsumeState", "x")
	type m = map[string]any
	acknowledge, consume := changes[0].call, changes[1].call
	payload := func(p string) func(context.Context, *onestore.Client, string, string) error {
		return func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.AcknowledgePurchase(ctx, id, token, p)
		}
	}
	for name, tc := range map[string]struct {
		call  func(context.Context, *onestore.Client, string, string) error
		shop  shop
		want  error // nil: done
		asked []string
	}{
		"acknowledged before, managed":     {acknowledge, shop{post: state, inapp: inapp(m{"acknowledgeState": 1})}, nil, []string{"acknowledge", "inapp"}},
		"acknowledged before, monthly":     {acknowledge, shop{post: state, auto: auto(m{"acknowledgeState": 1})}, nil, []string{"acknowledge", "inapp", "auto"}},
		"acknowledged before, subscribed":  {acknowledge, shop{post: state, sub: sub(nil)}, nil, []string{"acknowledge", "inapp", "auto", "subscription"}},
		"a lost answer, done":              {acknowledge, shop{post: lose, inapp: inapp(m{"acknowledgeState": 1})}, nil, []string{"acknowledge", "inapp"}},
		"a failing answer, done":           {acknowledge, shop{post: body(502, "<html>"), inapp: inapp(m{"acknowledgeState": 1})}, nil, []string{"acknowledge", "inapp"}},
		"an odd success, done":             {acknowledge, shop{post: body(200, "{}"), inapp: inapp(m{"acknowledgeState": 1})}, nil, []string{"acknowledge", "inapp"}},
		"consumed, so acknowledged":        {acknowledge, shop{post: lose, inapp: inapp(m{"consumptionState": 1, "acknowledgeState": "-"})}, nil, []string{"acknowledge", "inapp"}},
		"a lost answer, not done":          {acknowledge, shop{post: lose, inapp: inapp(nil)}, onestore.ErrNotDone, []string{"acknowledge", "inapp"}},
		"without a state, not done":        {acknowledge, shop{post: lose, inapp: inapp(m{"acknowledgeState": nil})}, onestore.ErrNotDone, []string{"acknowledge", "inapp"}},
		"not done, monthly":                {acknowledge, shop{post: lose, auto: auto(nil)}, onestore.ErrNotDone, []string{"acknowledge", "inapp", "auto"}},
		"not done, subscribed":             {acknowledge, shop{post: lose, sub: sub(m{"acknowledgementState": 0})}, onestore.ErrNotDone, []string{"acknowledge", "inapp", "auto", "subscription"}},
		"acknowledged and cancelled":       {acknowledge, shop{post: state, inapp: inapp(m{"purchaseState": 1, "acknowledgeState": 1})}, onestore.ErrNotDone, []string{"acknowledge", "inapp"}},
		"monthly, cancelled":               {acknowledge, shop{post: state, auto: auto(m{"lastPurchaseState": 1, "acknowledgeState": 1})}, onestore.ErrNotDone, []string{"acknowledge", "inapp", "auto"}},
		"there is no such purchase":        {acknowledge, shop{post: state}, onestore.ErrNoSuchData, []string{"acknowledge", "inapp", "auto", "subscription"}},
		"lost, and no such purchase":       {acknowledge, shop{post: lose}, onestore.ErrNotDone, []string{"acknowledge", "inapp", "auto", "subscription"}},
		"the look-up fails":                {acknowledge, shop{post: state, inapp: standardError(403, "AccessBlocked", "x")}, onestore.ErrOutcomeUnknown, []string{"acknowledge", "inapp"}},
		"the look-up is nonsense":          {acknowledge, shop{post: lose, inapp: body(200, "{}")}, onestore.ErrOutcomeUnknown, []string{"acknowledge", "inapp"}},
		"a later kind's look-up fails":     {acknowledge, shop{post: lose, auto: body(404, "<html>")}, onestore.ErrOutcomeUnknown, []string{"acknowledge", "inapp", "auto"}},
		"the last kind's look-up fails":    {acknowledge, shop{post: lose, sub: body(404, "")}, onestore.ErrOutcomeUnknown, []string{"acknowledge", "inapp", "auto", "subscription"}},
		"a look-up that fails once":        {acknowledge, shop{post: lose, inapp: once(standardError(500, "InternalError", "x"), inapp(m{"acknowledgeState": 1}))}, nil, []string{"acknowledge", "inapp", "inapp"}},
		"a refusal":                        {acknowledge, shop{post: standardError(403, "UnauthorizedAccess", "x")}, onestore.ErrUnauthorizedAccess, []string{"acknowledge"}},
		"a wrong payload":                  {payload("x"), shop{post: standardError(400, "DeveloperPayloadNotMatch", "x")}, onestore.ErrDeveloperPayloadNotMatch, []string{"acknowledge"}},
		"lost, with the purchase's":        {payload("developerPayload"), shop{post: lose, inapp: inapp(m{"acknowledgeState": 1})}, nil, []string{"acknowledge", "inapp"}},
		"lost, with a wrong payload":       {payload("x"), shop{post: lose, inapp: inapp(m{"acknowledgeState": 1})}, onestore.ErrDeveloperPayloadNotMatch, []string{"acknowledge", "inapp"}},
		"lost, with a payload not shown":   {payload("x"), shop{post: lose, inapp: inapp(m{"acknowledgeState": 1, "developerPayload": nil})}, nil, []string{"acknowledge", "inapp"}},
		"lost, with no payload shown":      {payload("x"), shop{post: lose, inapp: inapp(m{"acknowledgeState": 1, "developerPayload": ""})}, nil, []string{"acknowledge", "inapp"}},
		"consumed before":                  {consume, shop{post: consumed, inapp: inapp(m{"consumptionState": 1})}, nil, []string{"consume", "inapp"}},
		"a lost answer, consumed":          {consume, shop{post: lose, inapp: inapp(m{"consumptionState": 1})}, nil, []string{"consume", "inapp"}},
		"a lost answer, not consumed":      {consume, shop{post: lose, inapp: inapp(nil)}, onestore.ErrNotDone, []string{"consume", "inapp"}},
		"acknowledged is not consumed":     {consume, shop{post: consumed, inapp: inapp(m{"acknowledgeState": 1})}, onestore.ErrInvalidConsumeState, []string{"consume", "inapp"}},
		"consumed and cancelled":           {consume, shop{post: consumed, inapp: inapp(m{"consumptionState": 1, "purchaseState": 1})}, onestore.ErrNotDone, []string{"consume", "inapp"}},
		"consumption of an unknown state":  {consume, shop{post: consumed, inapp: inapp(m{"consumptionState": 2})}, onestore.ErrNotDone, []string{"consume", "inapp"}},
		"consuming no purchase":            {consume, shop{post: state}, onestore.ErrNoSuchData, []string{"consume", "inapp"}},
		"consuming, and the look-up fails": {consume, shop{post: lose, inapp: lose}, onestore.ErrOutcomeUnknown, []string{"consume", "inapp", "inapp"}},
		"maintenance":                      {consume, shop{post: standardError(503, "ServiceMaintenance", "x")}, onestore.ErrServiceMaintenance, []string{"consume"}},
		"a wrong payload, consuming": {func(ctx context.Context, c *onestore.Client, id, token string) error {
			return c.ConsumePurchase(ctx, id, token, "x")
		}, shop{post: standardError(400, "DeveloperPayloadNotMatch", "x")}, onestore.ErrDeveloperPayloadNotMatch, []string{"consume"}},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{t: t, reply: tc.shop.serve}
			err := tc.call(t.Context(), u.listen(t), "gold", token)
			mustBeClean(t, err)
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if isError(err, onestore.ErrNotDone) && isError(err, onestore.ErrOutcomeUnknown) {
				t.Errorf("both unknown and not done: %v", err)
			}
			if got := asked(u); !slices.Equal(got, tc.asked) {
				t.Errorf("asked %v, want %v", got, tc.asked)
			}
		})
	}
}

// once answers the first request with a, the others with b.
func once(a, b http.HandlerFunc) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			a(w, r)
			return
		}
		b(w, r)
	}
}

func TestConsumingOnceIsForOneCallerOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := onestoretest.New(onestoretest.Config{})
		c := clientOf(t, fake)
		bought := fake.Buy(onestoretest.InApp("gold"))
		won, lost := 0, 0
		for range 5 {
			switch err := c.ConsumePurchaseOnce(t.Context(), "gold", bought, ""); {
			case err == nil:
				won++
			case isError(err, onestore.ErrInvalidConsumeState) && !isError(err, onestore.ErrOutcomeUnknown):
				lost++
			default:
				t.Errorf("got %v", err)
			}
		}
		if won != 1 || lost != 4 {
			t.Errorf("%d of 5 consumed it, %d were told that it was consumed", won, lost)
		}
		for range 5 { // that it is consumed is true for all
			if err := c.ConsumePurchase(t.Context(), "gold", bought, ""); err != nil {
				t.Error(err)
			}
		}
		another := fake.Buy(onestoretest.InApp("gold"))
		fake.Fail(onestoretest.Fault{Op: onestoretest.OpConsumePurchase, Times: 1, Effect: onestoretest.LoseAnswer()})
		if err := c.ConsumePurchaseOnce(t.Context(), "gold", another, ""); !isError(err, onestore.ErrOutcomeUnknown) {
			t.Errorf("with a lost answer: %v", err)
		}
	})
}

func clientOf(t *testing.T, fake *onestoretest.Store) *onestore.Client {
	t.Helper()
	return client(t, onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
}

func TestAgainstTheFakeEveryLostConfirmationIsSettled(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			fake := onestoretest.New(onestoretest.Config{Seed: seed})
			c := clientOf(t, fake)
			fake.Fail(
				onestoretest.Fault{Op: onestoretest.OpAcknowledgePurchase, Every: 2, Effect: onestoretest.LoseAnswer()},
				onestoretest.Fault{Op: onestoretest.OpConsumePurchase, Every: 2, Effect: onestoretest.ResetAfter(5)},
			)
			for range 10 {
				for _, p := range []onestoretest.Product{onestoretest.InApp("gold"), onestoretest.Recurring("gold"), onestoretest.Subscription("gold")} {
					bought := fake.Buy(p, onestoretest.Label("mina"))
					if err := c.AcknowledgePurchase(t.Context(), "gold", bought, "mina"); err != nil {
						t.Errorf("%v: %v", p, err)
					}
					if err := c.AcknowledgePurchase(t.Context(), "gold", bought, "joon"); !isError(err, onestore.ErrDeveloperPayloadNotMatch) && p.Kind != onestoretest.KindRecurring {
						t.Errorf("%v with another's payload: %v", p, err)
					}
				}
				bought := fake.Buy(onestoretest.InApp("gold"))
				if err := c.ConsumePurchase(t.Context(), "gold", bought, ""); err != nil {
					t.Error(err)
				}
				if got := fake.Facts(bought)["consumptionState"]; got != int64(1) {
					t.Errorf("consumptionState is %v", got)
				}
			}
			if bad := fake.Malformed(); len(bad) > 0 {
				t.Errorf("%+v", bad)
			}
		})
	}
}
