package googleplay

import "context"

// AcknowledgeProduct tells the store that a one-time product was delivered; without it the purchase is
// refunded after 3 days. developerPayload is kept with the purchase; empty sends none. It returns nil
// once the store says that the purchase is acknowledged, by whomever. After a lost answer or a
// conflict it asks the store; see ErrNotDone and ErrOutcomeUnknown. Safe to repeat.
//
// Spec: 002_14922676bb3a4460.txt, "acknowledge".
//
//googleplay:operation POST /androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}:acknowledge
func (c *Client) AcknowledgeProduct(ctx context.Context, productID, token, developerPayload string) error {
	return c.change(ctx, acknowledgeProduct, payload(developerPayload), func(ctx context.Context) (bool, error) {
		p, err := c.ProductPurchase(ctx, productID, token)
		return err == nil && (is(p.AcknowledgementState, 1) || is(p.ConsumptionState, 1)), err
	}, productID, token)
}

// ConsumeProduct uses a one-time product up, so that it can be bought again. It returns nil once the
// purchase is consumed, and the store's refusal (ErrInvalidPurchaseState, ErrConcurrentUpdate) where
// another call was first. After a lost answer it asks the store: nil then says that the purchase is
// consumed, and cannot say by whom; a game that runs on several instances books what it delivers by
// order id. See ErrNotDone and ErrOutcomeUnknown.
//
// Spec: 002_14922676bb3a4460.txt, "consume".
//
//googleplay:operation POST /androidpublisher/v3/applications/{packageName}/purchases/products/{productId}/tokens/{token}:consume
func (c *Client) ConsumeProduct(ctx context.Context, productID, token string) error {
	return c.change(ctx, consumeProduct, "", func(ctx context.Context) (bool, error) {
		p, err := c.ProductPurchase(ctx, productID, token)
		return err == nil && is(p.ConsumptionState, 1), err
	}, productID, token)
}

// AcknowledgeSubscription tells the store that a subscription was delivered: once per token, renewals
// need none. As AcknowledgeProduct otherwise.
//
// Spec: androidpublisher v3, "purchases.subscriptions.acknowledge".
//
//googleplay:operation POST /androidpublisher/v3/applications/{packageName}/purchases/subscriptions/{subscriptionId}/tokens/{token}:acknowledge
func (c *Client) AcknowledgeSubscription(ctx context.Context, subscriptionID, token, developerPayload string) error {
	return c.change(ctx, acknowledgeSubscription, payload(developerPayload), func(ctx context.Context) (bool, error) {
		s, err := c.SubscriptionPurchaseV2(ctx, token)
		return err == nil && s.AcknowledgementState == acknowledgementAcknowledged, err
	}, subscriptionID, token)
}

func is(n *int64, want int64) bool { return n != nil && *n == want }
