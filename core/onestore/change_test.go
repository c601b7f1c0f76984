package onestore_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore"
)

func TestEachChangeIsTheDocumentedRequest(t *testing.T) { // T-21, T-22, T-29, T-35, T-38
	for _, ch := range changes {
		u := &upstream{t: t, reply: done}
		if err := ch.call(t.Context(), u.listen(t), "gold", token); err != nil {
			t.Errorf("%s: %v", ch.name, err)
			continue
		}
		if len(u.requests) != 2 {
			t.Fatalf("%s: %d requests", ch.name, len(u.requests))
		}
		r := u.requests[1]
		if r.Method != http.MethodPost || r.RequestURI != ch.path || u.bodies[1] != ch.body || r.ContentLength != int64(len(ch.body)) {
			t.Errorf("%s: %s %s with %q (%d bytes)", ch.name, r.Method, r.RequestURI, u.bodies[1], r.ContentLength)
		}
		wantHeaders(t, r, map[string]string{
			"Authorization": "Bearer " + access, "Content-Type": "application/json", "X-Market-Code": "MKT_GLB",
			"Transfer-Encoding": "", "Idempotency-Key": "",
		})
	}
}

func TestTheDeveloperPayloadIsSentAsItIs(t *testing.T) {
	for payload, want := range map[string]string{
		"player-1":               `{"developerPayload":"player-1"}`,
		"\"}\n골드\u2028":          `{"developerPayload":"\"}\n골드\u2028"}`,
		strings.Repeat("골", 200): `{"developerPayload":"` + strings.Repeat("골", 200) + `"}`,
	} {
		u := &upstream{t: t, reply: done}
		c := u.inProcess(t)
		if err := errors.Join(c.AcknowledgePurchase(t.Context(), "gold", token, payload), c.ConsumePurchase(t.Context(), "gold", token, payload)); err != nil {
			t.Fatal(err)
		}
		if u.bodies[1] != want || u.bodies[2] != want {
			t.Errorf("%q: sent %s and %s", payload, u.bodies[1], u.bodies[2])
		}
	}
}

func TestWhatIsASuccess(t *testing.T) { // T-14, T-15, T-70
	for name, tc := range map[string]struct {
		status  int
		body    string
		success bool
	}{
		"as in the samples":         {200, `{"result":{"code":"Success","message":"Request has been completed successfully."}}`, true},
		"with the table's message":  {200, `{"result":{"code":"Success","message":"The request has been completed successfully."}}`, true},
		"flat, as in the tables":    {200, `{"code":"Success","message":"x"}`, true},
		"flat, with a null result":  {200, `{"code":"Success","message":"x","result":null}`, false},
		"without a message":         {200, `{"result":{"code":"Success"}}`, true},
		"an empty object":           {200, `{}`, false},
		"another code":              {200, `{"result":{"code":"InvalidConsumeState"}}`, false},
		"in another case":           {200, `{"result":{"code":"success"}}`, false},
		"a result without a code":   {200, `{"result":{}}`, false},
		"a result that is a word":   {200, `{"result":"Success"}`, false},
		"a result and an error":     {200, `{"result":{"code":"Success"},"error":{"code":"InternalError"}}`, false},
		"with another status":       {201, `{"result":{"code":"Success"}}`, false},
		"a purchase":                {200, details[0].sample, false},
		"nothing":                   {200, ``, false},
		"a page":                    {200, `<html>`, false},
		"a result twice":            {200, `{"result":{"code":"Success"},"result":{"code":"Success"}}`, false},
		"a result and garbage":      {200, `{"result":{"code":"Success"}}x`, false},
		"a result of another level": {200, `{"answer":{"result":{"code":"Success"}}}`, false},
	} {
		for _, ch := range changes[2:] { // the first two look the purchase up, which has tests of its own
			u := &upstream{t: t, reply: body(tc.status, tc.body)}
			err := ch.call(t.Context(), u.inProcess(t), "gold", token)
			mustBeClean(t, err)
			switch {
			case tc.success && err != nil:
				t.Errorf("%s, %s: %v", ch.name, name, err)
			case !tc.success && !isError(err, onestore.ErrOutcomeUnknown):
				t.Errorf("%s, %s: got %v, want an unknown outcome", ch.name, name, err)
			}
			if _, others := u.count(); others != 1 {
				t.Errorf("%s, %s: %d requests", ch.name, name, others)
			}
		}
	}
}

func TestAChangeIsSentOnceWhateverHappens(t *testing.T) {
	for name, tc := range map[string]struct {
		reply   http.HandlerFunc
		unknown bool // whether the store may have done it
	}{
		"InternalError":       {standardError(500, "InternalError", "x"), true},
		"a page with 502":     {body(502, "<html>"), true},
		"a page with 504":     {body(504, "<html>"), true},
		"a page with 404":     {body(404, "<html>"), true},
		"a lost answer":       {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
		"ServiceMaintenance":  {standardError(503, "ServiceMaintenance", "x"), false},
		"429":                 {body(429, ""), false},
		"AccessBlocked":       {standardError(403, "AccessBlocked", "x"), false},
		"UnauthorizedAccess":  {standardError(403, "UnauthorizedAccess", "x"), false},
		"NoSuchData":          {standardError(404, "NoSuchData", "x"), false},
		"InvalidRequest":      {standardError(400, "InvalidRequest", "[ purchaseToken ]"), false},
		"an unknown code":     {standardError(400, "NewCode", "x"), false},
		"InvalidContentType":  {standardError(415, "InvalidContentType", "x"), false},
		"InvalidAccessToken":  {standardError(401, "InvalidAccessToken", "x"), false},
		"a state we are late": {standardError(409, "InvalidPurchaseState", "x"), false},
	} {
		for _, ch := range changes[2:] {
			u := &upstream{t: t, reply: tc.reply}
			err := ch.call(t.Context(), u.listen(t), "gold", token)
			mustBeClean(t, err)
			if err == nil || isError(err, onestore.ErrOutcomeUnknown) != tc.unknown || isError(err, onestore.ErrNotDone) {
				t.Errorf("%s, %s: got %v", ch.name, name, err)
			}
			if _, others := u.count(); others != 1 {
				t.Errorf("%s, %s: sent %d times", ch.name, name, others)
			}
		}
	}
}

func TestACallThatReachedNoStoreWasNotDone(t *testing.T) {
	for name, oauth := range map[string]http.HandlerFunc{
		"a failure": standardError(500, "InternalError", "x"), "a page": body(404, "<html>"), "an odd success": body(200, "{}"), "a lost answer": lose,
	} {
		u := &upstream{t: t, oauth: oauth}
		c := u.listen(t)
		for _, ch := range changes {
			if err := ch.call(t.Context(), c, "gold", token); err == nil || isError(err, onestore.ErrOutcomeUnknown) || isError(err, onestore.ErrNotDone) {
				t.Errorf("%s instead of an access token, %s: %v", name, ch.name, err)
			}
		}
		if _, others := u.count(); others != 0 {
			t.Errorf("%s instead of an access token: %d calls", name, others)
		}
	}
	c := client(t, config("http://127.0.0.1:1"))
	for _, ch := range changes {
		if err := ch.call(t.Context(), c, "gold", token); err == nil || isError(err, onestore.ErrOutcomeUnknown) {
			t.Errorf("without an access token, %s: %v", ch.name, err)
		}
	}
	u := &upstream{t: t, reply: body(200, details[0].sample)}
	dead := false
	cfg := config("")
	cfg.HTTPClient = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
		if dead {
			return http.DefaultTransport.RoundTrip(r) // to port 1
		}
		return u.RoundTrip(r)
	})}
	cfg.BaseURL = "http://127.0.0.1:1"
	c = client(t, cfg)
	if _, err := c.PurchaseDetails(t.Context(), "gold", token); err != nil {
		t.Fatal(err)
	}
	dead = true
	for _, ch := range changes {
		if err := ch.call(t.Context(), c, "gold", token); err == nil || isError(err, onestore.ErrOutcomeUnknown) || isError(err, onestore.ErrNotDone) {
			t.Errorf("without a connection, %s: %v", ch.name, err)
		}
	}
	dead = false
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, before := u.count()
	for _, ch := range changes {
		if err := ch.call(gone, c, "gold", token); !isError(err, context.Canceled) || isError(err, onestore.ErrOutcomeUnknown) || isError(err, onestore.ErrNotDone) {
			t.Errorf("by a caller who left, %s: %v", ch.name, err)
		}
	}
	if _, others := u.count(); others != before {
		t.Errorf("by a caller who left: %d calls", others-before)
	}
}

// tripper is a transport that is a function.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWhatCannotBeIsNotSent(t *testing.T) {
	u := &upstream{t: t, reply: done}
	c := u.inProcess(t)
	commercial := config("")
	commercial.Environment, commercial.HTTPClient = onestore.Commercial, &http.Client{Transport: u}
	inCommercial := client(t, commercial)
	for _, ch := range changes {
		for _, id := range append([]string{strings.Repeat("é", 151)}, hostile...) {
			wantInvalid(t, ch.call(t.Context(), c, id, token), id)
		}
		for _, tok := range append([]string{"a b", "é", strings.Repeat("x", 65)}, hostile...) {
			wantInvalid(t, ch.call(t.Context(), c, "gold", tok), tok)
		}
	}
	for want, err := range map[string]error{
		"acknowledgePurchase: not called: invalid argument: developerPayload has 201 characters, more than 200":            c.AcknowledgePurchase(t.Context(), "gold", token, strings.Repeat("골", 201)),
		"consumePurchase: not called: invalid argument: developerPayload is not UTF-8":                                     c.ConsumePurchase(t.Context(), "gold", token, "\xff"),
		"consumePurchase: not called: invalid argument: purchaseToken has 65 bytes, more than 64":                          c.ConsumePurchaseOnce(t.Context(), "gold", strings.Repeat("x", 65), ""),
		"cancelSubscription: not called: invalid argument: productId is empty":                                             c.CancelSubscription(t.Context(), "", token),
		"deferSubscription: not called: invalid argument: period is not set; want Days(n) or Minutes(n)":                   c.DeferSubscription(t.Context(), "gold", token, onestore.Period{}),
		"deferSubscription: not called: invalid argument: period is in days; the sandbox environment counts in minutes":    c.DeferSubscription(t.Context(), "gold", token, onestore.Days(7)),
		"deferSubscription: not called: invalid argument: period is 0 minutes; want 1 to 365":                              c.DeferSubscription(t.Context(), "gold", token, onestore.Minutes(0)),
		"deferSubscription: not called: invalid argument: period is 366 minutes; want 1 to 365":                            c.DeferSubscription(t.Context(), "gold", token, onestore.Minutes(366)),
		"deferSubscription: not called: invalid argument: period is in minutes; the commercial environment counts in days": inCommercial.DeferSubscription(t.Context(), "gold", token, onestore.Minutes(7)),
		"deferSubscription: not called: invalid argument: period is -1 days; want 1 to 365":                                inCommercial.DeferSubscription(t.Context(), "gold", token, onestore.Days(-1)),
		"deferSubscription: not called: invalid argument: period is 366 days; want 1 to 365":                               inCommercial.DeferSubscription(t.Context(), "gold", token, onestore.Days(366)),
	} {
		if err == nil || err.Error() != "onestore: "+want || !isError(err, onestore.ErrInvalidArgument) {
			t.Errorf("got %v, want %s", err, want)
		}
		mustBeClean(t, err)
	}
	if tokens, others := u.count(); tokens+others != 0 {
		t.Errorf("%d requests were made", tokens+others)
	}
	if got := onestore.Days(7).String() + ", " + onestore.Minutes(30).String(); got != "7 days, 30 minutes" {
		t.Errorf("periods print as %s", got)
	}
	for _, days := range []int{1, 365} {
		if err := inCommercial.DeferSubscription(t.Context(), "gold", token, onestore.Days(days)); err != nil {
			t.Error(err)
		}
	}
	if u.bodies[1] != `{"deferPeriod":1}` || u.bodies[2] != `{"deferPeriod":365}` {
		t.Errorf("sent %q", u.bodies)
	}
}
