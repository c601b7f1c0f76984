package onestore

import (
	"context"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// RecurringPurchaseDetails is the purchase of a monthly product ("auto"). A pointer is nil, and a
// time zero, where the store sent nothing or null; ExpiryTime and LastPurchaseState are always there.
//
// The player may use the product while ExpiryTime has not passed and LastPurchaseState is 0. The
// prose of the document says "or"; its example, and the Korean edition, say "and".
//
// Spec: 003_cae853c17ba7f40e.txt, "getRecurringPurchaseDetails".
type RecurringPurchaseDetails struct {
	StartTime         time.Time
	ExpiryTime        time.Time // the last millisecond of use
	NextPaymentTime   time.Time
	AutoRenewing      *bool
	CancelReason      *int64 // 0 the customer, 1 other
	CancelledTime     time.Time
	AcknowledgeState  *int64 // 0 not acknowledged, 1 acknowledged
	LastPurchaseID    string
	LastPurchaseState *int64 // 0 purchased, 1 cancelled

	// DeveloperPayload is not in the document's example of this endpoint; nil and "" mean the same.
	DeveloperPayload *string

	ServerTime time.Time // the store's clock when it answered, zero if it did not say
	Raw        Raw       // the whole answer, if Config.KeepRaw
}

// RecurringPurchaseDetails reads the purchase of a monthly product.
//
// Spec: 003_cae853c17ba7f40e.txt, "getRecurringPurchaseDetails".
//
//onestore:operation GET /v7/apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}
func (c *Client) RecurringPurchaseDetails(ctx context.Context, productID, token string) (*RecurringPurchaseDetails, error) {
	return call[RecurringPurchaseDetails](ctx, c, getRecurringPurchaseDetails, input{productID: productID, token: token})
}

func (d *RecurringPurchaseDetails) read(o *rest.Object, from origin) {
	*d = RecurringPurchaseDetails{
		StartTime:         o.Time("startTime"),
		ExpiryTime:        o.RequiredTime("expiryTime"),
		NextPaymentTime:   o.Time("nextPaymentTime"),
		AutoRenewing:      o.Bool("autoRenewing"),
		CancelReason:      o.Int("cancelReason"),
		CancelledTime:     o.Time("cancelledTime"),
		AcknowledgeState:  acknowledgement(o, "acknowledgeState", "acknowledgementState"),
		LastPurchaseID:    o.Text("lastPurchaseId"),
		LastPurchaseState: o.RequiredInt("lastPurchaseState"),
		DeveloperPayload:  o.String("developerPayload"),
		ServerTime:        from.at,
		Raw:               from.raw,
	}
}
