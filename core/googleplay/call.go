package googleplay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

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
	query func() url.Values // asked when it is sent; nil: none
	again func() error      // leave to send it once more; nil: needs none
	body  string            // JSON; empty: none
	token string            // the purchase token, which no error may show; empty: none
}

// ask sends r within the pauses and retries of the client's line. A refused access token is renewed,
// and r sent once more. read takes a successful answer and says what is wrong with it.
func (c *Client) ask(ctx context.Context, r request, read func(*rest.Answer) *Error) error {
	sent := 0
	err := c.line.Do(ctx, true, func(ctx context.Context) (rest.Advice, error) {
		err := c.tokens.Use(ctx, func(access string) (rest.Verdict, error) {
			if sent > 0 && r.again != nil {
				if err := r.again(); err != nil {
					return rest.NoVerdict, &Error{Op: r.op.name, cause: err}
				}
			}
			c.line.Sent(sent > 0)
			ctx := rest.WithCall(ctx, &rest.Call{Store: c.name, Operation: r.op.name, Template: r.op.path, Resent: sent})
			sent++
			return c.attempt(ctx, r, access, read).verdict()
		})
		return r.op.advice(err), err
	})
	var (
		e      *Error
		paused *rest.Paused
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &paused):
		return &Error{Op: r.op.name, RetryAfter: paused.Remaining, cause: paused}
	case errors.As(err, &e):
		return err
	default:
		return &Error{Op: r.op.name, cause: err} // the token holder's or the line's own
	}
}

// verdict is what e, nil for a success, says about the access token.
func (e *Error) verdict() (rest.Verdict, error) {
	switch {
	case e == nil:
		return rest.Accepted, nil
	case e.Status == http.StatusUnauthorized:
		return rest.Refused, e
	case e.aboutPurchase():
		return rest.Accepted, e
	default:
		return rest.NoVerdict, e
	}
}

// attempt sends r once.
func (c *Client) attempt(ctx context.Context, r request, access string, read func(*rest.Answer) *Error) *Error {
	u := r.url
	if r.query != nil {
		withQuery := *u
		withQuery.RawQuery = r.query().Encode()
		u = &withQuery
	}
	req := rest.NewRequest(ctx, r.op.method, u)
	req.Header.Set("Authorization", "Bearer "+access)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
		rest.SetBody(req, r.body)
	}
	a, err := rest.Send(c.hc, req, r.op.limit())
	if err != nil {
		return &Error{Op: r.op.name, cause: err}
	}
	c.clock.Observe(a.Date())
	if a.Status != http.StatusOK && a.Status != http.StatusNoContent {
		return refusal(r.op, a, access, r.token)
	}
	return read(a)
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
