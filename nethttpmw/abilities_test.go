package nethttpmw_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// abilities lists what a writer can do beyond writing.
func abilities(w http.ResponseWriter) []string {
	var can []string
	note := func(name string, ok bool) {
		if ok {
			can = append(can, name)
		}
	}
	_, ok := w.(http.Flusher)
	note("Flusher", ok)
	_, ok = w.(interface{ FlushError() error })
	note("FlushError", ok)
	_, ok = w.(http.Hijacker)
	note("Hijacker", ok)
	_, ok = w.(http.Pusher)
	note("Pusher", ok)
	_, ok = w.(io.ReaderFrom)
	note("ReaderFrom", ok)
	_, ok = w.(io.StringWriter)
	note("StringWriter", ok)
	return can
}

// silent is a writer that can only write.
type silent struct{ header http.Header }

func (s silent) Header() http.Header       { return s.header }
func (silent) Write(b []byte) (int, error) { return len(b), nil }
func (silent) WriteHeader(int)             {}

func TestAnObservedWriterKeepsItsAbilitiesAndGetsNoOthers(t *testing.T) {
	reports := make(chan int, 8)
	gate := newGate(t, observing(reports))
	var bare, observed []string
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bare = abilities(w)
		nethttpmw.Require(gate, vip, one)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			observed = abilities(w)
		})).ServeHTTP(w, r)
	})
	overTheWire := func(t *testing.T, http2 bool) {
		server := httptest.NewUnstartedServer(h)
		server.EnableHTTP2 = http2
		server.StartTLS()
		defer server.Close()
		r, err := http.NewRequest("GET", server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := server.Client().Do(signed(r, "vip.alice"))
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if (response.ProtoMajor == 2) != http2 {
			t.Errorf("spoke %s", response.Proto)
		}
	}
	for _, c := range []struct {
		name  string
		serve func(t *testing.T)
		want  string
	}{
		{"HTTP/1.1", func(t *testing.T) { overTheWire(t, false) }, "Flusher FlushError Hijacker ReaderFrom StringWriter"},
		{"HTTP/2", func(t *testing.T) { overTheWire(t, true) }, "Flusher FlushError Pusher StringWriter"},
		{"a recorder", func(*testing.T) {
			h.ServeHTTP(httptest.NewRecorder(), signed(httptest.NewRequest("GET", "/", nil), "vip.alice"))
		}, "Flusher StringWriter"},
		{"a writer that can only write", func(*testing.T) {
			h.ServeHTTP(silent{http.Header{}}, signed(httptest.NewRequest("GET", "/", nil), "vip.alice"))
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bare, observed = nil, nil
			c.serve(t)
			<-reports // the handler is through
			if want := strings.Fields(c.want); !slices.Equal(bare, want) {
				t.Fatalf("the writer can %v, and the test expects %v", bare, want)
			}
			if !slices.Equal(observed, bare) {
				t.Errorf("observed it can %v, want %v", observed, bare)
			}
		})
	}
}

// stubborn is a writer that cannot be hijacked although it looks so.
type stubborn struct{ *httptest.ResponseRecorder }

func (stubborn) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("not this one")
}

func TestAHijackThatFailsIsNotReportedAsOne(t *testing.T) {
	reports := make(chan int, 1)
	handler := &premium{do: func(w http.ResponseWriter, _ *http.Request) {
		if _, _, err := w.(http.Hijacker).Hijack(); err == nil {
			t.Error("hijacked")
		}
		w.WriteHeader(http.StatusNotImplemented)
	}}
	r := signed(httptest.NewRequest("GET", "/", nil), "vip.alice")
	nethttpmw.Require(newGate(t, observing(reports)), vip, one)(handler).ServeHTTP(stubborn{httptest.NewRecorder()}, r)
	if report := <-reports; report != http.StatusNotImplemented {
		t.Errorf("reported %d, want 501", report)
	}
}

func TestWithoutAHookTheHandlerWritesToTheOriginalWriter(t *testing.T) {
	for name, build := range map[string]func(*core.Gate, core.Requirement, nethttpmw.CredentialsFunc, ...nethttpmw.Option) func(http.Handler) http.Handler{
		"Require": nethttpmw.Require, "Attach": nethttpmw.Attach,
	} {
		original := silent{http.Header{"X-Writer": {name}}}
		handler := &premium{do: func(w http.ResponseWriter, _ *http.Request) {
			if s, ok := w.(silent); !ok || s.header.Get("X-Writer") != name {
				t.Errorf("%s: the handler writes to a %T", name, w)
			}
		}}
		build(newGate(t), vip, one)(handler).ServeHTTP(original, signed(httptest.NewRequest("GET", "/", nil), "vip.alice"))
		handler.wantRuns(t, 1)
	}
}
