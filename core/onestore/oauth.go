package onestore

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// renewBefore is the remaining life below which ONE store issues another token; above it, it issues
// the same one again.
//
// Spec: 003_cae853c17ba7f40e.txt, "OAuth概要".
const renewBefore = 600 * time.Second

// maxAccessToken bounds what is sent back in a header. The document's tokens have 36 characters.
const maxAccessToken = 4096

// fetchToken returns the call that gets an access token. The secret lives in it and nowhere else.
//
// Spec: 003_cae853c17ba7f40e.txt, "发放AccessToken".
//
//onestore:operation POST /v7/oauth/token
func fetchToken(cfg *Config, hc *http.Client, base *url.URL) rest.Fetch {
	market, secret := string(cfg.Market), cfg.ClientSecret
	form := url.Values{
		"client_id":     {cfg.ClientID},
		"client_secret": {secret}, // has / + =, so it must be percent-encoded
		"grant_type":    {"client_credentials"},
	}.Encode()
	return func(ctx context.Context) (string, time.Duration, error) {
		u, err := rest.Resolve(base, getAccessToken.path)
		if err != nil {
			return "", 0, &Error{Op: getAccessToken.name, cause: err}
		}
		req := newRequest(ctx, getAccessToken, u, market)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		setBody(req, form)
		a, err := rest.Send(hc, req)
		if err != nil {
			return "", 0, &Error{Op: getAccessToken.name, cause: err}
		}
		o, failed := open(getAccessToken, a, secret, url.QueryEscape(secret))
		if failed != nil {
			return "", 0, failed
		}
		token, life := o.Text("access_token"), o.Seconds("expires_in")
		if len(token) > maxAccessToken || token == "" || strings.ContainsFunc(token, notVisible) {
			return "", 0, malformed(getAccessToken, a, errors.New("access_token is missing or cannot be sent"))
		}
		return token, life, nil
	}
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }
