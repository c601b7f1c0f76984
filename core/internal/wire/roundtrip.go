package wire

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
		b, err := io.ReadAll(io.LimitReader(r.Body, t.store.MaxBody+1))
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
	x := t.store.Exchange(&Request{method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, body})
	d, err := x.deliver(ctx)
	if err == nil && (d.Kind == Reset || d.Kind == Lost) {
		err = connectionReset()
	}
	if err != nil {
		x.Done()
		return nil, err
	}
	return d.response(ctx, r, sync.OnceFunc(x.Done)), nil
}

func (d *delivery) response(ctx context.Context, r *http.Request, done func()) *http.Response {
	a := d.answer
	res := &http.Response{
		Status: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.Header, ContentLength: int64(len(a.Body)), Request: r,
	}
	if r.Method == http.MethodHead {
		a.Body = nil
	}
	b := &responseBody{ctx: ctx, rest: bytes.NewReader(a.Body), done: done}
	switch d.Kind {
	case Truncated, Broken:
		if d.N < int64(len(a.Body)) {
			b.rest, b.end = bytes.NewReader(a.Body[:d.N]), io.ErrUnexpectedEOF
			if d.Kind == Broken {
				b.end = connectionReset()
			}
		}
	case Dripped:
		b.step, b.every = int(d.N), d.Every
	case Oversized:
		res.ContentLength = -1
		b.rest = io.MultiReader(b.rest, io.LimitReader(blankReader{}, d.N))
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
