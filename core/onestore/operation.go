package onestore

import (
	"net/http"
	"strings"

	"github.com/skugate/skugate/core/internal/rest"
)

// operation is one endpoint.
type operation struct {
	name       string // as the document calls it
	method     string
	path       string // as the document prints it
	idempotent bool   // asking twice does what asking once does
	result     bool   // it answers that it was done, not what there is
	section    string // of the document, where it is not the name
}

// ofPurchase tells whether the endpoint is about one purchase.
func (op operation) ofPurchase() bool { return strings.Contains(op.path, "{purchaseToken}") }

// limit is the longest body that its answer may have. Documented pages have 100 rows of less than 1 KiB.
func (op operation) limit() int64 {
	if op.ofPurchase() {
		return rest.OneBody
	}
	return rest.MaxBody
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
	acknowledgePurchase = operation{
		name: "acknowledgePurchase", method: http.MethodPost, result: true,
		path: "/v7/apps/{clientId}/purchases/all/products/{productId}/{purchaseToken}/acknowledge",
	}
	consumePurchase = operation{
		name: "consumePurchase", method: http.MethodPost, result: true,
		path: "/v7/apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}/consume",
	}
	cancelRecurringPurchase = operation{
		name: "cancelRecurringPurchase", method: http.MethodPost, result: true,
		path: "/v7/apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}/cancel",
	}
	reactivateRecurringPurchase = operation{
		name: "reactivateRecurringPurchase", method: http.MethodPost, result: true, section: "reactiveRecurringPurchase",
		path: "/v7/apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}/reactivate",
	}
	getVoidedPurchases = operation{
		name: "getVoidedPurchases", method: http.MethodGet, idempotent: true,
		path: "/v7/apps/{clientId}/voided-purchases",
	}
	getUnconfirmedPurchases = operation{
		name: "getUnconfirmedPurchases", method: http.MethodGet, idempotent: true,
		path: "/v7/apps/{clientId}/unconfirmed-purchases",
	}
	cancelSubscription = operation{
		name: "cancelSubscription", method: http.MethodPost, result: true,
		path: "/v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}/cancel",
	}
	reactivateSubscription = operation{
		name: "reactivateSubscription", method: http.MethodPost, result: true,
		path: "/v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}/reactivate",
	}
	deferSubscription = operation{
		name: "deferSubscription", method: http.MethodPost, result: true,
		path: "/v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}/defer",
	}
)
