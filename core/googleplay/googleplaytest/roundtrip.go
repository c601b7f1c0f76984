package googleplaytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

// RoundTripper answers requests in process, whatever their host: for http.Client.Transport. No
// socket and no goroutine is involved, so it works inside a testing/synctest bubble, where delays
// take no real time. It goes by the request's context; broken connections are the errors that a
// real transport reports (syscall.ECONNRESET, io.ErrUnexpectedEOF).
func (s *Store) RoundTripper() http.RoundTripper { return roundTripper{s} }

type roundTripper struct{ store *Store }

var _ http.RoundTripper = roundTripper{}

// RoundTrip implements http.RoundTripper.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		b, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		body = b
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	ctx := r.Context()
	d, done, err := t.store.exchange(ctx, &incoming{method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, body})
	if err == nil && (d.kind == reset || d.kind == lost) {
		err = connectionReset()
	}
	if err != nil {
		done()
		return nil, err
	}
	return d.response(ctx, r, sync.OnceFunc(done)), nil
}

func (d *delivery) response(ctx context.Context, r *http.Request, done func()) *http.Response {
	a := d.answer
	res := &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, ContentLength: int64(len(a.body)), Request: r,
	}
	if r.Method == http.MethodHead {
		a.body = nil
	}
	b := &responseBody{ctx: ctx, rest: bytes.NewReader(a.body), done: done}
	switch d.kind {
	case truncated, broken:
		if d.n < int64(len(a.body)) {
			b.rest, b.end = bytes.NewReader(a.body[:d.n]), io.ErrUnexpectedEOF
			if d.kind == broken {
				b.end = connectionReset()
			}
		}
	case dripped:
		b.step, b.every = int(d.n), d.every
	case oversized:
		res.ContentLength = -1
		b.rest = io.MultiReader(b.rest, io.LimitReader(blankReader{}, d.n))
	}
	res.Body = b
	return res
}

// responseBody is a body as a connection would deliver it.
type responseBody struct {
	ctx   context.Context // of the request, which a body belongs to
	rest  io.Reader
	end   error // instead of io.EOF
	step  int   // 0: no drip
	every time.Duration
	done  func()
}

func (b *responseBody) Read(p []byte) (int, error) {
	if b.step > 0 {
		p = p[:min(len(p), b.step)]
	}
	if err := wait(b.ctx, b.every); err != nil {
		return 0, err
	}
	n, err := b.rest.Read(p)
	if err == io.EOF {
		b.done()
		if b.end != nil {
			err = b.end
		}
	}
	return n, err
}

func (b *responseBody) Close() error {
	b.done()
	return nil
}

type blankReader struct{}

func (blankReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func connectionReset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}
