package googleplay

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// parseBaseURL checks Config.BaseURL. Its errors do not quote it: it may hold a password.
func parseBaseURL(raw string) (*url.URL, error) {
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
	case u.Scheme == "http" && !isLoopback(host):
		return nil, errors.New("is not https, which only a loopback address may do without")
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

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
