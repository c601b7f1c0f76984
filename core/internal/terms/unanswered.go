package terms

import (
	"context"
	"errors"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/rest"
)

// Unanswered is the reason of a call that got no whole answer.
func Unanswered(err error) core.Reason {
	switch {
	case errors.Is(err, rest.ErrPaused):
		return core.ReasonStorePaused
	case errors.Is(err, context.Canceled):
		return core.ReasonCallerGone
	case errors.Is(err, context.DeadlineExceeded):
		return core.ReasonDeadline
	case errors.Is(err, rest.ErrTooLong):
		return core.ReasonMalformedUpstream
	case errors.Is(err, rest.ErrClosed):
		return core.ReasonClosed
	default:
		return core.ReasonUpstreamUnavailable
	}
}
