package rest_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

const canary = "CANARY-in-the-url"

func mustNotContain(t *testing.T, err error, secret string) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if s := fmt.Sprintf("%v %+v %#v", e, e, e.Error()); strings.Contains(s, secret) {
			t.Errorf("an error shows %q: %s", secret, s)
		}
	}
}

func get(t *testing.T, client *http.Client, url string, timeout time.Duration) (*rest.Answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/"+canary, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := rest.Send(client, req, rest.MaxBody)
	var na *rest.NoAnswer
	if err != nil && !errors.As(err, &na) {
		t.Errorf("%T is no *NoAnswer", err)
	}
	mustNotContain(t, err, canary)
	mustNotContain(t, err, strings.TrimPrefix(url, "http://"))
	return a, err
}

func serve(t *testing.T, h http.HandlerFunc) (string, *http.Client) {
	t.Helper()
	s := httptest.NewServer(h)
	client := rest.NewClient(nil)
	t.Cleanup(func() { client.CloseIdleConnections(); s.CloseClientConnections(); s.Close() })
	return s.URL, client
}

func hijack(t *testing.T, w http.ResponseWriter, bytes string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(conn, bytes)
	_ = conn.Close()
}

func TestSendReadsAWholeAnswerOfAnyStatus(t *testing.T) {
	url, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("%s asks for %q", r.Proto, r.Header.Get("Accept-Encoding"))
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Repeat("x", rest.MaxBody))
	})
	a, err := get(t, client, url, 10*time.Second)
	if err != nil || a.Status != http.StatusTeapot || len(a.Body) != rest.MaxBody || a.Date().IsZero() {
		t.Errorf("got %v, %v", a, err)
	}
}

func TestSendFollowsNoRedirect(t *testing.T) {
	sink := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer sink.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		url, client := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, sink.URL, status) })
		injected := rest.NewClient(&http.Client{Transport: client.Transport, CheckRedirect: nil})
		for _, c := range []*http.Client{client, injected} {
			if a, err := get(t, c, url, 5*time.Second); err != nil || a.Status != status {
				t.Errorf("%d: got %v, %v", status, a, err)
			}
		}
	}
}

func TestNewClientLeavesTheInjectedClientAlone(t *testing.T) {
	mine := &http.Client{Timeout: time.Second}
	c := rest.NewClient(mine)
	if mine.CheckRedirect != nil || mine.Transport != nil || c.Timeout != time.Second || c.Transport == nil {
		t.Errorf("mine %+v, copy %+v", mine, c)
	}
}

func TestTheTransportTakesNoProxyFromTheEnvironment(t *testing.T) {
	if tr := rest.NewTransport(); tr.Proxy != nil || !tr.DisableCompression || tr.Protocols.HTTP2() || tr.MaxResponseHeaderBytes != 64<<10 {
		t.Errorf("%+v", tr)
	}
}

func TestSendMakesNoAnswerOf(t *testing.T) {
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"a body longer than the limit": {func(w http.ResponseWriter, _ *http.Request) {
			for range rest.MaxBody/1024 + 1 {
				_, _ = io.WriteString(w, strings.Repeat(" ", 1024))
			}
		}, rest.ErrTooLong},
		"an endless body": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1024)); err != nil {
					return
				}
			}
		}, rest.ErrTooLong},
		"a body shorter than announced": {func(w http.ResponseWriter, _ *http.Request) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
		}, io.ErrUnexpectedEOF},
		"a cut chunk": {func(w http.ResponseWriter, _ *http.Request) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}")
		}, io.ErrUnexpectedEOF},
		"a connection that is closed": {func(w http.ResponseWriter, _ *http.Request) { hijack(t, w, "") }, io.ErrUnexpectedEOF},
		"headers that go on":          {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 65<<10)) }, nil},
		"what is not HTTP":            {func(w http.ResponseWriter, _ *http.Request) { hijack(t, w, canary+"\r\n\r\n") }, nil},
		"a header that quotes us":     {func(w http.ResponseWriter, _ *http.Request) { hijack(t, w, "HTTP/1.1 200 OK\r\n"+canary+"\r\n\r\n") }, nil},
		"a redirect to nonsense": {func(w http.ResponseWriter, _ *http.Request) {
			hijack(t, w, "HTTP/1.1 302 Found\r\nLocation: ://"+canary+"\r\n\r\n")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			url, client := serve(t, tc.handler)
			if a, err := get(t, client, url, 5*time.Second); err == nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("got %v, %v; want %v", a, err, tc.want)
			}
		})
	}
}

func TestSendDoesNotUnpackABomb(t *testing.T) {
	url, client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, strings.Repeat("x", 8<<20))
		_ = z.Close()
	})
	for _, c := range []*http.Client{client, rest.NewClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}})} {
		if a, err := get(t, c, url, 5*time.Second); err != nil || len(a.Body) > 100<<10 {
			t.Errorf("%d bytes, %v", len(a.Body), err)
		}
	}
}

func TestSendNamesARefusedConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	_ = l.Close()
	_, err = get(t, rest.NewClient(nil), url, 5*time.Second)
	if !errors.Is(err, syscall.ECONNREFUSED) || !rest.Passing(err) || rest.Doubtful(err) {
		t.Errorf("got %v", err)
	}
}

func TestALostAnswerSaysWhatItIsGoodFor(t *testing.T) {
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		lasting bool
	}{
		"a connection that is closed": {func(w http.ResponseWriter, _ *http.Request) { hijack(t, w, "") }, false},
		"a body shorter than promised": {func(w http.ResponseWriter, _ *http.Request) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
		}, false},
		"a body that is too long": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", rest.MaxBody+1))
		}, true},
	} {
		url, client := serve(t, tc.handler)
		_, err := get(t, client, url, 5*time.Second)
		if !rest.Doubtful(err) || rest.Passing(err) == tc.lasting {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestACallThatIsOverBeforeItBeginsIsNotSent(t *testing.T) {
	client := rest.NewClient(&http.Client{Transport: trip(func(*http.Request) (*http.Response, error) {
		t.Error("it was sent")
		return nil, io.EOF
	})})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	late, end := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer end()
	for want, ctx := range map[error]context.Context{context.Canceled: gone, context.DeadlineExceeded: late} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+canary, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = rest.Send(client, req, rest.MaxBody)
		var lost *rest.NoAnswer
		if !errors.As(err, &lost) || !errors.Is(err, want) || rest.Doubtful(err) {
			t.Errorf("got %v, want %v, unsent", err, want)
		}
	}
}

func TestSendRefusesAnUnknownCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := get(t, rest.NewClient(nil), s.URL, 5*time.Second)
	if !strings.Contains(err.Error(), "certificate") || rest.Doubtful(err) || rest.Passing(err) {
		t.Errorf("got %v", err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	if _, err := get(t, rest.NewClient(nil), "https"+strings.TrimPrefix(plain.URL, "http"), 5*time.Second); err == nil {
		t.Error("TLS with a plain server works")
	}
}

// trip is an in-process transport, usable in a bubble.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// drip gives a byte every 50 ms until ctx ends.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	select {
	case <-time.After(50 * time.Millisecond):
		return copy(p, " "), nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}
func (drip) Close() error { return nil }

func TestEveryCallEnds(t *testing.T) {
	hang := trip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, errors.New("hung: " + r.URL.String())
	})
	dripping := trip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: drip{r.Context()}, Header: http.Header{}}, nil
	})
	for name, transport := range map[string]http.RoundTripper{"no answer": hang, "a dripping body": dripping} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := rest.NewClient(&http.Client{Transport: transport})
				for _, limit := range []time.Duration{300 * time.Millisecond, 0} {
					ctx, want := t.Context(), rest.DefaultTimeout
					if limit != 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, limit)
						defer cancel()
						want = limit
					}
					req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://host/"+canary, nil)
					if err != nil {
						t.Fatal(err)
					}
					began := time.Now()
					_, err = rest.Send(client, req, rest.MaxBody)
					if d := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || d != want {
						t.Errorf("%v after %v, want the deadline after %v", err, d, want)
					}
					mustNotContain(t, err, canary)
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://host/"+canary, nil)
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(time.Second, func() { cancel(errors.New(canary)) })
				_, err = rest.Send(client, req, rest.MaxBody)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want the caller's leaving", err)
				}
				mustNotContain(t, err, canary)
			})
		})
	}
}
