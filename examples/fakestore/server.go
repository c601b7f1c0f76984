package main

import (
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// fake is the store that is served now. A reset puts a new one in its place.
type fake struct {
	cfg     onestoretest.Config
	current atomic.Pointer[onestoretest.Store]

	playCfg *googleplaytest.Config // nil: no Google Play
	play    atomic.Pointer[googleplaytest.Store]
}

func newFake(cfg onestoretest.Config) (*fake, error) {
	cfg.Signer = onestoretest.NewSigner() // the licence key outlives a reset
	f := &fake{cfg: cfg}
	return f, attempt(f.reset)
}

func (f *fake) store() *onestoretest.Store { return f.current.Load() }

func (f *fake) reset() {
	f.current.Store(onestoretest.New(f.cfg))
	if f.playCfg != nil {
		f.play.Store(googleplaytest.New(*f.playCfg))
	}
}

// ServeHTTP implements http.Handler.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.store().ServeHTTP(w, r) }

// server is one of the two listeners.
type server struct {
	url     string
	http    *http.Server
	stopped chan struct{} // closed when it does not serve any more
	err     error         // why; read after stopped
}

// listen serves the handler that is made for the URL where it listens.
func listen(address string, public bool, handler func(url string) http.Handler) (*server, error) {
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	if !a.IP.IsLoopback() && !public {
		return nil, errors.New(address + " is not a loopback address, and -public is not given")
	}
	l, err := net.ListenTCP("tcp", a)
	if err != nil {
		return nil, err
	}
	url := "http://" + l.Addr().String()
	s := &server{
		url:     url,
		http:    &http.Server{Handler: handler(url), ReadHeaderTimeout: 10 * time.Second},
		stopped: make(chan struct{}),
	}
	go func() {
		defer close(s.stopped)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
		}
	}()
	return s, nil
}

// stop breaks the connections, those of requests that a fault holds included.
func (s *server) stop() error {
	err := s.http.Close()
	<-s.stopped
	return errors.Join(s.err, err)
}
