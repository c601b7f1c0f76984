package googleplay

import (
	"context"

	"github.com/skugate/skugate/core"
)

var _ core.Consumer = (*Client)(nil)

// Consume implements core.Consumer. The store does not tell who consumed a purchase: one that was consumed
// before the call is refused, and two calls at the same instant may both succeed.
func (c *Client) Consume(ctx context.Context, p core.Product, token string) error {
	purchase, err := c.Lookup(ctx, p, token)
	switch {
	case err != nil:
		return err
	case purchase.State == core.StateCanceled:
		return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonPurchaseCanceled}
	case purchase.Consumption == core.Consumed:
		return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonConsumed}
	}
	if err := c.ConsumeProduct(ctx, p.ID, token); err != nil {
		return storeError(err)
	}
	return nil
}
