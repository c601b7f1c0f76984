package googleplay

import (
	"context"

	"github.com/skugate/skugate/core/internal/rest"
)

// AcknowledgeProduct tells the store that a one-time product was delivered; without it the purchase is
// refunded after 3 days. developerPayload is kept with the purchase; "" sends none.
//
// Nil means that the purchase stands and is acknowledged, by this call or by another. The request is
// sent once. If the store answers that the purchase is in another state or busy, or its answer is lost,
// the purchase is looked up, and the error matches ErrNotDone if that shows it unacknowledged, cancelled
// or absent, and ErrOutcomeUnknown if it does not come to an answer either. Calling again is safe in
// both cases.
//
// Spec: 002_14922676bb3a4460.txt, "acknowledge".
//
//googleplay:operation POST /androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}:acknowledge
func (c *Client) AcknowledgeProduct(ctx context.Context, productID, token, developerPayload string) error {
	err := c.change(ctx, acknowledgeProduct, payload(developerPayload), productID, token)
	return settle(err, func() (bool, error) {
		p, err := c.ProductPurchase(ctx, productID, token)
		// A consumed purchase counts as acknowledged.
		return err == nil && rest.Is(p.PurchaseState, 0) && (rest.Is(p.AcknowledgementState, 1) || rest.Is(p.ConsumptionState, 1)), err
	})
}

// AcknowledgeSubscription tells the store that a subscription was delivered: once per token, renewals
// need none. As AcknowledgeProduct otherwise.
//
// Spec: androidpublisher v3, "purchases.subscriptions.acknowledge".
//
//googleplay:operation POST /androidpublisher/v3/applications/{packageName}/purchases/subscriptions/{subscriptionId}/tokens/{token}:acknowledge
func (c *Client) AcknowledgeSubscription(ctx context.Context, subscriptionID, token, developerPayload string) error {
	err := c.change(ctx, acknowledgeSubscription, payload(developerPayload), subscriptionID, token)
	return settle(err, func() (bool, error) {
		s, err := c.SubscriptionPurchaseV2(ctx, token)
		return err == nil && s.AcknowledgementState == acknowledgementAcknowledged, err
	})
}
