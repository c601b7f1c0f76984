package googleplay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/skugate/skugate/core/internal/rest"
)

// fetchByKey returns the call that exchanges an assertion for an access token.
//
// Package jwt makes, signs and posts the assertion, and no more: its exchange knows no deadline, its
// errors print what the server sent, and it takes a token without a life to live for ever. So it posts
// through a transport that is bound to the fetch's context, and the answer is read here.
//
// Spec: RFC 7523, "2.1. Using JWTs as Authorization Grants".
//
//googleplay:operation POST /token
func fetchByKey(store string, account *serviceAccount, hc *http.Client, clock *rest.Clock) rest.Fetch {
	return func(ctx context.Context) (string, time.Duration, error) {
		ctx = rest.WithCall(ctx, &rest.Call{Store: store, Operation: getAccessToken.name, Template: getAccessToken.path})
		var (
			answer    *rest.Answer
			assertion string
			failed    = errors.New("the assertion could not be made")
		)
		post := roundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(ctx)
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			form, _ := url.ParseQuery(string(body)) // what cannot be read cannot be quoted
			assertion = form.Get("assertion")
			rest.SetBody(r, string(body))
			if answer, failed = rest.Send(hc, r, rest.OneBody); failed != nil {
				return nil, failed
			}
			return &http.Response{StatusCode: answer.Status, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(answer.Body)), Request: r}, nil
		})
		through := context.WithValue(ctx, oauth2.HTTPClient, rest.NewClient(&http.Client{Transport: post}))
		_, _ = account.TokenSource(through).Token() // answer and failed tell more, and nothing secret
		if failed != nil {
			return "", 0, &Error{Op: getAccessToken.name, cause: failed}
		}
		clock.Observe(answer.Date())
		if answer.Status != http.StatusOK {
			return "", 0, refusal(getAccessToken, answer, assertion)
		}
		o, refused := open(getAccessToken, answer)
		if refused != nil {
			return "", 0, refused
		}
		token, life := o.Text("access_token"), o.Seconds("expires_in")
		if err := rest.CheckBearer(token); err != nil {
			return "", 0, malformed(getAccessToken, answer, err)
		}
		return token, life, nil
	}
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
