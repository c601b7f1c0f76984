package googleplay

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/skugate/skugate/core/internal/rest"
)

var (
	errSource         = errors.New("the token source failed") // its own words may quote a secret
	errSourcePanicked = errors.New("the token source panicked")
	errSourceBusy     = errors.New("the token source has not returned from an earlier call")
)

// fetchFromSource returns the call that asks the embedder's source. A TokenSource knows no context, so
// it runs on a goroutine of its own; while one of them hangs there is no second.
func fetchFromSource(source oauth2.TokenSource) rest.Fetch {
	type result struct {
		token *oauth2.Token
		err   error
	}
	turn := make(chan struct{}, 1)
	return func(ctx context.Context) (string, time.Duration, error) {
		fail := func(err error) (string, time.Duration, error) {
			return "", 0, &Error{Op: getAccessToken.name, cause: err}
		}
		select {
		case turn <- struct{}{}:
		default:
			return fail(errSourceBusy)
		}
		began := time.Now()
		done := make(chan result, 1)
		go func() {
			r := result{err: errSourcePanicked} // stands if Token panics or ends its goroutine
			defer func() {
				_ = recover()
				<-turn
				done <- r
			}()
			r.token, r.err = source.Token()
		}()
		var r result
		select {
		case r = <-done:
		case <-ctx.Done():
			return fail(ctx.Err())
		}
		switch {
		case r.err != nil:
			return "", 0, sourceError(r.err)
		case r.token == nil:
			return fail(errSource)
		}
		if err := rest.CheckBearer(r.token.AccessToken); err != nil {
			return fail(err)
		}
		if r.token.Expiry.IsZero() {
			return r.token.AccessToken, 0, nil
		}
		return r.token.AccessToken, r.token.Expiry.Sub(began), nil
	}
}

// sourceError keeps of a source's error what can be shown: that a token endpoint refused, and how.
func sourceError(err error) error {
	e := &Error{Op: getAccessToken.name, cause: errSource}
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response != nil:
		e.Status, e.Reason = refused.Response.StatusCode, safeReason(refused.ErrorCode, nil)
		e.structured = e.Reason != ""
	case errors.Is(err, errSourcePanicked):
		e.cause = errSourcePanicked
	case errors.Is(err, context.DeadlineExceeded):
		e.cause = context.DeadlineExceeded
	}
	return e
}
