package rediscache_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core/redisclient"
)

// server talks Redis's protocol and answers commands as the test says. What a real server answers is
// tested with real ones.
type server struct {
	net.Listener
	answer   atomic.Pointer[string] // to each command; silence: none
	commands atomic.Int64           // but those that greet
	done     chan struct{}
	conns    sync.WaitGroup
}

const silence = ""

func serve(t testing.TB, answer string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Listener: l, done: make(chan struct{})}
	s.says(answer)
	s.conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.conns.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() {
		close(s.done)
		_ = l.Close()
		s.conns.Wait()
	})
	return s
}

func (s *server) says(answer string) { s.answer.Store(&answer) }

func (s *server) talk(conn net.Conn) {
	defer conn.Close()
	s.conns.Go(func() { <-s.done; _ = conn.Close() })
	r := bufio.NewReader(conn)
	for {
		command, err := readCommand(r)
		if err != nil {
			return
		}
		if strings.EqualFold(command[0], "hello") {
			_, _ = io.WriteString(conn, "-ERR unknown command\r\n")
			continue
		}
		s.commands.Add(1)
		switch answer := *s.answer.Load(); answer {
		case silence:
		case "hang up":
			return
		default:
			_, _ = io.WriteString(conn, answer)
		}
	}
}

// readCommand reads an array of bulk strings.
func readCommand(r *bufio.Reader) ([]string, error) {
	number := func(kind byte) (int, error) {
		line, err := r.ReadString('\n')
		if err != nil || len(line) < 3 || line[0] != kind {
			return 0, fmt.Errorf("no command: %q, %w", line, err)
		}
		return strconv.Atoi(strings.TrimSpace(line[1:]))
	}
	n, err := number('*')
	if err != nil || n < 1 {
		return nil, fmt.Errorf("%d parts: %w", n, err)
	}
	command := make([]string, n)
	for i := range command {
		size, err := number('$')
		if err != nil {
			return nil, err
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, err
		}
		command[i] = string(text[:size])
	}
	return command, nil
}

// of makes a tier in front of the server.
func (s *server) of(t testing.TB, c rediscache.Config) *rediscache.Cache {
	t.Helper()
	c.Client = closing(t, redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{s.Addr().String()}})))
	return tier(t, c)
}

// nothing is what a server answers that keeps nothing: the answer of the script.
const nothing = "*4\r\n$1\r\nv\r\n$-1\r\n:0\r\n:1700000000000000\r\n"
