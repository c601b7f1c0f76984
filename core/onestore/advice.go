package onestore

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// advice is what the end of an attempt says about others. The access token's fetch has rules of its
// own, so that one is not repeated here, but the pause that it brought counts.
func advice(err error) rest.Advice {
	var e *Error
	switch {
	case err == nil:
		return rest.Advice{Answered: true}
	case !errors.As(err, &e):
		return rest.Advice{}
	}
	return rest.Advice{
		Answered: e.Status != 0,
		Again:    e.passing() && e.Op != getAccessToken.name,
		Pause:    e.pause(),
	}
}

// pause is how long the store wants to be left alone.
func (e *Error) pause() time.Duration {
	switch {
	case e.class() == classMaintenance:
		return cmp.Or(e.RetryAfter, rest.DefaultPause)
	case e.Status == http.StatusServiceUnavailable, e.Status == http.StatusTooManyRequests:
		return e.RetryAfter
	default:
		return 0
	}
}

// passing tells whether the same attempt may succeed a moment later.
func (e *Error) passing() bool {
	if e.Status == 0 {
		return rest.Passing(e.cause)
	}
	return e.class() == classUnavailable
}

// doubtful tells whether the store may have done what it was asked for. A refusal for a reason is
// none, a failure of the store is.
func (e *Error) doubtful() bool {
	switch {
	case e.Op == getAccessToken.name:
		return false
	case e.Status == 0:
		return rest.Doubtful(e.cause)
	case e.Status == http.StatusTooManyRequests:
		return false
	}
	switch e.class() {
	case classUnavailable, classMalformed, classFault:
		return true
	default:
		return false
	}
}
