package googleplay

import (
	"context"
	"errors"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/rest"
)

var _ core.Checker = (*Client)(nil)

// Check implements core.Checker: it gets an access token, or has a good one, and asks for nothing more. An
// error is a *core.StoreError.
func (c *Client) Check(ctx context.Context) error {
	if c.tokens == nil {
		return storeError(&Error{Op: getAccessToken.name, cause: errors.New("the client was not made by New")})
	}
	err := c.tokens.Use(ctx, func(string) (rest.Verdict, error) { return rest.NoVerdict, nil })
	if err == nil {
		return nil
	}
	return storeError(err)
}
