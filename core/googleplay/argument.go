package googleplay

import (
	"errors"

	"github.com/skugate/skugate/core/internal/rest"
)

// ErrInvalidArgument is matched by the error of a call that was not made, because its product id,
// token or window can never be one.
var ErrInvalidArgument = errors.New("invalid argument")

// Bounds of what stands in paths. Google documents none; its tokens have some 150 characters.
const (
	maxName        = 64
	maxPackageName = 255
	maxProductID   = 150
	maxToken       = 1024
)

// checkToken does not quote the token.
func checkToken(token string) error {
	if err := rest.CheckText(token, maxToken); err != nil {
		return err
	}
	return rest.CheckSegment(token)
}

// checkProductID wants what the Play Console lets a developer enter, and letters of either case.
func checkProductID(id string) error { return rest.CheckWord(id, maxProductID) }
