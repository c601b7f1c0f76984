package googleplaytest

import (
	"net/http"

	"github.com/skugate/skugate/core/internal/wire"
)

// ServeHTTP answers one request of the API. A broken connection needs a server whose connections
// can be hijacked (HTTP/1.1); elsewhere it becomes http.ErrAbortHandler.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.wire().ServeHTTP(w, r) }

// RoundTripper answers requests in process, whatever their host: for http.Client.Transport. No
// socket and no goroutine is involved, so it works inside a testing/synctest bubble, where delays
// take no real time. It goes by the request's context; broken connections are the errors that a
// real transport reports (syscall.ECONNRESET, io.ErrUnexpectedEOF).
func (s *Store) RoundTripper() http.RoundTripper { return s.wire().RoundTripper() }

func (s *Store) wire() *wire.Store { return &wire.Store{MaxBody: maxBody, Exchange: s.exchange} }
