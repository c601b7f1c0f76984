package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// processes are the game's, seen from the players.
type processes struct {
	commands  []*exec.Cmd
	stdins    []interface{ Close() error }
	addresses []string
	client    http.Client
}

// startFleet starts n processes of this program and waits until they serve.
func startFleet(ctx context.Context, n int, args ...string) (*processes, error) {
	f := &processes{client: http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for range n {
		if err := f.start(ctx, self, args); err != nil {
			f.stop()
			return nil, err
		}
	}
	return f, nil
}

func (f *processes) start(ctx context.Context, self string, args []string) error {
	c := exec.CommandContext(ctx, self, args...)
	c.Env = append(os.Environ(), nodeVariable+"=1")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	f.commands, f.stdins = append(f.commands, c), append(f.stdins, in)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("a process did not start: %w", err)
	}
	f.addresses = append(f.addresses, strings.TrimSpace(line))
	return nil
}

// stop lets the processes end, and waits for them.
func (f *processes) stop() {
	f.client.CloseIdleConnections()
	for i, c := range f.commands {
		_ = f.stdins[i].Close()
		_ = c.Wait()
	}
}

func player(i int) string { return "player-" + strconv.Itoa(i) }

// ask has a player ask a process, and returns the status.
func (f *processes) ask(address, token string, i int) (int, error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+address, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("X-Player", player(i))
	r.Header.Set("X-Purchase-Token", token)
	answer, err := f.client.Do(r)
	if err != nil {
		return 0, errors.Unwrap(err) // the outer one has the address
	}
	return answer.StatusCode, answer.Body.Close()
}

// all has every player ask every process once.
func (f *processes) all(tokens []string) error {
	return f.each(func(_ int, address string) error {
		for i, token := range tokens {
			status, err := f.ask(address, token, i)
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("%s is told %d", player(i), status)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// each does something with every process at once.
func (f *processes) each(do func(n int, address string) error) error {
	faults := make([]error, len(f.addresses))
	var wg sync.WaitGroup
	for n, address := range f.addresses {
		wg.Go(func() { faults[n] = do(n, address) })
	}
	wg.Wait()
	return errors.Join(faults...)
}

// drive has every player ask every process, again and again.
func (f *processes) drive(ctx context.Context, tokens []string, during time.Duration) error {
	for end := time.Now().Add(during); time.Now().Before(end); {
		if err := f.all(tokens); err != nil {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// untilRefused has the first player ask every process until it refuses, and returns how long each took. With
// notify one process is told before.
func (f *processes) untilRefused(token string, notify bool) ([]time.Duration, error) {
	began := time.Now()
	if notify {
		answer, err := f.client.Post("http://"+f.addresses[0]+"/notify", "text/plain", strings.NewReader(token))
		if err != nil {
			return nil, errors.Unwrap(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("the notification came to %d, %w", answer.StatusCode, err)
		}
	}
	served := make([]time.Duration, len(f.addresses))
	err := f.each(func(n int, address string) error {
		for status := 0; status != http.StatusForbidden; {
			var err error
			if status, err = f.ask(address, token, 0); err != nil {
				return err
			}
			if served[n] = time.Since(began).Round(10 * time.Millisecond); served[n] > time.Minute {
				return errors.New("the refund did not take effect within a minute")
			}
			time.Sleep(5 * time.Millisecond)
		}
		return nil
	})
	return served, err
}

// redisServer is one of the program's own.
type redisServer struct {
	command *exec.Cmd
	url     string
}

// startRedis starts a Redis that keeps nothing.
func startRedis(ctx context.Context) (*redisServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	s := &redisServer{url: "redis://127.0.0.1:" + port}
	s.command = exec.CommandContext(ctx, "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("there is no redis-server on PATH; name one with -redis: %w", err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			return s, conn.Close()
		}
		if time.Now().After(end) {
			s.stop()
			return nil, fmt.Errorf("redis-server does not answer: %w", err)
		}
	}
}

func (s *redisServer) stop() {
	_ = s.command.Process.Kill()
	_ = s.command.Wait()
}
