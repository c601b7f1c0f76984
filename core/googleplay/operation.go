package googleplay

import (
	"net/http"

	"github.com/skugate/skugate/core/internal/rest"
)

// operation is one endpoint.
type operation struct {
	name       string // as the document calls it
	method     string
	path       string // as the document prints it; what follows a colon is its verb
	idempotent bool   // asking twice does what asking once does, and tells the same
	purchase   bool   // the path names one purchase
	section    string // of the documents that it was read from
}

// The endpoints.
//
// Spec: 002_14922676bb3a4460.txt and 004_eda03f688089c052.txt name the methods; their paths, and
// subscriptions, are those of Google's REST reference (androidpublisher v3).
var (
	getAccessToken = operation{ // at the key's token_uri, whatever its path
		name: "getAccessToken", method: http.MethodPost, path: "/token", idempotent: true,
		section: `RFC 7523, "2.1`,
	}
	getProduct = operation{
		name: "purchases.products.get", method: http.MethodGet, idempotent: true, purchase: true,
		path:    "/androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}",
		section: `002_14922676bb3a4460.txt, "get"`,
	}
	acknowledgeProduct = operation{
		name: "purchases.products.acknowledge", method: http.MethodPost, purchase: true,
		path:    "/androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}:acknowledge",
		section: `002_14922676bb3a4460.txt, "acknowledge"`,
	}
	consumeProduct = operation{
		name: "purchases.products.consume", method: http.MethodPost, purchase: true,
		path:    "/androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}:consume",
		section: `002_14922676bb3a4460.txt, "consume"`,
	}
	getSubscription = operation{
		name: "purchases.subscriptionsv2.get", method: http.MethodGet, idempotent: true, purchase: true,
		path:    "/androidpublisher/v3/applications/{packageName}/purchases/subscriptionsv2/tokens/{token}",
		section: `androidpublisher v3, "purchases.subscriptionsv2.get"`,
	}
	acknowledgeSubscription = operation{
		name: "purchases.subscriptions.acknowledge", method: http.MethodPost, purchase: true,
		path:    "/androidpublisher/v3/applications/{packageName}/purchases/subscriptions/{subscriptionId}/tokens/{token}:acknowledge",
		section: `androidpublisher v3, "purchases.subscriptions.acknowledge"`,
	}
	listVoided = operation{
		name: "purchases.voidedpurchases.list", method: http.MethodGet, idempotent: true,
		path:    "/androidpublisher/v3/applications/{packageName}/purchases/voidedpurchases",
		section: `004_eda03f688089c052.txt, "VoidedPurchase"`,
	}
)

// limit is how long an answer may be, in bytes.
func (op operation) limit() int64 {
	if op.purchase {
		return rest.OneBody
	}
	return rest.MaxBody
}
