package googleplaytest

import (
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"sync"
	"time"
)

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Start returns a store that listens on loopback until the test ends. The test fails if a client
// sent a malformed request by then, unless cfg.AllowMalformed is set.
func Start(tb TB, cfg Config) *Store {
	tb.Helper()
	s := New(cfg)
	if _, err := s.Listen("127.0.0.1:0"); err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(func() {
		tb.Helper()
		_ = s.Close()
		if !cfg.AllowMalformed {
			s.Check(tb)
		}
	})
	return s
}

// Check fails the test for every malformed request since the last ResetLog. Start calls it at the
// end of the test; a test that uses New calls it itself.
func (s *Store) Check(tb TB) {
	tb.Helper()
	for _, r := range s.Malformed() {
		tb.Errorf("googleplaytest: malformed request, %s %s: %s", r.Method, r.Op, r.Malformed)
	}
}

// server is the store's own listener. The zero server does not listen.
type server struct {
	mu      sync.Mutex
	url     string
	http    *http.Server
	stopped chan struct{}
	serving sync.Cond // on mu
	active  int
}

// Listen makes the store answer on a loopback address ("127.0.0.1:0" picks a port) and returns its
// URL. A store listens once, until Close.
func (s *Store) Listen(address string) (url string, err error) {
	v := &s.server
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.http != nil {
		return "", errors.New("googleplaytest: the store has listened before")
	}
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return "", fmt.Errorf("googleplaytest: listen: %w", err)
	}
	if !a.IP.IsLoopback() {
		return "", errors.New("googleplaytest: listen: the address is not a loopback address")
	}
	l, err := net.ListenTCP("tcp", a)
	if err != nil {
		return "", fmt.Errorf("googleplaytest: listen: %w", err)
	}
	v.serving.L = &v.mu
	v.url, v.stopped = "http://"+l.Addr().String(), make(chan struct{})
	v.http = &http.Server{
		Handler:           http.HandlerFunc(s.serveOwn),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          stdlog.New(io.Discard, "", 0),
	}
	go func(h *http.Server, stopped chan struct{}) {
		defer close(stopped)
		_ = h.Serve(l) // ends by Close
	}(v.http, v.stopped)
	return v.url, nil
}

// URL is the store's base URL, empty unless it listens or has listened.
func (s *Store) URL() string {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return s.server.url
}

// Close ends the listener, breaks its connections and waits for their requests. A store that does
// not listen has nothing to close; one that is reached by RoundTripper goes on answering.
func (s *Store) Close() error {
	v := &s.server
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.http == nil {
		return nil
	}
	err := v.http.Close()
	for v.active > 0 {
		v.serving.Wait()
	}
	<-v.stopped
	return err
}

// serveOwn counts the requests of the own listener, which Close waits for.
func (s *Store) serveOwn(w http.ResponseWriter, r *http.Request) {
	v := &s.server
	v.mu.Lock()
	v.active++
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.active--
		v.serving.Broadcast()
	}()
	s.ServeHTTP(w, r)
}
