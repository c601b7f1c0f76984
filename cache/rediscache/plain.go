package rediscache

import (
	"errors"

	"github.com/skugate/skugate/core/redisclient"
)

// plain is an error that may be logged.
func plain(err error) error {
	for _, own := range []error{errSkipped, errGone, errAnswer, errPanicked} {
		if errors.Is(err, own) {
			return err
		}
	}
	return redisclient.Plain(err)
}
