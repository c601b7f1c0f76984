package nethttpmw

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/felixge/httpsnoop"
)

// observe runs the handler and reports its final status, 0 if it panics. The writer keeps every ability of w.
func observe(w http.ResponseWriter, r *http.Request, next http.Handler, report func(status int)) {
	status, returned := 0, false
	final := func(code int) {
		// 1xx are interim, except that after 101 HTTP is over.
		if status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
			status = code
		}
	}
	hooks := httpsnoop.Hooks{
		WriteHeader: func(f httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) { final(code); f(code) }
		},
		Write: func(f httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(b []byte) (int, error) { final(http.StatusOK); return f(b) }
		},
		ReadFrom: func(f httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
			return func(src io.Reader) (int64, error) { final(http.StatusOK); return f(src) }
		},
		Flush: func(f httpsnoop.FlushFunc) httpsnoop.FlushFunc {
			return func() { final(http.StatusOK); f() }
		},
		Hijack: func(f httpsnoop.HijackFunc) httpsnoop.HijackFunc {
			return func() (net.Conn, *bufio.ReadWriter, error) {
				c, rw, err := f()
				if err == nil {
					final(http.StatusSwitchingProtocols)
				}
				return c, rw, err
			}
		},
	}
	defer func() {
		switch {
		case !returned:
			status = 0
		case status == 0:
			status = http.StatusOK // what net/http sends for a handler that wrote nothing
		}
		report(status)
	}()
	next.ServeHTTP(httpsnoop.Wrap(w, hooks), r)
	returned = true
}
