package onestore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// answer is a typed result that reads itself from an object.
type answer[T any] interface {
	*T
	read(o *rest.Object, from origin)
}

// origin is where a result comes from.
type origin struct {
	at  time.Time // the store's clock
	raw Raw       // nil unless Config.KeepRaw
}

// input is what a call is about.
type input struct {
	productID, token string            // of the path, where it names a purchase
	payload          string            // developerPayload, where the body has one
	body             string            // JSON; empty: none
	query            func() url.Values // asked when a request is made; nil: none
}

// call asks op, within the pauses and retries of the client's line. A refused access token is renewed,
// and op asked once more.
func call[T any, P answer[T]](ctx context.Context, c *Client, op operation, in input) (P, error) {
	u, err := c.resolve(op, &in)
	if err != nil {
		return nil, err
	}
	var result P
	sent := 0
	err = c.line.Do(ctx, op.idempotent, func(ctx context.Context) (rest.Advice, error) {
		err := c.tokens.Use(ctx, func(access string) (rest.Verdict, error) {
			c.line.Sent(sent > 0)
			ctx := rest.WithCall(ctx, &rest.Call{Store: c.name, Operation: op.name, Template: op.path, Resent: sent})
			sent++
			o, from, failed := c.ask(ctx, op, u, &in, access)
			if failed == nil {
				result = new(T)
				if result.read(o, from); o.Err() != nil {
					failed = malformed(op, http.StatusOK, o.Err())
				}
			}
			return failed.verdict()
		})
		return advice(err), err
	})
	if err != nil {
		return nil, explain(op, err)
	}
	return result, nil
}

// verdict is what e, nil for a success, says about the access token.
func (e *Error) verdict() (rest.Verdict, error) {
	switch {
	case e == nil:
		return rest.Accepted, nil
	case e.wantsNewToken():
		return rest.Refused, e
	case e.saysNoPurchase():
		return rest.Accepted, e
	default:
		return rest.NoVerdict, e
	}
}

// resolve checks what a call is about, and builds the URL without its query.
func (c *Client) resolve(op operation, in *input) (*url.URL, error) {
	if c.tokens == nil {
		return nil, &Error{Op: op.name, cause: errors.New("the client was not made by New")}
	}
	segments := []string{c.clientID}
	if op.ofPurchase() {
		if err := checkProductID(in.productID); err != nil {
			return nil, invalidArgument(op, "productId", err)
		}
		if err := checkToken(in.token); err != nil {
			return nil, invalidArgument(op, "purchaseToken", err)
		}
		segments = append(segments, in.productID, in.token)
	}
	if err := checkPayload(in.payload); err != nil {
		return nil, invalidArgument(op, "developerPayload", err)
	}
	u, err := rest.Resolve(c.base, op.path, segments...)
	if err != nil {
		return nil, &Error{Op: op.name, cause: err}
	}
	return u, nil
}

// ask makes one attempt. It returns the answer's object, or an error.
func (c *Client) ask(ctx context.Context, op operation, u *url.URL, in *input, access string) (*rest.Object, origin, *Error) {
	if in.query != nil {
		withQuery := *u
		withQuery.RawQuery = in.query().Encode()
		u = &withQuery
	}
	req := newRequest(ctx, op, u, string(c.market))
	req.Header.Set("Authorization", "Bearer "+access)
	req.Header.Set("Content-Type", "application/json") // on GET and without a body too, or 415
	if in.body != "" {
		rest.SetBody(req, in.body)
	}
	a, err := rest.Send(c.hc, req, op.limit())
	if err != nil {
		return nil, origin{}, &Error{Op: op.name, cause: err}
	}
	from := origin{at: a.Date()}
	c.clock.Observe(from.at)
	if c.keepRaw {
		from.raw = a.Body
	}
	o, failed := open(op, a, access, in.token, in.payload)
	return o, from, failed
}

// newRequest makes a request with the headers that all have in common.
func newRequest(ctx context.Context, op operation, u *url.URL, market string) *http.Request {
	req := rest.NewRequest(ctx, op.method, u)
	// The document writes the header in lower case; names have no case in HTTP.
	req.Header.Set("x-market-code", market)
	return req
}

func malformed(op operation, status int, why error) *Error {
	return &Error{Op: op.name, Status: status, cause: fmt.Errorf("%w: %w", ErrMalformedAnswer, why)}
}

// explain gives the errors of the token holder and of the line the shape of all others.
func explain(op operation, err error) error {
	var (
		e      *Error
		paused *rest.Paused
	)
	switch {
	case errors.As(err, &paused):
		return &Error{Op: op.name, RetryAfter: paused.Remaining, cause: paused}
	case !errors.As(err, &e):
		return &Error{Op: op.name, cause: err}
	case !op.idempotent && e.doubtful():
		return e.with(ErrOutcomeUnknown, nil)
	default:
		return e
	}
}
