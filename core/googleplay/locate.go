package googleplay

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

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
	path, verb, _ := strings.Cut(op.path, ":")
	u, err := rest.Resolve(c.base, path, append([]string{c.packageName}, values...)...)
	if err == nil {
		err = withVerb(u, len(c.base.EscapedPath()), verb)
	}
	if err != nil {
		return nil, &Error{Op: op.name, cause: err}
	}
	return u, nil
}

// withVerb ends the path, which begins with a prefix of so many bytes, with the verb. Every other
// colon behind the prefix is escaped: a token that ends in ":consume" must not become one.
func withVerb(u *url.URL, prefix int, verb string) error {
	raw := u.EscapedPath()
	raw = raw[:prefix] + strings.ReplaceAll(raw[prefix:], ":", "%3A")
	if verb != "" {
		u.Path += ":" + verb
		raw += ":" + verb
	}
	u.RawPath = raw
	if u.EscapedPath() != raw { // RawPath counts only while it is an encoding of Path
		return errors.New("the path does not keep its segments")
	}
	return nil
}
