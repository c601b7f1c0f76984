package faultmatrix_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// listen accepts connections, counts them, and hands each to serve.
func listen(s *fm.Scene, count *atomic.Int64, serve func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatalf("%v", err)
	}
	s.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// blackHole is an address at which connections are never made: nobody accepts, and the queue is full.
func blackHole(s *fm.Scene) string {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		s.Fatalf("%v", err)
	}
	s.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		s.Fatalf("%v", err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		s.Fatalf("%v", err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		s.Fatalf("%v", err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for range 2 {
		if conn, err := net.DialTimeout("tcp", address, 100*time.Millisecond); err == nil {
			s.Cleanup(func() { _ = conn.Close() })
		}
	}
	return address
}

func TestRow13AStoreThatCannotBeReached(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]func(s *fm.Scene, count *atomic.Int64) string{
		"refused": func(s *fm.Scene, _ *atomic.Int64) string {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				s.Fatalf("%v", err)
			}
			_ = l.Close()
			return "http://" + l.Addr().String()
		},
		"a black hole":          func(s *fm.Scene, _ *atomic.Int64) string { return "http://" + blackHole(s) },
		"accepted, then silent": func(s *fm.Scene, n *atomic.Int64) string { return "http://" + listen(s, n, hold) },
		"accepted and closed":   func(s *fm.Scene, n *atomic.Int64) string { return "http://" + listen(s, n, func(net.Conn) {}) },
		"a wrong certificate": func(s *fm.Scene, n *atomic.Int64) string {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					n.Add(1)
				}
			}
			server.StartTLS()
			s.Cleanup(server.Close)
			return server.URL
		},
		// A label of 64 letters is no name, which is found out without asking anybody.
		"a name that is none": func(*fm.Scene, *atomic.Int64) string { return "https://" + strings.Repeat("a", 64) + ".invalid" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counts := map[string]*atomic.Int64{}
			for _, adapter := range fm.Adapters {
				counts[adapter] = new(atomic.Int64)
			}
			fm.Run(t, fm.Row{
				Store: func(s *fm.Scene) string { return store(s, counts[s.Adapter]) },
				Drive: func(s *fm.Scene) {
					s.Trouble()
					keys := s.Players(fm.Size(40, 100), fm.Routes...)
					s.Expect(name, s.Stream(25*time.Millisecond, time.Second, func(i int) fm.Key { return keys[i%len(keys)] }), fm.U)
					early := counts[s.Adapter].Load()
					begin := time.Now()
					s.Expect(name, s.Stream(25*time.Millisecond, time.Second, func(i int) fm.Key { return keys[i%len(keys)] }), fm.U)
					probes := int64(time.Since(begin)/fm.Open) + 1
					if n := counts[s.Adapter].Load() - early; n > fm.Trip+probes {
						s.Errorf("%d connections after the first second, at most %d are allowed", n, fm.Trip+probes)
					}
				},
			})
		})
	}
}

// sink counts the requests that should never have come.
func sink(t *testing.T) (port string, hits *atomic.Int64) {
	hits = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, hits
}

var redirects = []int{301, 302, 303, 307, 308}

func TestRow14NoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	port, hits := sink(t)
	t.Cleanup(func() {
		if n := hits.Load(); n > 0 {
			t.Errorf("%d requests followed a redirect", n)
		}
	})
	targets := []string{
		"http://127.0.0.1:" + port + "/v7/oauth/token", // the same host, another port
		"http://localhost:" + port + "/",
		"//localhost:" + port + "/x",
		"file:///etc/hostname",
	}
	lookups := func(s *fm.Scene) {
		keys := s.Players(4, fm.Routes...)
		for _, status := range redirects {
			for _, target := range targets {
				s.Trouble(fm.Lookups(onestoretest.Fault{Effect: onestoretest.Redirect(status, target)})...)
				for range fm.Size(1, 10) {
					s.Expect(fmt.Sprint(status, " to ", target), s.Storm(keys...), fm.U)
				}
				s.Healthy()
			}
		}
		s.Expect("after", s.Storm(keys...), fm.G)
	}
	t.Run("of a look-up", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, fm.Row{Flags: untripped, Exact: true, Drive: lookups})
	})
	t.Run("of a look-up, from https to http", func(t *testing.T) {
		t.Parallel()
		trusted := filepath.Join(t.TempDir(), "ca.pem")
		start := func(h http.Handler) *httptest.Server {
			server := httptest.NewTLSServer(h)
			t.Cleanup(server.Close)
			return server
		}
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: start(http.NotFoundHandler()).Certificate().Raw})
		if err := os.WriteFile(trusted, block, 0o600); err != nil {
			t.Fatal(err)
		}
		fm.Run(t, fm.Row{
			Flags: untripped, Exact: true, Env: []string{"SSL_CERT_FILE=" + trusted},
			Store: func(s *fm.Scene) string {
				server := httptest.NewTLSServer(s.Sim)
				s.CloseFirst(server.Close)
				return server.URL
			},
			Drive: lookups,
		})
	})
	t.Run("of the access token's endpoint", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, fm.Row{Patience: 2 * time.Second, Drive: func(s *fm.Scene) {
			var faults []onestoretest.Fault
			for i, status := range redirects {
				for j := range targets {
					if j == i%len(targets) || fm.Size(0, 1) == 1 {
						faults = append(faults, onestoretest.Fault{Op: onestoretest.OpAccessToken, Times: 1, Effect: onestoretest.Redirect(status, targets[j])})
					}
				}
			}
			s.Trouble(faults...)
			keys := s.Players(40, fm.Routes...)
			for s.Sim.TokenCalls() < len(faults) { // one a second
				s.Expect("without an access token", s.Storm(keys[:4]...), fm.U)
				time.Sleep(50 * time.Millisecond)
			}
			s.Healthy()
			s.Recover("after", keys[0], time.Second+fm.Open+fm.Call)
		}})
	})
}

func TestRow15AnAnswerThatBreaksOffDecidesNothing(t *testing.T) {
	t.Parallel()
	t.Run("before the first byte", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, breakOff(1, 1, map[string]onestoretest.Effect{"reset before the first byte": onestoretest.Reset()}))
	})
	t.Run("in mid-body", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, breakOff(8, 2, map[string]onestoretest.Effect{
			"reset in mid-body":      onestoretest.ResetAfter(40),
			"shorter than announced": onestoretest.TruncateAt(40),
		}))
	})
}

func breakOff(width, every int, effects map[string]onestoretest.Effect) fm.Row {
	return fm.Row{Drive: func(s *fm.Scene) {
		for name, effect := range effects {
			s.Warm(s.Players(4, fm.Routes...)...)
			s.Sim.Fail(fm.Lookups(onestoretest.Fault{Delay: 30 * time.Millisecond})...)
			_ = s.Storm(s.Players(8, fm.Routes...)...) // so that there are connections to use again
			s.Sim.Clear()
			keys := s.Players(fm.Size(60, 200), fm.Routes...)
			s.Trouble(fm.Lookups(onestoretest.Fault{Every: every, Effect: effect})...)
			s.ResetLog()
			s.Expect(name, s.Crowd(width, keys...), fm.G, fm.U)
			for _, k := range keys {
				if n := s.Sim.Lookups(k.Token); n > 2 {
					s.Errorf("%s: one check, %d look-ups", name, n)
				}
			}
			s.Healthy()
			s.Recover("after "+name, keys[0], fm.Open+fm.Call)
		}
	}}
}
