package gatetest

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/skugate/skugate/core"
)

// ServeHTTP runs the handler in a framework that has net/http underneath. d and found are what the
// adapter's From says. The error is Response.Err, for a framework whose handlers return errors.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, d core.Decision, found bool) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil // the client is gone
	}
	response := h(Request{Method: r.Method, Header: r.Header.Get, Body: string(body), Context: r.Context(), Decision: d, Found: found})
	switch {
	case response.Err != nil:
		return response.Err
	case response.Hijack != nil:
		var conn net.Conn
		if conn, _, err = w.(http.Hijacker).Hijack(); err == nil {
			defer conn.Close()
			response.Hijack(conn)
		}
	case response.Stream != nil:
		response.Stream(func(piece string) {
			_, _ = io.WriteString(w, piece)
			w.(http.Flusher).Flush()
		})
	default:
		if response.Status != 0 {
			w.WriteHeader(response.Status)
		}
		if response.Body != "" {
			_, _ = io.WriteString(w, response.Body)
		}
	}
	return nil
}

// ListenHTTP serves h on a loopback port until the test ends and returns the address. Panics of
// handlers are not logged: the suites mean them.
func ListenHTTP(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
