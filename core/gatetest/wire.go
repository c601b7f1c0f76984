package gatetest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client is one connection on which raw bytes go out and come in.
type client struct {
	net.Conn
	in *bufio.Reader
}

// patience is how long a client waits before the test says where it hangs.
const patience = 30 * time.Second

func dial(t *testing.T, address string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &client{conn, bufio.NewReader(conn)}
}

// answer is one response as it came over the wire.
type answer struct {
	status string   // "403 Forbidden"
	lines  []string // the header's, unchanged
	body   string
}

func (a answer) code() int {
	code, _ := strconv.Atoi(strings.SplitN(a.status, " ", 2)[0])
	return code
}

// field returns the values of a header's lines.
func (a answer) field(name string) (values []string) {
	for _, line := range a.lines {
		if n, v, _ := strings.Cut(line, ":"); strings.EqualFold(n, name) {
			values = append(values, strings.TrimSpace(v))
		}
	}
	return values
}

// String is the response without what a framework may add to any: Date and Connection.
func (a answer) String() string {
	lines := slices.DeleteFunc(slices.Sorted(slices.Values(a.lines)), func(line string) bool {
		name, _, _ := strings.Cut(line, ":")
		return strings.EqualFold(name, "Date") || strings.EqualFold(name, "Connection")
	})
	return fmt.Sprintf("HTTP/1.1 %s\n%s\n\n%s", a.status, strings.Join(lines, "\n"), a.body)
}

// receive reads the next response to a request of that method.
func (c *client) receive(method string) (a answer, err error) {
	if a, err = c.head(); err != nil {
		return a, err
	}
	body, err := c.body(method, a)
	a.body = string(body)
	return a, err
}

// head reads a response up to its body.
func (c *client) head() (a answer, err error) {
	line, err := c.line()
	if err != nil {
		return a, err
	}
	proto, status, ok := strings.Cut(line, " ")
	if !ok || proto != "HTTP/1.1" {
		return a, fmt.Errorf("the answer begins with %q", line)
	}
	a.status = status
	for {
		if line, err = c.line(); err != nil {
			return a, err
		}
		if line == "" {
			return a, nil
		}
		a.lines = append(a.lines, line)
	}
}

func (c *client) line() (string, error) {
	line, err := c.in.ReadString('\n')
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

func (c *client) body(method string, a answer) ([]byte, error) {
	length, chunked := a.field("Content-Length"), a.field("Transfer-Encoding")
	switch code := a.code(); {
	case method == "HEAD" || code < 200 || code == 204 || code == 304:
		return nil, nil
	case len(chunked) > 0:
		body, err := io.ReadAll(httputil.NewChunkedReader(c.in))
		if err == nil {
			_, err = c.line() // the end of the trailer
		}
		return body, err
	case len(length) == 1:
		n, err := strconv.ParseUint(length[0], 10, 31)
		if err != nil {
			return nil, err
		}
		body := make([]byte, n)
		_, err = io.ReadFull(c.in, body)
		return body, err
	default:
		return io.ReadAll(c.in)
	}
}

// do sends one request and reads its answer; interim ones are skipped.
func (c *client) do(method, raw string) (answer, error) {
	if _, err := io.WriteString(c, raw); err != nil {
		return answer{}, err
	}
	for {
		a, err := c.receive(method)
		if err != nil || a.code() >= 200 || a.code() == 101 {
			return a, err
		}
	}
}

// head is the bytes of a request's head, up to the blank line.
func head(method, path string, lines ...string) string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: game\r\n%s\r\n", method, path, strings.Join(append(lines, ""), "\r\n"))
}

// send makes one request on a connection of its own.
func send(t *testing.T, address, method, path string, lines ...string) answer {
	t.Helper()
	c := dial(t, address)
	defer c.Close()
	a, err := c.do(method, head(method, path, lines...))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func get(t *testing.T, address string, lines ...string) answer {
	t.Helper()
	return send(t, address, "GET", "/raids", lines...)
}

// as are the lines of a player who presents a token.
func as(player, token string) []string {
	return []string{"X-Player: " + player, "X-Purchase-Token: " + token}
}
