package onestore

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// parseBaseURL checks Config.BaseURL. Its errors do not quote it: it may hold a password.
func parseBaseURL(raw string, env Environment, insecure bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("is not a URL")
	}
	host := strings.ToLower(u.Hostname())
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || host == "" || u.Opaque != "":
		return nil, errors.New("is not an absolute http or https URL")
	case u.User != nil:
		return nil, errors.New("carries user information")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("carries a query or a fragment")
	case u.Scheme == "http" && !insecure && !isLoopback(host):
		return nil, errors.New("is not https, which only a loopback address may do without, or one with InsecureHTTP")
	case host == "apis.onestore.com":
		return nil, errors.New("is apis.onestore.com, a misprint in ONE store's document")
	}
	if known := environmentOf(host); known != "" && env.check() == nil && known != env {
		return nil, fmt.Errorf("is a host of the %s environment, but Environment is %s", known, env)
	}
	prefix := strings.TrimSuffix(u.EscapedPath(), "/")
	if prefix != "" {
		for segment := range strings.SplitSeq(prefix[1:], "/") {
			if segment == "" || segment == "." || segment == ".." || strings.Contains(segment, "%") {
				return nil, errors.New("has a path with an empty, a dot or an escaped segment")
			}
		}
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: prefix}, nil
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

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
