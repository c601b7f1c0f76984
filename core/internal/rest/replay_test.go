package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// warm makes n connections and leaves them idle.
func warm(t *testing.T, client *http.Client, url string, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := get(t, client, url+"/together", 5*time.Second); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAGetIsSentOnceHoweverManyConnectionsAreDead(t *testing.T) {
	const idle = 8
	var together sync.WaitGroup
	together.Add(idle)
	var dials, gets, posts atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/together"):
			together.Done()
			together.Wait()
			return
		case r.Method == http.MethodPost:
			posts.Add(1)
		default:
			gets.Add(1)
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset
		_ = conn.Close()
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dials.Add(1)
		}
	}
	s.Start()
	client := rest.NewClient(nil)
	t.Cleanup(func() { client.CloseIdleConnections(); s.CloseClientConnections(); s.Close() })

	warm(t, client, s.URL, idle)
	if _, err := get(t, client, s.URL, 5*time.Second); !rest.Passing(err) {
		t.Errorf("got %v, want something that passes", err)
	}
	if n := gets.Load(); n != 1 {
		t.Errorf("one GET was sent %d times", n)
	}
	if n := dials.Load(); n != idle {
		t.Errorf("%d connections, want the %d that were there", n, idle)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rest.Send(client, req, rest.MaxBody); err == nil || posts.Load() != 1 {
		t.Errorf("one POST was sent %d times (%v)", posts.Load(), err)
	}
}

func TestAGetIsOneOnTheWire(t *testing.T) {
	sent := make(chan string, 1)
	client := rest.NewClient(&http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				buffer := make([]byte, 4096)
				n, _ := there.Read(buffer)
				sent <- string(buffer[:n])
				_, _ = io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
				_ = there.Close()
			}()
			return here, nil
		},
	}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rest.Send(client, req, rest.MaxBody); err != nil {
		t.Fatal(err)
	}
	want := "GET /x HTTP/1.1\r\nHost: host\r\nUser-Agent: Go-http-client/1.1\r\nAccept-Encoding: identity\r\n\r\n"
	if got := <-sent; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestABodyHasALimit(t *testing.T) {
	const limit = 2 << 10
	for _, announced := range []bool{true, false} {
		for _, length := range []int{limit, limit + 1} {
			url, client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if announced {
					w.Header().Set("Content-Length", fmt.Sprint(length))
				} else {
					_ = http.NewResponseController(w).Flush()
				}
				_, _ = io.WriteString(w, strings.Repeat(" ", length))
			})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			a, err := rest.Send(client, req, limit)
			switch {
			case length == limit && (err != nil || len(a.Body) != limit):
				t.Errorf("%d bytes, announced %v: %v", length, announced, err)
			case length > limit && (!errors.Is(err, rest.ErrTooLong) || err.Error() != "the body is longer than the limit of 2 KiB"):
				t.Errorf("%d bytes, announced %v: %v", length, announced, err)
			}
		}
	}
}

func TestAnInjectedClientMaySpeakHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || r.ContentLength > 0 || len(r.TransferEncoding) > 0 {
			t.Errorf("%s, %d bytes, %v", r.Proto, r.ContentLength, r.TransferEncoding)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	if a, err := get(t, rest.NewClient(s.Client()), s.URL, 5*time.Second); err != nil || string(a.Body) != "{}" {
		t.Errorf("%v, %v", a, err)
	}
}
