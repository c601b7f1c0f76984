package onestore

import (
	"context"
	"errors"

	"github.com/skugate/skugate/core/internal/rest"
)

// AcknowledgePurchase confirms a purchase of any kind, which must happen within 3 days. A
// developerPayload of at most 200 characters must equal the purchase's, or the error matches
// ErrDeveloperPayloadNotMatch; "" sends none.
//
// Nil means that the purchase stands and is acknowledged, by this call or by another. The request is
// sent once. If the store answers that the purchase is in another state, or its answer is lost, the
// purchase is looked up, as a managed, a monthly and a subscription one in turn until one is found, and
// the error matches ErrNotDone if that shows it unacknowledged, cancelled or absent, and
// ErrOutcomeUnknown if it does not come to an answer either. Calling again is safe in both cases.
//
// Spec: 003_cae853c17ba7f40e.txt, "acknowledgePurchase". It names managed and monthly products;
// subscriptions are acknowledged here too, there being no other endpoint.
//
//onestore:operation POST /v7/apps/{clientId}/purchases/all/products/{productId}/{purchaseToken}/acknowledge
func (c *Client) AcknowledgePurchase(ctx context.Context, productID, token, developerPayload string) error {
	err := c.change(ctx, acknowledgePurchase, confirmation(productID, token, developerPayload))
	return settle(err, developerPayload, func() (found, error) { return c.acknowledgement(ctx, productID, token) })
}

func confirmation(productID, token, payload string) input {
	return input{productID: productID, token: token, payload: payload, body: payloadBody(payload)}
}

// acknowledgement looks for the purchase among all kinds, because the endpoint does not tell them apart.
func (c *Client) acknowledgement(ctx context.Context, productID, token string) (found, error) {
	p, err := c.PurchaseDetails(ctx, productID, token)
	if err == nil { // a consumed purchase counts as acknowledged
		return found{rest.Is(p.PurchaseState, 0) && (rest.Is(p.AcknowledgeState, 1) || rest.Is(p.ConsumptionState, 1)), p.DeveloperPayload}, nil
	}
	if !errors.Is(err, ErrNoSuchData) {
		return found{}, err
	}
	r, err := c.RecurringPurchaseDetails(ctx, productID, token)
	if err == nil {
		return found{rest.Is(r.LastPurchaseState, 0) && rest.Is(r.AcknowledgeState, 1), r.DeveloperPayload}, nil
	}
	if !errors.Is(err, ErrNoSuchData) {
		return found{}, err
	}
	s, err := c.SubscriptionDetail(ctx, productID, token)
	if err != nil {
		return found{}, err
	}
	return found{rest.Is(s.AcknowledgementState, 1), s.DeveloperPayload}, nil
}
