package googleplay

import (
	"context"

	"github.com/skugate/skugate/core/internal/rest"
)

// ConsumeProduct uses a one-time product up, so that it can be bought again; that counts as an
// acknowledgement.
//
// Nil means that the purchase stands and is consumed, by this call or by another: never grant because
// of it alone, see ConsumeProductOnce. What is in question is looked up as AcknowledgeProduct does.
//
// Spec: 002_14922676bb3a4460.txt, "consume".
func (c *Client) ConsumeProduct(ctx context.Context, productID, token string) error {
	return settle(c.ConsumeProductOnce(ctx, productID, token), func() (bool, error) {
		p, err := c.ProductPurchase(ctx, productID, token)
		return err == nil && rest.Is(p.PurchaseState, 0) && rest.Is(p.ConsumptionState, 1), err
	})
}

// ConsumeProductOnce is ConsumeProduct for those who grant because of it: it looks nothing up, and nil
// means that the store took this very call. The error matches ErrInvalidPurchaseState if the purchase
// was consumed before, by whomever, and ErrOutcomeUnknown if this call may have consumed it: only a
// record made before the call can tell then. No document says that Google lets one of two calls at the
// same instant win, so a game that runs on several instances books what it delivers by order id.
//
// Spec: 002_14922676bb3a4460.txt, "consume".
//
//googleplay:operation POST /androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}:consume
func (c *Client) ConsumeProductOnce(ctx context.Context, productID, token string) error {
	return c.change(ctx, consumeProduct, "", productID, token)
}
