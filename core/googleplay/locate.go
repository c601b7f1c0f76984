package googleplay

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/skugate/skugate/core/internal/rest"
)

// locate checks what goes into the path of op and builds it. The values are those of the path's
// segments after the package name: a product id and a token, or a token.
func (c *Client) locate(op operation, values ...string) (*url.URL, *Error) {
	if c.tokens == nil {
		return nil, &Error{Op: op.name, cause: errors.New("the client was not made by New")}
	}
	if len(values) > 0 {
		if err := checkToken(values[len(values)-1]); err != nil {
			return nil, &Error{Op: op.name, cause: fmt.Errorf("%w: the token %w", ErrInvalidArgument, err)}
		}
	}
	if len(values) > 1 {
		if err := checkProductID(values[0]); err != nil {
			return nil, &Error{Op: op.name, cause: fmt.Errorf("%w: the product id %w", ErrInvalidArgument, err)}
		}
	}
	u, err := rest.Resolve(c.base, op.path, append([]string{c.packageName}, values...)...)
	if err != nil {
		return nil, &Error{Op: op.name, cause: err}
	}
	return u, nil
}
