package onestore

import (
	"context"
	"errors"

	"github.com/skugate/skugate/core"
)

var _ core.Consumer = (*Client)(nil)

// Consume implements core.Consumer: the store tells whether this very call consumed the purchase. The
// developer payload is not sent; the gate has compared it.
func (c *Client) Consume(ctx context.Context, p core.Product, token string) error {
	if err := c.CheckProduct(p); err != nil {
		return &core.StoreError{Fault: core.FaultMisconfigured, Reason: core.ReasonMisconfigured, Err: err}
	}
	err := c.ConsumePurchaseOnce(ctx, p.ID, token, "")
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrInvalidConsumeState), errors.Is(err, ErrInvalidPurchaseState):
		return c.whyNotConsumed(ctx, p, token, err)
	default:
		return storeError(err)
	}
}

// whyNotConsumed asks what the refusal leaves open: "cannot be changed or has been changed already".
func (c *Client) whyNotConsumed(ctx context.Context, p core.Product, token string, err error) error {
	d, failed := c.PurchaseDetails(ctx, p.ID, token)
	if failed != nil {
		return storeError(failed)
	}
	se := storeError(err)
	switch purchase := managed(d); {
	case purchase.State == core.StateCanceled:
		se.Reason = core.ReasonPurchaseCanceled
	case purchase.State == core.StatePurchased && purchase.Consumption == core.Consumed:
		se.Reason = core.ReasonConsumed
	}
	return se
}
