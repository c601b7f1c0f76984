package googleplay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/skugate/skugate/core/internal/rest"
)

// answer is a typed result that reads itself from a successful answer and its object.
type answer[T any] interface {
	*T
	read(o *rest.Object, a *rest.Answer)
}

// call asks op about what its path names.
func call[T any, P answer[T]](ctx context.Context, c *Client, op operation, values ...string) (P, error) {
	u, failed := c.locate(op, values...)
	if failed != nil {
		return nil, failed
	}
	return fetch[T, P](ctx, c, request{op: op, url: u, token: values[len(values)-1]})
}

// fetch asks and reads the result.
func fetch[T any, P answer[T]](ctx context.Context, c *Client, r request) (P, error) {
	var result P
	err := c.ask(ctx, r, func(a *rest.Answer) *Error {
		o, failed := open(r.op, a)
		if failed != nil {
			return failed
		}
		result = new(T)
		if result.read(o, a); o.Err() != nil {
			return malformed(r.op, a, o.Err())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// request is one call, made of plain values so that it can be sent again.
type request struct {
	op    operation
	url   *url.URL
	body  string // JSON; empty: none
	token string // the purchase token, which no error may show; empty: none
}

// ask sends r with an access token, and once more with another one if that is refused. read takes a
// successful answer and says what is wrong with it. It is the place for trying again.
func (c *Client) ask(ctx context.Context, r request, read func(*rest.Answer) *Error) error {
	err := c.tokens.Use(ctx, func(access string) (rest.Verdict, error) {
		failed := c.attempt(ctx, r, access, read)
		switch {
		case failed == nil:
			return rest.Accepted, nil
		case failed.Status == http.StatusUnauthorized:
			return rest.Refused, failed
		case failed.aboutPurchase():
			return rest.Accepted, failed
		default:
			return rest.NoVerdict, failed
		}
	})
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{Op: r.op.name, cause: err} // the token holder's own
}

// attempt sends r once.
func (c *Client) attempt(ctx context.Context, r request, access string, read func(*rest.Answer) *Error) *Error {
	req := newRequest(ctx, r.op.method, r.url)
	req.Header.Set("Authorization", "Bearer "+access)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
		setBody(req, r.body)
	}
	a, err := rest.Send(c.hc, req, rest.MaxBody)
	if err != nil {
		return &Error{Op: r.op.name, cause: err}
	}
	if a.Status != http.StatusOK && a.Status != http.StatusNoContent {
		return refusal(r.op, a, access, r.token)
	}
	return read(a)
}

func newRequest(ctx context.Context, method string, u *url.URL) *http.Request {
	req := &http.Request{Method: method, URL: u, Host: u.Host, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	return req.WithContext(ctx)
}

func setBody(req *http.Request, body string) {
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(body))
}

// open reads the object of a successful answer: the status 200 and an object that has no error.
func open(op operation, a *rest.Answer) (*rest.Object, *Error) {
	o, err := rest.Parse(a.Body)
	switch {
	case err != nil:
		return nil, malformed(op, a, err)
	case o.Has("error"):
		return nil, malformed(op, a, errors.New("it carries an error"))
	}
	return o, nil
}

func malformed(op operation, a *rest.Answer, why error) *Error {
	return &Error{Op: op.name, Status: a.Status, cause: fmt.Errorf("%w: %w", ErrMalformedAnswer, why)}
}
