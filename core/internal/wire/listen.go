package wire

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a store's own listener. The zero Server does not listen.
type Server struct {
	mu      sync.Mutex
	url     string
	http    *http.Server
	stopped chan struct{}
	serving sync.Cond // on mu
	active  int
}

// Listen makes h answer on a loopback address ("127.0.0.1:0" picks a port) and returns its
// URL. A store listens once, until Close.
func (v *Server) Listen(address string, h http.Handler) (url string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.http != nil {
		return "", errors.New("the store has listened before")
	}
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	if !a.IP.IsLoopback() {
		return "", errors.New("listen: the address is not a loopback address")
	}
	l, err := net.ListenTCP("tcp", a)
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	v.serving.L = &v.mu
	v.url, v.stopped = "http://"+l.Addr().String(), make(chan struct{})
	v.http = &http.Server{
		Handler:           v.counting(h),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go func(h *http.Server, stopped chan struct{}) {
		defer close(stopped)
		_ = h.Serve(l) // ends by Close
	}(v.http, v.stopped)
	return v.url, nil
}

// URL is the store's base URL, empty unless it listens or has listened.
func (v *Server) URL() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.url
}

// Close ends the listener, breaks its connections and waits for their requests. A store that does
// not listen has nothing to close; one that is reached by RoundTripper goes on answering.
func (v *Server) Close() error {
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

// counting counts the requests of the own listener, which Close waits for.
func (v *Server) counting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.active++
		v.mu.Unlock()
		defer func() {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.active--
			v.serving.Broadcast()
		}()
		h.ServeHTTP(w, r)
	})
}
