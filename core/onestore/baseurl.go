package onestore

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/skugate/skugate/core/internal/rest"
)

// parseBaseURL checks Config.BaseURL. Its errors do not quote it: it may hold a password.
func parseBaseURL(raw string, env Environment, insecure bool) (*url.URL, error) {
	u, err := rest.ParseBaseURL(raw, insecure)
	switch {
	case errors.Is(err, rest.ErrNotHTTPS):
		return nil, fmt.Errorf("%w, or one with InsecureHTTP", err)
	case err != nil:
		return nil, err
	}
	host := strings.ToLower(u.Hostname())
	if host == "apis.onestore.com" {
		return nil, errors.New("is apis.onestore.com, a misprint in ONE store's document")
	}
	if known := environmentOf(host); known != "" && env.check() == nil && known != env {
		return nil, fmt.Errorf("is a host of the %s environment, but Environment is %s", known, env)
	}
	return u, nil
}

// environmentOf knows ONE store's hosts, the old Korean ones too.
func environmentOf(host string) Environment {
	switch host {
	case "iap-apis.onestore.net", "apis.onestore.co.kr":
		return Commercial
	case "sbpp.onestore.net", "sbpp.onestore.co.kr":
		return Sandbox
	default:
		return ""
	}
}
