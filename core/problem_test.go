package core_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/skugate/skugate/core"
)

func TestTheAnswersOfJSONEndpoints(t *testing.T) {
	common := []core.HeaderField{{Name: "Content-Type", Value: "application/problem+json"}, {Name: "Cache-Control", Value: "no-store"}}
	for _, c := range []struct {
		name   string
		reply  core.Reply
		status int
		header []core.HeaderField
		body   string
	}{
		{"a wrong method", core.MethodNotAllowed("POST"), 405, []core.HeaderField{{Name: "Allow", Value: "POST"}},
			`{"type":"about:blank","title":"The method is not allowed here.","status":405,"reason":"method_not_allowed","retryable":false,"iap":{"group":"server","code":2112,"name":"HTTP_REQUEST_METHOD_NOT_SUPPORT"}}`},
		{"a wrong method where several are right", core.MethodNotAllowed("GET", "POST"), 405, []core.HeaderField{{Name: "Allow", Value: "GET, POST"}},
			`{"type":"about:blank","title":"The method is not allowed here.","status":405,"reason":"method_not_allowed","retryable":false,"iap":{"group":"server","code":2112,"name":"HTTP_REQUEST_METHOD_NOT_SUPPORT"}}`},
		{"a wrong content type", core.UnsupportedContentType(), 415, nil,
			`{"type":"about:blank","title":"The Content-Type must be application/json.","status":415,"reason":"content_type_not_supported","retryable":false,"iap":{"group":"server","code":2111,"name":"HTTP_CONTENT_TYPE_NOT_SUPPORT"}}`},
		{"a bad parameter", core.InvalidParameters(`"product" is missing`), 400, nil,
			`{"type":"about:blank","title":"A parameter is invalid.","status":400,"detail":"\"product\" is missing","reason":"invalid_parameters","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`},
		{"a bad parameter without a word", core.InvalidParameters(""), 400, nil,
			`{"type":"about:blank","title":"A parameter is invalid.","status":400,"reason":"invalid_parameters","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`},
		{"a receipt that does not hold", core.InvalidReceipt(), 403, nil,
			`{"type":"about:blank","title":"The receipt is not the store's for this purchase.","status":403,"reason":"receipt_invalid","retryable":false,"iap":{"group":"client","code":110,"name":"INAPP_VERIFY_SIGNATURE_ERROR"}}`},
		{"a reason of its own", core.Problem(413, "too_long", "The body is too long.", "it may have 64 KiB", core.IAPCode{Group: core.IAPServer, Code: 1100, Name: "INVALID_PARAMETERS"}), 413, nil,
			`{"type":"about:blank","title":"The body is too long.","status":413,"detail":"it may have 64 KiB","reason":"too_long","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`},
		{"a fault of its own", core.Problem(500, "failed", "It failed.", "", core.IAPCode{Group: core.IAPClient, Code: 113, Name: "SERVER_NETWORK_FAIL"}), 500, nil,
			`{"type":"about:blank","title":"It failed.","status":500,"reason":"failed","retryable":true,"iap":{"group":"client","code":113,"name":"SERVER_NETWORK_FAIL"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if want := append(slices.Clone(common), c.header...); c.reply.Status != c.status || !slices.Equal(c.reply.Header, want) {
				t.Errorf("got %d %v, want %d %v", c.reply.Status, c.reply.Header, c.status, want)
			}
			if string(c.reply.Body) != c.body || !json.Valid(c.reply.Body) {
				t.Errorf("got\n%s\nwant\n%s", c.reply.Body, c.body)
			}
		})
	}
}
