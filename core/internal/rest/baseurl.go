package rest

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// ErrNotHTTPS is why a base URL is refused that would send a secret in the clear.
var ErrNotHTTPS = errors.New("is not https, which only a loopback address may do without")

// ParseBaseURL reads the URL that paths are put below: absolute, https (http on loopback, and anywhere
// if insecure), with a path prefix or none. Its errors say what the URL is, and do not quote it: it may
// hold a password.
func ParseBaseURL(raw string, insecure bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("is not a URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("is not an absolute http or https URL")
	case u.User != nil:
		return nil, errors.New("carries user information")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("carries a query or a fragment")
	case u.Scheme == "http" && !insecure && !IsLoopback(u.Hostname()):
		return nil, ErrNotHTTPS
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

// IsLoopback tells whether host, without a port, is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
