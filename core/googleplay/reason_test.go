package googleplay_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
)

var sentinels = []error{
	googleplay.ErrInvalidPurchaseState, googleplay.ErrInvalidValue, googleplay.ErrTokenMismatch, googleplay.ErrNotOwned, googleplay.ErrRequired,
	googleplay.ErrUnsupportedIabType, googleplay.ErrPermission, googleplay.ErrNotFound, googleplay.ErrConcurrentUpdate, googleplay.ErrQuota,
	googleplay.ErrMalformedAnswer, googleplay.ErrNotDone, googleplay.ErrOutcomeUnknown,
}

func TestTheStatusDecidesBeforeTheReason(t *testing.T) { // T-85
	const page = "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>"
	flat := func(status int, text string) http.HandlerFunc { return body(status, text) }
	for name, tc := range map[string]struct {
		reply    http.HandlerFunc
		fault    core.StoreFault
		reason   core.Reason
		sentinel error
	}{
		"invalidValue":                             {apiError(400, "invalidValue", "x"), core.FaultNotFound, core.ReasonInvalidToken, googleplay.ErrInvalidValue},
		"invalid, which no document has":           {apiError(400, "invalid", "Invalid Value"), core.FaultNotFound, core.ReasonInvalidToken, googleplay.ErrInvalidValue},
		"purchaseTokenMismatch":                    {apiError(400, "purchaseTokenMismatch", "x"), core.FaultNotFound, core.ReasonProductMismatch, googleplay.ErrTokenMismatch},
		"a mismatch that no document has":          {apiError(400, "purchaseTokenDoesNotMatchProductId", "x"), core.FaultNotFound, core.ReasonProductMismatch, googleplay.ErrTokenMismatch}, // T-90
		"a mismatch of subscriptions":              {apiError(400, "purchaseTokenDoesNotMatchSubscriptionId", "x"), core.FaultNotFound, core.ReasonProductMismatch, googleplay.ErrTokenMismatch},
		"a mismatch of apps":                       {apiError(400, "purchaseTokenDoesNotMatchPackageName", "x"), core.FaultNotFound, core.ReasonProductMismatch, googleplay.ErrTokenMismatch},
		"productNotOwnedByUser":                    {apiError(400, "productNotOwnedByUser", "x"), core.FaultNotFound, core.ReasonNotOwned, googleplay.ErrNotOwned},
		"invalidPurchaseState":                     {apiError(400, "invalidPurchaseState", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, googleplay.ErrInvalidPurchaseState},
		"required":                                 {apiError(400, "required", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, googleplay.ErrRequired},
		"unsupportedIabType":                       {apiError(400, "unsupportedIabType", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, googleplay.ErrUnsupportedIabType},
		"400 with a reason that nobody knows":      {apiError(400, "brandNew", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, nil},
		"400 without a reason":                     {apiError(400, "", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, nil},
		"400 with a page":                          {flat(400, page), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"401 permissionDenied":                     {apiError(401, "permissionDenied", "x"), core.FaultMisconfigured, core.ReasonUpstreamAuth, googleplay.ErrPermission},
		"401 with a page":                          {flat(401, page), core.FaultMisconfigured, core.ReasonUpstreamAuth, nil},
		"403 userInsufficientPermission":           {apiError(403, "userInsufficientPermission", "x"), core.FaultMisconfigured, core.ReasonUpstreamAuth, googleplay.ErrPermission},
		"403 forbidden":                            {apiError(403, "forbidden", "x"), core.FaultMisconfigured, core.ReasonUpstreamAuth, googleplay.ErrPermission},
		"403 rateLimitExceeded":                    {apiError(403, "rateLimitExceeded", "x"), core.FaultUnavailable, core.ReasonUpstreamUnavailable, googleplay.ErrQuota},
		"403 quotaExceeded":                        {apiError(403, "quotaExceeded", "x"), core.FaultUnavailable, core.ReasonUpstreamUnavailable, googleplay.ErrQuota},
		"403 with a page":                          {flat(403, page), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"404 notFound":                             {apiError(404, "notFound", "x"), core.FaultNotFound, core.ReasonNotFound, googleplay.ErrNotFound},
		"404 purchaseTokenNotFound":                {apiError(404, "purchaseTokenNotFound", "x"), core.FaultNotFound, core.ReasonNotFound, googleplay.ErrNotFound},
		"404 without a reason":                     {apiError(404, "", "x"), core.FaultNotFound, core.ReasonNotFound, googleplay.ErrNotFound},
		"404 of the app":                           {apiError(404, "applicationNotFound", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, nil},
		"404 with a page":                          {flat(404, page), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"404 with nothing":                         {flat(404, ""), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"404 with an empty object":                 {flat(404, "{}"), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"404 with an error that is a text":         {flat(404, `{"error":"notFound"}`), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"404 with a member twice":                  {flat(404, `{"error":{},"error":{}}`), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"404 with garbage behind":                  {flat(404, `{"error":{}} x`), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"410, long over":                           {apiError(410, "purchaseTokenNoLongerValid", "x"), core.FaultNotFound, core.ReasonNotFound, googleplay.ErrNotFound},
		"410 with a page":                          {flat(410, page), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"405":                                      {apiError(405, "", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, nil},
		"408":                                      {flat(408, page), core.FaultUnavailable, core.ReasonUpstreamUnavailable, nil},
		"409 concurrentUpdate":                     {apiError(409, "concurrentUpdate", "x"), core.FaultUnavailable, core.ReasonUpstreamUnavailable, googleplay.ErrConcurrentUpdate},
		"409 with a page":                          {flat(409, page), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"429":                                      {apiError(429, "rateLimitExceeded", "x"), core.FaultUnavailable, core.ReasonUpstreamUnavailable, googleplay.ErrQuota},
		"429 with a page":                          {flat(429, page), core.FaultUnavailable, core.ReasonUpstreamUnavailable, nil},
		"500 with the reason of a no":              {apiError(500, "notFound", "x"), core.FaultUnavailable, core.ReasonUpstreamUnavailable, nil},
		"503 with a page":                          {flat(503, page), core.FaultUnavailable, core.ReasonUpstreamUnavailable, nil},
		"304":                                      {flat(304, ""), core.FaultUnavailable, core.ReasonUpstreamFault, nil},
		"400 with the reason of a 404":             {apiError(400, "notFound", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, nil},
		"a reason in another case is none we know": {apiError(400, "INVALIDVALUE", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured, nil},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{t: t, reply: tc.reply}
			c := u.inProcess(t)
			for _, r := range reads {
				se := lookup(t, c, r.product)
				var e *googleplay.Error
				if se.Fault != tc.fault || se.Reason != tc.reason || !errors.As(se, &e) || e.Op != r.name {
					t.Errorf("%s: got %+v", r.name, se)
				}
				for _, s := range sentinels {
					if isError(se, s) != (s == tc.sentinel) {
						t.Errorf("%s: errors.Is(%v, %v) is %t", r.name, se, s, s != tc.sentinel)
					}
				}
			}
		})
	}
}

func TestACallThatNamesNoPurchaseFindsNoPurchaseMissing(t *testing.T) {
	for _, reply := range []http.HandlerFunc{apiError(400, "invalidValue", "x"), apiError(404, "notFound", "x"), apiError(410, "", "x")} {
		u := &upstream{t: t, reply: reply}
		for _, err := range u.inProcess(t).VoidedPurchases(t.Context(), googleplay.Window{}) {
			mustBeClean(t, err)
			var se *core.StoreError
			if !errors.As(err, &se) || se.Fault != core.FaultMisconfigured || se.Reason != core.ReasonUpstreamMisconfigured {
				t.Errorf("got %+v", se)
			}
		}
		if u.count() != 1 {
			t.Errorf("%d calls", u.count())
		}
	}
}

func TestRetryAfterIsCarried(t *testing.T) {
	for value, want := range map[string]time.Duration{"2": 2 * time.Second, "-1": 0, "abc": 0, "1000000000": time.Minute} {
		u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", value)
			apiError(503, "backendError", "x")(w, r)
		}}
		se := lookup(t, u.inProcess(t), googleplay.InApp("gold"))
		var e *googleplay.Error
		if !errors.As(se, &e) || se.RetryAfter != want || e.RetryAfter != want {
			t.Errorf("%s: got %v", value, se.RetryAfter)
		}
	}
}

func TestMessagesAndReasonsAreMadeSafe(t *testing.T) {
	for message, want := range map[string]string{
		"no purchase " + token:                  "",
		"no purchase " + strings.ToUpper(token): "",
		"Bearer " + access:                      "",
		"see https://x/y":                       "",
		"a\nb\x1b[31m\u202ec\u200b\x00d":        "ab[31mcd",
		strings.Repeat("é", 150):                strings.Repeat("é", 100) + "…",
		"plain":                                 "plain",
	} {
		u := &upstream{t: t, reply: apiError(500, "backendError", message)}
		se := lookup(t, u.inProcess(t), googleplay.InApp("gold"))
		var e *googleplay.Error
		if !errors.As(se, &e) || e.Message != want || e.Reason != "backendError" {
			t.Errorf("%q: got %q", message, e.Message)
		}
		if text := se.Error(); strings.HasPrefix(message, "plain") && (strings.Contains(text, "plain") || !strings.Contains(text, "a reason that is not known")) {
			t.Errorf("the text has what the store wrote: %s", text)
		}
	}
	for reason, want := range map[string]string{"notFound": ", notFound", "invalid_grant": ", invalid_grant", "madeUp": ", a reason that is not known", "": "status 404"} {
		u := &upstream{t: t, reply: apiError(404, reason, "x")}
		if se := lookup(t, u.inProcess(t), googleplay.InApp("gold")); !strings.HasSuffix(se.Error(), want) {
			t.Errorf("%q: %s", reason, se)
		}
	}
	for _, reason := range []string{"canarytoken", "a b", "x\n", strings.Repeat("x", 65), access} {
		u := &upstream{t: t, reply: apiError(400, reason, "x")}
		_, err := u.inProcess(t).ProductPurchase(t.Context(), "gold", "canarytoken")
		var e *googleplay.Error
		if !errors.As(err, &e) || e.Reason != "" {
			t.Errorf("%q: got %q", reason, e.Reason)
		}
	}
}
