package core

import (
	"net/http"
	"strings"
)

// MethodNotAllowed is the answer of a JSON endpoint to another method than those allowed: 405 with
// an Allow field.
func MethodNotAllowed(allowed ...string) Reply {
	r := public{status: http.StatusMethodNotAllowed, reason: "method_not_allowed",
		title: "The method is not allowed here.", code: iapOf(IAPServer, 2112)}.reply(http.StatusMethodNotAllowed, "", "")
	r.Header = append(r.Header, HeaderField{"Allow", strings.Join(allowed, ", ")})
	return r
}

// UnsupportedContentType is the answer of a JSON endpoint to a body that is not application/json: 415.
func UnsupportedContentType() Reply {
	return public{status: http.StatusUnsupportedMediaType, reason: "content_type_not_supported",
		title: "The Content-Type must be application/json.", code: iapOf(IAPServer, 2111)}.reply(http.StatusUnsupportedMediaType, "", "")
}

// InvalidParameters is the answer of a JSON endpoint to parameters that it refuses: 400. detail says
// which, why and the limit; it must not quote what the client sent.
func InvalidParameters(detail string) Reply {
	return public{status: http.StatusBadRequest, reason: "invalid_parameters",
		title: "A parameter is invalid.", code: iapOf(IAPServer, 1100)}.reply(http.StatusBadRequest, "", detail)
}

// InvalidReceipt is the answer to a receipt whose signature is not the store's, or which is another
// purchase's: 403.
func InvalidReceipt() Reply {
	return public{status: http.StatusForbidden, reason: "receipt_invalid",
		title: "The receipt is not the store's for this purchase.", code: iapOf(IAPClient, 110)}.reply(http.StatusForbidden, "", "")
}

// Problem is the answer of an endpoint beside the gate that refuses for a reason of its own. Its parts
// are those of Answer; it is retryable if status is 5xx. detail must not quote what the client sent.
func Problem(status int, reason, title, detail string, code IAPCode) Reply {
	return public{status: status, reason: reason, title: title,
		retryable: status >= http.StatusInternalServerError, code: code}.reply(status, "", detail)
}
