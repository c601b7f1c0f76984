package googleplaytest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// ServeHTTP answers one request of the API. A broken connection needs a server whose connections
// can be hijacked (HTTP/1.1); elsewhere it becomes http.ErrAbortHandler.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client left in mid-request
	}
	d, done, err := s.exchange(r.Context(), &incoming{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, body})
	defer done()
	if err != nil {
		panic(http.ErrAbortHandler) // it left before the answer; a plain return would answer 200
	}
	switch d.kind {
	case reset, lost:
		breakConnection(w, nil, 0)
	case broken:
		breakConnection(w, d.answer, d.n)
	default:
		d.write(w, r)
	}
}

func (d *delivery) write(w http.ResponseWriter, r *http.Request) {
	a := d.answer
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if d.kind != oversized && w.Header().Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	switch d.kind {
	case truncated:
		if d.n < int64(len(a.body)) {
			_, _ = w.Write(a.body[:d.n])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(a.body)
	case dripped:
		rest := a.body
		for len(rest) > 0 && wait(r.Context(), d.every) == nil {
			n := min(d.n, int64(len(rest)))
			if _, err := w.Write(rest[:n]); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			rest = rest[n:]
		}
	case oversized:
		_, _ = w.Write(a.body)
		for left := d.n; left > 0; left -= blanks {
			if _, err := io.WriteString(w, blank()[:min(left, blanks)]); err != nil {
				return
			}
		}
	default:
		_, _ = w.Write(a.body)
	}
}

// breakConnection resets the connection, after n bytes of the body if there is an answer.
func breakConnection(w http.ResponseWriter, a *answer, n int64) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	if a != nil {
		_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", a.status, http.StatusText(a.status), len(a.body))
		_ = a.header.Write(conn)
		_, _ = conn.Write(append([]byte("\r\n"), a.body[:min(n, int64(len(a.body)))]...))
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closes with a reset
	}
}
