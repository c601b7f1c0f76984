package rest

import (
	"net"
	"net/http"
	"time"
)

// maxIdle is how many idle connections to the one upstream host are kept: as many as the widest bulkhead
// lets call at once, so that no burst dials anew. There are never more than were in use together.
const maxIdle = 1 << 16

// NewTransport returns a transport for one upstream host.
//
//   - HTTP/1.1 only: on a dead HTTP/2 connection every caller waits until TCP gives up.
//   - No proxy from the environment: credentials go where the configuration says.
//   - No transparent decompression: the body's limit counts what is on the wire.
//   - Limits on dialling, TLS, header size and idle time.
func NewTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols:              protocols,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  DefaultTimeout,
		IdleConnTimeout:        60 * time.Second,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdle,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
	}
}

// NewClient returns a client that follows no redirect. It is a copy of from, or one with
// NewTransport where from is nil or has no transport of its own.
func NewClient(from *http.Client) *http.Client {
	c := http.Client{}
	if from != nil {
		c = *from
	}
	if c.Transport == nil {
		c.Transport = NewTransport()
	}
	// A redirect would carry the bearer, or a posted secret, to another host.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}
