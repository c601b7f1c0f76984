package redistest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is one redis-server of a test.
type Server struct {
	t    testing.TB
	port int
	args []string
	cmd  *exec.Cmd
	said *bytes.Buffer // what it printed; read once it ended
}

// Start starts a server with more arguments of redis-server's, which win over the ones here: nothing is
// written to disk unless they say so. It ends with the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	need(t)
	s := &Server{t: t, port: freePort(t)}
	s.args = append([]string{
		"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
	}, args...)
	s.Restart()
	t.Cleanup(s.Kill)
	return s
}

// need skips the test where there is no redis-server, or fails it.
func need(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err == nil {
		return
	}
	if os.Getenv("SKUGATE_NO_SKIP") != "" {
		t.Fatal("redis-server is not on PATH")
	}
	t.Skip("redis-server is not on PATH")
}

// Addr is its host and port, the same after a restart.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is its address as redis.ParseURL reads it.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Client is a client of it with go-redis's defaults, for the test's own use; it ends with the test.
func (s *Server) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), DisableIdentity: true})
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Kill ends it at once, as a crash does. Ending what has ended is fine.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // "killed" is what was wanted
	s.cmd = nil
}

// Restart starts it again with the same port and the same directory, and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	s.said = &bytes.Buffer{}
	s.cmd = exec.Command("redis-server", s.args...)
	s.cmd.Stdout, s.cmd.Stderr = s.said, s.said
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), DisableIdentity: true, MaxRetries: -1})
	defer c.Close()
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		err := c.Ping(context.Background()).Err()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			s.Kill()
			s.t.Fatalf("redis-server %v does not answer: %v\n%s", s.args, err, s.said)
		}
	}
}

// Freeze stops it from answering; connections stay, and new ones are accepted by the kernel.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets it answer again.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// freePort is a port that nobody listened on a moment ago.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(fmt.Errorf("port %q: %w", port, err))
	}
	return n
}
