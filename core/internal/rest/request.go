package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// NewRequest makes a request for u as it is: http.NewRequest would parse it once more.
func NewRequest(ctx context.Context, method string, u *url.URL) *http.Request {
	req := &http.Request{Method: method, URL: u, Host: u.Host, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	return req.WithContext(ctx)
}

// SetBody gives a request a body that the transport can send once more on another connection, if
// nothing of it was written to the first.
func SetBody(req *http.Request, body string) {
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(body))
}

// maxBearer bounds what is sent back in a header. Google reserves 2,048 bytes for its access tokens.
const maxBearer = 4096

// CheckBearer says why an access token cannot be sent, or nil.
func CheckBearer(token string) error {
	if len(token) > maxBearer || token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("the access token is missing or cannot be sent")
	}
	return nil
}
