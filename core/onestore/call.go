package onestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// answer is a typed result that reads itself from an object. at is the store's clock.
type answer[T any] interface {
	*T
	read(o *rest.Object, at time.Time)
}

// call asks op about a product and a token. A refused access token is renewed, and op asked once more.
func call[T any, P answer[T]](ctx context.Context, c *Client, op operation, productID, token string) (P, error) {
	u, err := c.resolve(op, productID, token)
	if err != nil {
		return nil, err
	}
	var result P
	err = c.tokens.Use(ctx, func(access string) (rest.Verdict, error) {
		o, a, failed := c.ask(ctx, op, u, access, token)
		if failed == nil {
			result = new(T)
			if result.read(o, a.Date()); o.Err() != nil {
				failed = malformed(op, a, o.Err())
			}
		}
		switch {
		case failed == nil:
			return rest.Accepted, nil
		case failed.wantsNewToken():
			return rest.Refused, failed
		case failed.saysNoPurchase():
			return rest.Accepted, failed
		default:
			return rest.NoVerdict, failed
		}
	})
	if err != nil {
		return nil, explain(op, err)
	}
	return result, nil
}

// resolve checks what goes into the path and builds it.
func (c *Client) resolve(op operation, productID, token string) (*url.URL, error) {
	if c.tokens == nil {
		return nil, &Error{Op: op.name, cause: errors.New("the client was not made by New")}
	}
	if err := checkProductID(productID); err != nil {
		return nil, &Error{Op: op.name, cause: fmt.Errorf("%w: productId %w", ErrInvalidArgument, err)}
	}
	if err := checkToken(token); err != nil {
		return nil, &Error{Op: op.name, cause: fmt.Errorf("%w: purchaseToken %w", ErrInvalidArgument, err)}
	}
	u, err := rest.Resolve(c.base, op.path, c.clientID, productID, token)
	if err != nil {
		return nil, &Error{Op: op.name, cause: err}
	}
	return u, nil
}

// ask makes one attempt. It returns the answer and its object, or an error.
func (c *Client) ask(ctx context.Context, op operation, u *url.URL, access, token string) (*rest.Object, *rest.Answer, *Error) {
	req := newRequest(ctx, op, u, string(c.market))
	req.Header.Set("Authorization", "Bearer "+access)
	req.Header.Set("Content-Type", "application/json") // on GET too, or 415
	a, err := rest.Send(c.hc, req)
	if err != nil {
		return nil, nil, &Error{Op: op.name, cause: err}
	}
	o, failed := open(op, a, access, token)
	return o, a, failed
}

// newRequest makes a request with the headers that all have in common.
func newRequest(ctx context.Context, op operation, u *url.URL, market string) *http.Request {
	req := &http.Request{Method: op.method, URL: u, Host: u.Host, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	// The document writes the header in lower case; names have no case in HTTP.
	req.Header.Set("x-market-code", market)
	return req.WithContext(ctx)
}

func setBody(req *http.Request, body string) {
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(body))
}

// open reads the object of a successful answer, or makes the error of any other. Success is the
// status 200 with an object that has neither an error nor the result of an action.
func open(op operation, a *rest.Answer, secrets ...string) (*rest.Object, *Error) {
	o, err := rest.Parse(a.Body)
	if a.Status != http.StatusOK {
		return nil, refusal(op, a, o, secrets...)
	}
	if err == nil && (o.Has("error") || o.Has("result")) {
		e := refusal(op, a, o, secrets...)
		e.cause = fmt.Errorf("%w: it carries an error or a result", ErrMalformedAnswer)
		return nil, e
	}
	if err != nil {
		return nil, malformed(op, a, err)
	}
	return o, nil
}

func malformed(op operation, a *rest.Answer, why error) *Error {
	return &Error{Op: op.name, Status: a.Status, cause: fmt.Errorf("%w: %w", ErrMalformedAnswer, why)}
}

// explain gives the token holder's own errors the shape of all others.
func explain(op operation, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{Op: op.name, cause: err}
}
