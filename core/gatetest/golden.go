package gatetest

import (
	"fmt"
	"testing"
)

// golden is a refusal as it goes over the wire.
type golden struct {
	status     string
	retryAfter string // empty: no such header
	body       string
}

func (g golden) String() string {
	wait := ""
	if g.retryAfter != "" {
		wait = "\nRetry-After: " + g.retryAfter
	}
	return fmt.Sprintf("HTTP/1.1 %s\nCache-Control: no-store\nContent-Length: %d\nContent-Type: application/problem+json%s\n\n%s",
		g.status, len(g.body), wait, g.body)
}

// want compares an answer byte for byte.
func (g golden) want(t *testing.T, a answer) {
	t.Helper()
	if got := a.String(); got != g.String() {
		t.Errorf("got\n%s\nwant\n%s", got, g)
	}
}

// after is the refusal with another wait.
func (g golden) after(seconds string) golden {
	g.retryAfter = seconds
	return g
}

// The refusals. What differs from one denial to the next is spelled out below them.
var (
	goldenMissing = golden{status: "400 Bad Request",
		body: `{"type":"about:blank","title":"A purchase token is required.","status":400,"reason":"purchase_token_missing","product":"vip","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`}
	goldenMalformed = golden{status: "400 Bad Request",
		body: `{"type":"about:blank","title":"The purchase token is malformed.","status":400,"reason":"purchase_token_malformed","product":"vip","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`}
	goldenNoAccount = golden{status: "401 Unauthorized",
		body: `{"type":"about:blank","title":"The request names no account.","status":401,"reason":"account_missing","product":"vip","retryable":false,"iap":{"group":"client","code":101,"name":"AUTHORIZATION_ERROR"}}`}
	goldenNotOwned = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenNotOwned402 = golden{status: "402 Payment Required",
		body: `{"type":"about:blank","title":"The product is not owned.","status":402,"reason":"not_owned","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenExpired = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"The purchase does not grant the product now.","status":403,"reason":"expired","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenExpired402 = golden{status: "402 Payment Required",
		body: `{"type":"about:blank","title":"The purchase does not grant the product now.","status":402,"reason":"expired","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenPaused = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"The purchase does not grant the product now.","status":403,"reason":"paused","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenOnHold = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"The purchase does not grant the product now.","status":403,"reason":"on_hold","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenVoided = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"The purchase does not grant the product now.","status":403,"reason":"voided","product":"vip","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenConsumed = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"The purchase does not grant the product now.","status":403,"reason":"consumed","product":"skin","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenCanceled = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"The purchase does not grant the product now.","status":403,"reason":"purchase_canceled","product":"skin","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenPending = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"A payment for the product is not finished.","status":403,"reason":"payment_pending","product":"vip","retryable":true,"iap":{"group":"client","code":116,"name":"APP_STORE_REMAINS_PAYMENT"}}`}
	goldenRenewal = golden{status: "403 Forbidden",
		body: `{"type":"about:blank","title":"A payment for the product is not finished.","status":403,"reason":"renewal_pending","product":"vip","retryable":true,"iap":{"group":"client","code":116,"name":"APP_STORE_REMAINS_PAYMENT"}}`}
	goldenTooMany = golden{status: "429 Too Many Requests", retryAfter: "10",
		body: `{"type":"about:blank","title":"Too many unknown purchase tokens.","status":429,"reason":"too_many_unknown_tokens","product":"vip","retryable":true,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`}
	goldenUnavailable = golden{status: "503 Service Unavailable", retryAfter: "1",
		body: `{"type":"about:blank","title":"The store cannot be asked right now.","status":503,"reason":"store_unavailable","product":"vip","retryable":true,"iap":{"group":"client","code":113,"name":"SERVER_NETWORK_FAIL"}}`}
	goldenDeadline = golden{status: "503 Service Unavailable", retryAfter: "1",
		body: `{"type":"about:blank","title":"The store did not answer in time.","status":503,"reason":"store_unavailable","product":"vip","retryable":true,"iap":{"group":"client","code":100,"name":"NETWORK_TIMEOUT"}}`}
	goldenMisconfigured = golden{status: "503 Service Unavailable", retryAfter: "1",
		body: `{"type":"about:blank","title":"The server cannot ask the store.","status":503,"reason":"store_misconfigured","product":"vip","retryable":true,"iap":{"group":"web-console","code":5003,"name":"INVALID_AUTHENTICATED"}}`}
	goldenUnnamed = golden{status: "503 Service Unavailable", retryAfter: "1",
		body: `{"type":"about:blank","title":"The server cannot ask the store.","status":503,"reason":"store_misconfigured","retryable":true,"iap":{"group":"web-console","code":5003,"name":"INVALID_AUTHENTICATED"}}`}
)
