package onestore

import (
	"context"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// PurchaseDetails is the purchase of a managed product. A pointer is nil, and a time zero, where the
// store sent nothing or null; PurchaseState, ConsumptionState and PurchaseTime are always there.
//
// Spec: 003_cae853c17ba7f40e.txt, "getPurchaseDetails".
type PurchaseDetails struct {
	ConsumptionState *int64  // 0 not consumed, 1 consumed
	DeveloperPayload *string // what the game set at the purchase; nil and "" mean the same
	PurchaseState    *int64  // 0 purchased, 1 cancelled
	PurchaseTime     time.Time
	PurchaseID       string
	AcknowledgeState *int64 // 0 not acknowledged, 1 acknowledged
	Quantity         *int64

	ServerTime time.Time // the store's clock when it answered, zero if it did not say
	Raw        Raw       // the whole answer, if Config.KeepRaw
}

// PurchaseDetails reads the purchase of a managed product.
//
// Spec: 003_cae853c17ba7f40e.txt, "getPurchaseDetails".
//
//onestore:operation GET /v7/apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}
func (c *Client) PurchaseDetails(ctx context.Context, productID, token string) (*PurchaseDetails, error) {
	return call[PurchaseDetails](ctx, c, getPurchaseDetails, input{productID: productID, token: token})
}

func (d *PurchaseDetails) read(o *rest.Object, from origin) {
	*d = PurchaseDetails{
		ConsumptionState: o.RequiredInt("consumptionState"),
		DeveloperPayload: o.String("developerPayload"),
		PurchaseState:    o.RequiredInt("purchaseState"),
		PurchaseTime:     o.RequiredTime("purchaseTime"),
		PurchaseID:       o.Text("purchaseId"),
		AcknowledgeState: acknowledgement(o, "acknowledgeState", "acknowledgementState"),
		Quantity:         quantity(o),
		ServerTime:       from.at,
		Raw:              from.raw,
	}
}

// maxQuantity is far above the two digits that the document has for it.
const maxQuantity = 1_000_000

func quantity(o *rest.Object) *int64 {
	n := o.Int("quantity")
	if n != nil && (*n < 1 || *n > maxQuantity) {
		o.Fault("quantity", "is not a plausible number of pieces")
	}
	return n
}

// acknowledgement reads a member that the document spells in two ways; the endpoint's own wins.
func acknowledgement(o *rest.Object, canonical, other string) *int64 {
	if n := o.Int(canonical); n != nil {
		return n
	}
	return o.Int(other)
}
