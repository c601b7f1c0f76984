package onestore

import (
	"context"

	"github.com/skugate/skugate/core/internal/rest"
)

// ConsumePurchase uses a managed purchase up, so that the product can be bought again; that counts as
// an acknowledgement. developerPayload is as for AcknowledgePurchase.
//
// Nil means that the purchase stands and is consumed, by this call or by another: never grant because
// of it alone, see ConsumePurchaseOnce. The request is sent once. If the store answers that the purchase
// is in another state, or its answer is lost, the purchase is looked up, and the error matches ErrNotDone
// if that shows it unconsumed, cancelled or absent, and ErrOutcomeUnknown if it does not come to an
// answer either. Calling again is safe in both cases.
//
// Spec: 003_cae853c17ba7f40e.txt, "consumePurchase".
//
//onestore:operation POST /v7/apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}/consume
func (c *Client) ConsumePurchase(ctx context.Context, productID, token, developerPayload string) error {
	err := c.ConsumePurchaseOnce(ctx, productID, token, developerPayload)
	return settle(err, developerPayload, func() (found, error) { return c.consumption(ctx, productID, token) })
}

// ConsumePurchaseOnce is ConsumePurchase for those who grant because of it: nil means that this very
// call consumed the purchase, which it does for one caller only. The error matches
// ErrInvalidConsumeState if it was consumed before, by whomever, and ErrOutcomeUnknown if this call may
// have consumed it: only a record made before the call can tell then.
func (c *Client) ConsumePurchaseOnce(ctx context.Context, productID, token, developerPayload string) error {
	return c.change(ctx, consumePurchase, confirmation(productID, token, developerPayload))
}

func (c *Client) consumption(ctx context.Context, productID, token string) (found, error) {
	p, err := c.PurchaseDetails(ctx, productID, token)
	if err != nil {
		return found{}, err
	}
	return found{rest.Is(p.PurchaseState, 0) && rest.Is(p.ConsumptionState, 1), p.DeveloperPayload}, nil
}
