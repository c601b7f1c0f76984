package googleplay

import (
	"context"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// ProductPurchase is the purchase of a one-time product. A pointer is nil, and a time zero, where the
// store sent nothing or null; PurchaseState, ConsumptionState and PurchaseTime are always there.
//
// Spec: 002_14922676bb3a4460.txt, "purchases.products".
type ProductPurchase struct {
	PurchaseTime         time.Time
	PurchaseState        *int64 // 0 purchased, 1 cancelled, 2 pending
	ConsumptionState     *int64 // 0 not consumed, 1 consumed
	AcknowledgementState *int64 // 0 not acknowledged, 1 acknowledged
	DeveloperPayload     string
	OrderID              string
	PurchaseType         *int64 // nil bought, 0 by a licence tester, 1 by promotion code, 2 earned by a video
	PurchaseToken        string // an identifier, keep it out of logs; often absent
	ProductID            string // often absent
	Quantity             *int64 // nil is 1
	RefundableQuantity   *int64 // not yet refunded; nil is not said, 0 is all refunded

	// ObfuscatedExternalAccountID and -ProfileID are what the game set at the purchase.
	ObfuscatedExternalAccountID, ObfuscatedExternalProfileID string

	RegionCode string // ISO 3166-1 alpha-2

	ServerTime time.Time // the store's clock when it answered, zero if it did not say
}

// ProductPurchase reads the purchase of a one-time product. It does not compare the product id and
// the token of the answer with those asked about; Lookup does.
//
// Spec: 002_14922676bb3a4460.txt, "get".
//
//googleplay:operation GET /androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}
func (c *Client) ProductPurchase(ctx context.Context, productID, token string) (*ProductPurchase, error) {
	return call[ProductPurchase](ctx, c, getProduct, productID, token)
}

func (p *ProductPurchase) read(o *rest.Object, a *rest.Answer) {
	*p = ProductPurchase{
		PurchaseTime:                o.RequiredTime("purchaseTimeMillis"),
		PurchaseState:               o.RequiredInt("purchaseState"),
		ConsumptionState:            o.RequiredInt("consumptionState"),
		AcknowledgementState:        o.Int("acknowledgementState"),
		DeveloperPayload:            o.Text("developerPayload"),
		OrderID:                     o.Text("orderId"),
		PurchaseType:                o.Int("purchaseType"),
		PurchaseToken:               o.Text("purchaseToken"),
		ProductID:                   o.Text("productId"),
		Quantity:                    o.Int("quantity"),
		RefundableQuantity:          o.Int("refundableQuantity"),
		ObfuscatedExternalAccountID: o.Text("obfuscatedExternalAccountId"),
		ObfuscatedExternalProfileID: o.Text("obfuscatedExternalProfileId"),
		RegionCode:                  o.Text("regionCode"),
		ServerTime:                  a.Date(),
	}
	bought := int64(1)
	if p.Quantity != nil {
		bought = *p.Quantity
	}
	if bought < 1 || bought > maxQuantity {
		o.Fault("quantity", "is not a plausible number of pieces")
	}
	if left := p.RefundableQuantity; left != nil && (*left < 0 || *left > bought) {
		o.Fault("refundableQuantity", "is not between 0 and the quantity")
	}
}

// maxQuantity is far above what anybody can buy at once.
const maxQuantity = 1_000_000
