package faultmatrix

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// Front stands before a sim and misbehaves in ways that an http.Handler cannot. What it does not
// mangle it hands on.
type Front struct {
	URL string

	sim      *onestoretest.Store
	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup

	mu     sync.Mutex
	mangle Mangle
	conns  map[net.Conn]bool
}

// Mangle answers a request on conn instead of the good answer, which it is given in the bytes that
// would have been sent. It returns false to have the good one sent. Afterwards the connection is
// closed. ctx ends with the front.
type Mangle func(ctx context.Context, conn net.Conn, r *http.Request, good []byte) bool

func newFront(t *testing.T, sim *onestoretest.Store) *Front {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &Front{URL: "http://" + l.Addr().String(), sim: sim, listener: l, conns: map[net.Conn]bool{}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	f.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns[conn] = true
			f.mu.Unlock()
			f.wg.Go(func() { f.serve(conn) })
		}
	})
	t.Cleanup(f.close)
	return f
}

// Mangle is asked about every request from now on; nil: none.
func (f *Front) Mangle(m Mangle) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mangle = m
}

func (f *Front) close() {
	f.cancel()
	_ = f.listener.Close()
	f.mu.Lock()
	for conn := range f.conns {
		_ = conn.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

func (f *Front) serve(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		f.mu.Lock()
		delete(f.conns, conn)
		f.mu.Unlock()
	}()
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		resp, err := f.sim.RoundTripper().RoundTrip(req.WithContext(f.ctx))
		if err != nil {
			return
		}
		var good bytes.Buffer
		err = resp.Write(&good)
		_ = resp.Body.Close()
		if err != nil {
			return
		}
		f.mu.Lock()
		mangle := f.mangle
		f.mu.Unlock()
		if mangle != nil && mangle(f.ctx, conn, req, good.Bytes()) {
			return
		}
		if _, err := conn.Write(good.Bytes()); err != nil {
			return
		}
	}
}

// IsTokenCall tells whether a request asks for an access token.
func IsTokenCall(r *http.Request) bool { return r.Method == http.MethodPost }
