package wire

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Request is a request as it arrived, whichever way it came. Path is as it was escaped; of the body at
// most a byte more than Store.MaxBody is there.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
}

// Store is a fake store, seen from below.
type Store struct {
	MaxBody  int64
	Exchange func(*Request) *Exchange
}

// ServeHTTP answers one request of the API. A broken connection needs a server whose connections
// can be hijacked (HTTP/1.1); elsewhere it becomes http.ErrAbortHandler.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, s.MaxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client left in mid-request
	}
	x := s.Exchange(&Request{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, body})
	defer x.Done()
	d, err := x.deliver(r.Context())
	if err != nil {
		panic(http.ErrAbortHandler) // it left before the answer; a plain return would answer 200
	}
	switch d.Kind {
	case Reset, Lost:
		breakConnection(w, nil, 0)
	case Broken:
		breakConnection(w, d.answer, d.N)
	default:
		d.write(w, r)
	}
}

func (d *delivery) write(w http.ResponseWriter, r *http.Request) {
	a := d.answer
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if d.Kind != Oversized && w.Header().Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	switch d.Kind {
	case Truncated:
		if d.N < int64(len(a.Body)) {
			_, _ = w.Write(a.Body[:d.N])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(a.Body)
	case Dripped:
		rest := a.Body
		for len(rest) > 0 && wait(r.Context(), d.Every) == nil {
			n := min(d.N, int64(len(rest)))
			if _, err := w.Write(rest[:n]); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			rest = rest[n:]
		}
	case Oversized:
		_, _ = w.Write(a.Body)
		for left := d.N; left > 0; left -= blanks {
			if _, err := io.WriteString(w, blank()[:min(left, blanks)]); err != nil {
				return
			}
		}
	default:
		_, _ = w.Write(a.Body)
	}
}

// breakConnection resets the connection, after n bytes of the body if there is an answer.
func breakConnection(w http.ResponseWriter, a *Answer, n int64) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	if a != nil {
		_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", a.Status, http.StatusText(a.Status), len(a.Body))
		_ = a.Header.Write(conn)
		_, _ = conn.Write(append([]byte("\r\n"), a.Body[:min(n, int64(len(a.Body)))]...))
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closes with a reset
	}
}

const blanks = 32 << 10

func blank() string { return strings.Repeat(" ", blanks) }
