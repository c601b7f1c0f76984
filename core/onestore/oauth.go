package onestore

import (
	"context"
	"net/url"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// renewBefore is the remaining life below which ONE store issues another token; above it, it issues
// the same one again.
//
// Spec: 003_cae853c17ba7f40e.txt, "OAuth概要".
const renewBefore = 600 * time.Second

// fetchToken returns the call that gets an access token. The secret lives in it and nowhere else. Its
// errors are the callers' too, so they are never changed.
//
// Spec: 003_cae853c17ba7f40e.txt, "发放AccessToken".
//
//onestore:operation POST /v7/oauth/token
func (c *Client) fetchToken(secret string) rest.Fetch {
	form := url.Values{
		"client_id":     {c.clientID},
		"client_secret": {secret}, // has / + =, so it must be percent-encoded
		"grant_type":    {"client_credentials"},
	}.Encode()
	return func(ctx context.Context) (string, time.Duration, error) {
		c.accessTokens.Add(1)
		u, err := rest.Resolve(c.base, getAccessToken.path)
		if err != nil {
			return "", 0, &Error{Op: getAccessToken.name, cause: err}
		}
		ctx = rest.WithCall(ctx, &rest.Call{Store: c.name, Operation: getAccessToken.name, Template: getAccessToken.path})
		req := newRequest(ctx, getAccessToken, u, string(c.market))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rest.SetBody(req, form)
		a, err := rest.Send(c.hc, req, rest.OneBody)
		if err != nil {
			return "", 0, &Error{Op: getAccessToken.name, cause: err}
		}
		c.clock.Observe(a.Date())
		o, failed := open(getAccessToken, a, secret, url.QueryEscape(secret))
		if failed != nil {
			return "", 0, failed
		}
		token, life := o.Text("access_token"), o.Seconds("expires_in")
		if err := rest.CheckBearer(token); err != nil {
			return "", 0, malformed(getAccessToken, a.Status, err)
		}
		return token, life, nil
	}
}
