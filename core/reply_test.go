package core_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// problem is the golden body of a reply.
func problem(title string, status int, reason string, retryable bool, group string, code int, name string) string {
	return fmt.Sprintf(`{"type":"about:blank","title":"%s","status":%d,"reason":"%s","product":"vip","retryable":%v,"iap":{"group":"%s","code":%d,"name":"%s"}}`,
		title, status, reason, retryable, group, code, name)
}

// Every reason that there is, and one that there is not.
func TestWhatAClientIsToldOfEveryReason(t *testing.T) {
	missing := problem("A purchase token is required.", 400, "purchase_token_missing", false, "server", 1100, "INVALID_PARAMETERS")
	malformed := problem("The purchase token is malformed.", 400, "purchase_token_malformed", false, "server", 1100, "INVALID_PARAMETERS")
	nobody := problem("The request names no account.", 401, "account_missing", false, "client", 101, "AUTHORIZATION_ERROR")
	notOwned := problem("The product is not owned.", 403, "not_owned", false, "client", 112, "INAPP_VERIFY_CONSUME_ERROR")
	tooMany := problem("Too many unknown purchase tokens.", 429, "too_many_unknown_tokens", true, "client", 112, "INAPP_VERIFY_CONSUME_ERROR")
	unavailable := problem("The store cannot be asked right now.", 503, "store_unavailable", true, "client", 113, "SERVER_NETWORK_FAIL")
	deadline := problem("The store did not answer in time.", 503, "store_unavailable", true, "client", 100, "NETWORK_TIMEOUT")
	misconfigured := problem("The server cannot ask the store.", 503, "store_misconfigured", true, "web-console", 5003, "INVALID_AUTHENTICATED")
	lapsed := func(r core.Reason) string {
		return problem("The purchase does not grant the product now.", 403, string(r), false, "client", 112, "INAPP_VERIFY_CONSUME_ERROR")
	}
	pending := func(r core.Reason) string {
		return problem("A payment for the product is not finished.", 403, string(r), true, "client", 116, "APP_STORE_REMAINS_PAYMENT")
	}
	type told struct {
		status int
		body   string
	}
	denied := map[core.Reason]told{
		core.ReasonTokenMissing: {400, missing}, core.ReasonInvalidToken: {400, malformed}, core.ReasonAccountMissing: {401, nobody},
		core.ReasonNotFound: {403, notOwned}, core.ReasonProductMismatch: {403, notOwned}, core.ReasonAccountMismatch: {403, notOwned},
		core.ReasonAccountUnbound: {403, notOwned}, core.ReasonOverride: {403, notOwned}, "a reason of a rule": {403, notOwned},
	}
	for _, r := range []core.Reason{
		core.ReasonExpired, core.ReasonTermExpired, core.ReasonConsumed, core.ReasonPurchaseCanceled, core.ReasonLastPaymentCanceled, core.ReasonVoided,
		core.ReasonRevoked, core.ReasonSuperseded, core.ReasonPaused, core.ReasonOnHold, core.ReasonStateConflict, core.ReasonUnknownState,
	} {
		denied[r] = told{403, lapsed(r)}
	}
	for _, r := range []core.Reason{core.ReasonPaymentPending, core.ReasonPending, core.ReasonRenewalPending} {
		denied[r] = told{403, pending(r)}
	}
	undetermined := map[core.Reason]told{core.ReasonTooManyUnknownTokens: {429, tooMany}, core.ReasonDeadline: {503, deadline}}
	for _, r := range []core.Reason{core.ReasonMisconfigured, core.ReasonUpstreamMisconfigured, core.ReasonUpstreamAuth, core.ReasonUpstreamBlocked} {
		undetermined[r] = told{503, misconfigured}
	}
	for _, r := range []core.Reason{
		core.ReasonMalformedUpstream, core.ReasonUpstreamFault, core.ReasonUpstreamUnavailable, core.ReasonClockSkew, core.ReasonBreakerOpen,
		core.ReasonOverloaded, core.ReasonStorePaused, core.ReasonCallerGone, core.ReasonLookupFailed, core.ReasonClosed, core.ReasonPanicked,
		"", "a reason of a store",
	} {
		undetermined[r] = told{503, unavailable}
	}
	common := []core.HeaderField{{Name: "Content-Type", Value: "application/problem+json"}, {Name: "Cache-Control", Value: "no-store"}}
	for outcome, reasons := range map[core.Outcome]map[core.Reason]told{core.Denied: denied, core.Undetermined: undetermined} {
		for reason, c := range reasons {
			t.Run(fmt.Sprintf("%v %s", outcome, reason), func(t *testing.T) {
				d := core.Decision{Outcome: outcome, Reason: reason, Product: subscription("vip"), Err: errors.New("a detail that is not for the client")}
				got, header := core.Answer(d, 0), slices.Clone(common)
				if outcome == core.Undetermined {
					header = append(header, core.HeaderField{Name: "Retry-After", Value: "1"})
				}
				if got.Status != c.status || !slices.Equal(got.Header, header) || string(got.Body) != c.body {
					t.Errorf("got %d %v\n%s\nwant %d %v\n%s", got.Status, got.Header, got.Body, c.status, header, c.body)
				}
				var said struct{ Reason string }
				if err := json.Unmarshal(got.Body, &said); err != nil || said.Reason != d.PublicReason() {
					t.Errorf("PublicReason is %q, the body says %q, %v", d.PublicReason(), said.Reason, err)
				}
			})
		}
	}
}

func TestTheStatusOfADenialMayBe402AndNothingElse(t *testing.T) {
	for asked, want := range map[int]int{0: 403, 403: 403, 402: 402, 200: 403, 404: 403, -1: 403} {
		denied := core.Answer(core.Decision{Outcome: core.Denied, Reason: core.ReasonExpired}, asked)
		if denied.Status != want || !json.Valid(denied.Body) {
			t.Errorf("asked for %d: got %d %s", asked, denied.Status, denied.Body)
		}
		var said struct{ Status int }
		if err := json.Unmarshal(denied.Body, &said); err != nil || said.Status != want {
			t.Errorf("asked for %d: the body says %d", asked, said.Status)
		}
		for reason, status := range map[core.Reason]int{core.ReasonTokenMissing: 400, core.ReasonAccountMissing: 401} {
			if got := core.Answer(core.Decision{Outcome: core.Denied, Reason: reason}, asked).Status; got != status {
				t.Errorf("%s, asked for %d: got %d", reason, asked, got)
			}
		}
		if got := core.Answer(core.Decision{Reason: core.ReasonDeadline}, asked).Status; got != 503 {
			t.Errorf("undetermined, asked for %d: got %d", asked, got)
		}
	}
}

func TestAGrantedDecisionHasNoReply(t *testing.T) {
	d := core.Decision{Outcome: core.Granted, Reason: core.ReasonOwned}
	if got := core.Answer(d, 0); got.Status != 0 || got.Header != nil || got.Body != nil || d.PublicReason() != "" {
		t.Errorf("got %+v, %q", got, d.PublicReason())
	}
}

func TestAWaitIsRoundedUpAndBounded(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		-time.Second: "1", 0: "1", time.Nanosecond: "1", time.Second: "1", time.Second + 1: "2", 59900 * time.Millisecond: "60",
		time.Hour: "3600", time.Hour + 1: "3600", 1<<63 - 1: "3600",
	} {
		got := core.Answer(core.Decision{Reason: core.ReasonUpstreamUnavailable, RetryAfter: wait}, 0)
		if i := slices.IndexFunc(got.Header, func(f core.HeaderField) bool { return f.Name == "Retry-After" }); i < 0 || got.Header[i].Value != want {
			t.Errorf("%v: got %v, want %s", wait, got.Header, want)
		}
	}
}

func TestAReplyNamesWhatWasAskedForNotWhatWasFound(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	vip := core.Entitlement("vip", inApp("first"), inApp("second"), inApp("skin"))
	d := gate.Check(t.Context(), vip, by("alice", "skin-1"))
	want(t, d, core.Granted, core.ReasonOwned)
	stranger := gate.Check(t.Context(), core.Entitlement("other", inApp("first"), inApp("second")), by("mallory", "skin-1"))
	want(t, stranger, core.Denied, core.ReasonProductMismatch)
	const golden = `{"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"first","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`
	if got := core.Answer(stranger, 0); string(got.Body) != golden {
		t.Errorf("got %s", got.Body)
	}
}

// Text goes into JSON as text, also where a product id holds what is none.
func TestAReplyIsValidJSONWhateverAProductIsCalled(t *testing.T) {
	for _, id := range []string{`"},{"`, "\x00\xff", "</script>", "보석"} {
		got := core.Answer(core.Decision{Outcome: core.Denied, Product: core.Product{ID: id}}, 0)
		if !json.Valid(got.Body) {
			t.Errorf("%q: got %s", id, got.Body)
		}
	}
}
