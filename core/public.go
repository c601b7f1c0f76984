package core

import "net/http"

// public is what a client is told of a reason: less than the server knows.
type public struct {
	status    int // 0: the route's denied status
	reason    string
	title     string
	retryable bool
	wait      bool // Retry-After is sent
	code      IAPCode
}

var (
	publicTokenMissing = public{status: http.StatusBadRequest, reason: "purchase_token_missing",
		title: "A purchase token is required.", code: iapOf(IAPServer, 1100)}
	publicTokenMalformed = public{status: http.StatusBadRequest, reason: "purchase_token_malformed",
		title: "The purchase token is malformed.", code: iapOf(IAPServer, 1100)}
	publicAccountMissing = public{status: http.StatusUnauthorized, reason: "account_missing",
		title: "The request names no account.", code: iapOf(IAPClient, 101)}
	publicNotOwned = public{reason: "not_owned",
		title: "The product is not owned.", code: iapOf(IAPClient, 112)}
	publicTooMany = public{status: http.StatusTooManyRequests, reason: "too_many_unknown_tokens",
		title: "Too many unknown purchase tokens.", retryable: true, wait: true, code: iapOf(IAPClient, 112)}
	publicUnavailable = public{status: http.StatusServiceUnavailable, reason: "store_unavailable",
		title: "The store cannot be asked right now.", retryable: true, wait: true, code: iapOf(IAPClient, 113)}
	publicDeadline = public{status: http.StatusServiceUnavailable, reason: "store_unavailable",
		title: "The store did not answer in time.", retryable: true, wait: true, code: iapOf(IAPClient, 100)}
	publicMisconfigured = public{status: http.StatusServiceUnavailable, reason: "store_misconfigured",
		title: "The server cannot ask the store.", retryable: true, wait: true, code: iapOf(IAPWebConsole, 5003)}
)

// iapOf is for codes that stand in the guide.
func iapOf(group IAPGroup, code int) IAPCode {
	c, _ := IAPByCode(group, code)
	return c
}

// public finds what a client is told of a decision that did not grant.
func (d *Decision) public() public {
	if d.Outcome == Denied {
		return d.Reason.publicDenied()
	}
	switch d.Reason {
	case ReasonTooManyUnknownTokens:
		return publicTooMany
	case ReasonDeadline:
		return publicDeadline
	case ReasonMisconfigured, ReasonUpstreamMisconfigured, ReasonUpstreamAuth, ReasonUpstreamBlocked:
		return publicMisconfigured
	default:
		return publicUnavailable
	}
}

func (r Reason) publicDenied() public {
	switch r {
	case ReasonTokenMissing:
		return publicTokenMissing
	case ReasonInvalidToken:
		return publicTokenMalformed
	case ReasonAccountMissing:
		return publicAccountMissing
	case ReasonPaymentPending, ReasonPending, ReasonRenewalPending:
		return public{reason: string(r), title: "A payment for the product is not finished.", retryable: true, code: iapOf(IAPClient, 116)}
	case ReasonExpired, ReasonTermExpired, ReasonConsumed, ReasonPurchaseCanceled, ReasonLastPaymentCanceled, ReasonRefunded, ReasonVoided,
		ReasonRevoked, ReasonSuperseded, ReasonPaused, ReasonOnHold, ReasonStateConflict, ReasonUnknownState:
		return public{reason: string(r), title: "The purchase does not grant the product now.", code: iapOf(IAPClient, 112)}
	default: // and whatever is added without thinking of it here
		return publicNotOwned
	}
}
