package onestore

import "net/http"

// operation is one endpoint.
type operation struct {
	name       string // as the document calls it
	method     string
	path       string // as the document prints it
	idempotent bool   // asking twice does what asking once does
	section    string // of the document, where it is not the name
}

// The endpoints.
//
// Spec: 003_cae853c17ba7f40e.txt.
var (
	getAccessToken = operation{
		name: "getAccessToken", method: http.MethodPost, idempotent: true, section: "发放AccessToken",
		path: "/v7/oauth/token",
	}
	getPurchaseDetails = operation{
		name: "getPurchaseDetails", method: http.MethodGet, idempotent: true,
		path: "/v7/apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}",
	}
	getRecurringPurchaseDetails = operation{
		name: "getRecurringPurchaseDetails", method: http.MethodGet, idempotent: true,
		path: "/v7/apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}",
	}
	getSubscriptionDetail = operation{
		name: "getSubscriptionDetail", method: http.MethodGet, idempotent: true,
		path: "/v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}",
	}
)
