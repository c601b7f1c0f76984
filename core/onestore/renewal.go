package onestore

import "context"

// CancelRecurringPurchase ends the automatic payment of a monthly product: the player keeps it until
// its expiry. The request is sent once; an error that matches ErrOutcomeUnknown is one after which
// RecurringPurchaseDetails.AutoRenewing tells. A subscription is cancelled by CancelSubscription; its
// token is ErrNoSuchData here.
//
// Spec: 003_cae853c17ba7f40e.txt, "cancelRecurringPurchase".
//
//onestore:operation POST /v7/apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}/cancel
func (c *Client) CancelRecurringPurchase(ctx context.Context, productID, token string) error {
	return c.change(ctx, cancelRecurringPurchase, input{productID: productID, token: token})
}

// ReactivateRecurringPurchase takes CancelRecurringPurchase back; errors are as there.
//
// Spec: 003_cae853c17ba7f40e.txt, "reactiveRecurringPurchase", as its heading has it.
//
//onestore:operation POST /v7/apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}/reactivate
func (c *Client) ReactivateRecurringPurchase(ctx context.Context, productID, token string) error {
	return c.change(ctx, reactivateRecurringPurchase, input{productID: productID, token: token})
}

// CancelSubscription ends the renewal of a subscription: the player keeps it until its expiry, except
// that one which is paused, in its grace period or on hold ends at once. Look it up afterwards. The
// request is sent once; after an error that matches ErrOutcomeUnknown SubscriptionDetail.AutoRenewing
// tells.
//
// Spec: 003_cae853c17ba7f40e.txt, "cancelSubscription".
//
//onestore:operation POST /v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}/cancel
func (c *Client) CancelSubscription(ctx context.Context, productID, token string) error {
	return c.change(ctx, cancelSubscription, input{productID: productID, token: token})
}

// ReactivateSubscription takes CancelSubscription back, unless that ended the subscription at once;
// errors are as there.
//
// Spec: 003_cae853c17ba7f40e.txt, "reactivateSubscription".
//
//onestore:operation POST /v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}/reactivate
func (c *Client) ReactivateSubscription(ctx context.Context, productID, token string) error {
	return c.change(ctx, reactivateSubscription, input{productID: productID, token: token})
}
