package nethttpmw_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serve answers with h on a loopback socket and returns its address.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // panics and superfluous WriteHeader calls are meant
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// client is one connection on which raw bytes are sent.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second)) // a test that hangs says where
	return &client{conn, bufio.NewReader(conn)}
}

func (c *client) send(t testing.TB, raw string) {
	t.Helper()
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
}

// answer is one response as it came over the wire.
type answer struct {
	status int
	header http.Header
	body   string
}

// receive reads the next response to a request of that method.
func (c *client) receive(method string) (answer, error) {
	response, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body)}, err
}

// final reads responses until one that is not interim.
func (c *client) final(t testing.TB, method string) answer {
	t.Helper()
	for {
		a, err := c.receive(method)
		if err != nil {
			t.Fatal(err)
		}
		if a.status >= 200 || a.status == http.StatusSwitchingProtocols {
			return a
		}
	}
}

// request is the bytes of a request without a body, with lines as its header.
func request(method string, lines ...string) string {
	return fmt.Sprintf("%s /raids/7 HTTP/1.1\r\nHost: game\r\n%s\r\n", method, strings.Join(append(lines, ""), "\r\n"))
}

// get sends one GET on a connection of its own.
func get(t testing.TB, addr string, lines ...string) answer {
	t.Helper()
	c := dial(t, addr)
	defer c.Close()
	c.send(t, request("GET", lines...))
	return c.final(t, "GET")
}

// premium is a protected handler that counts its runs.
type premium struct {
	runs atomic.Int64
	do   http.HandlerFunc
}

func (p *premium) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.runs.Add(1)
	if p.do != nil {
		p.do(w, r)
		return
	}
	_, _ = io.WriteString(w, "PREMIUM")
}

// wantRuns fails unless the handler ran n times.
func (p *premium) wantRuns(t testing.TB, n int64) {
	t.Helper()
	if got := p.runs.Load(); got != n {
		t.Errorf("the handler ran %d times, want %d", got, n)
	}
}

// before sets response headers (name, value, …) in front of h.
func before(h http.Handler, fields ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		h.ServeHTTP(w, r)
	})
}
