package nethttpmw_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// handled is what OnHandled was told.
type handled struct {
	d      core.Decision
	ctx    context.Context
	status int
}

// observing tells reports of every request that was handled.
func observing(reports chan<- handled) func(*core.Config) {
	return func(c *core.Config) {
		c.OnHandled = func(ctx context.Context, d core.Decision, status int) { reports <- handled{d, ctx, status} }
	}
}

// noAnswer stands for a connection that was closed before an answer.
const noAnswer = -1

func TestTheFinalStatusIsReported(t *testing.T) {
	long := strings.Repeat("long ", 100_000)
	for _, c := range []struct {
		name   string
		do     http.HandlerFunc
		report int
		client int // default: report
		body   string
	}{
		{name: "nothing written", do: func(http.ResponseWriter, *http.Request) {}, report: 200},
		{name: "a body", do: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a")) }, report: 200, body: "a"},
		{name: "an empty body", do: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(nil)
			w.WriteHeader(404)
		}, report: 200},
		{name: "a string, and a status too late", do: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			w.WriteHeader(404)
		}, report: 200, body: "a"},
		{name: "an explicit 404", do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, report: 404},
		{name: "an explicit 204", do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, report: 204},
		{name: "a redirect", do: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/next", http.StatusTemporaryRedirect)
		},
			report: 307, body: "<a href=\"/next\">Temporary Redirect</a>.\n\n"},
		{name: "several statuses, of which the first counts", do: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			w.WriteHeader(500)
			_, _ = io.WriteString(w, "a")
		}, report: 404, body: "a"},
		{name: "interim statuses before one", do: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusProcessing)
			w.WriteHeader(201)
		}, report: 201},
		{name: "an interim status alone", do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints) }, report: 200},
		{name: "a flush, and a status too late", do: func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.WriteHeader(404)
		}, report: 200},
		{name: "a flush by the controller, and a status too late", do: func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
			w.WriteHeader(404)
		}, report: 200},
		{name: "a copy, and a status too late", do: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, strings.NewReader(long))
			w.WriteHeader(404)
		}, report: 200, body: long},
		{name: "a copy after a status", do: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
			_, _ = io.Copy(w, strings.NewReader(long))
		}, report: 201, body: long},
		{name: "a copy by the writer itself", do: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.(io.ReaderFrom).ReadFrom(io.LimitReader(strings.NewReader(long), int64(len(long))))
			w.WriteHeader(404)
		}, report: 200, body: long},
		{name: "deadlines and full duplex", do: func(w http.ResponseWriter, _ *http.Request) {
			control, soon := http.NewResponseController(w), time.Now().Add(time.Hour)
			if err := control.EnableFullDuplex(); err != nil {
				panic(err)
			}
			if err := control.SetReadDeadline(soon); err != nil {
				panic(err)
			}
			if err := control.SetWriteDeadline(soon); err != nil {
				panic(err)
			}
			w.WriteHeader(202)
		}, report: 202},
		{name: "a write deadline that has passed", do: func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(-time.Hour)); err != nil {
				panic(err)
			}
			w.WriteHeader(202)
			if err := http.NewResponseController(w).Flush(); err == nil {
				panic("the write deadline did not reach the connection")
			}
		}, report: 202, client: noAnswer},
		{name: "a switch of protocols", do: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upgrade", "raid")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
		}, report: 101},
		{name: "a hijacked connection", do: func(w http.ResponseWriter, _ *http.Request) {
			takeOver(w.(http.Hijacker).Hijack())
		}, report: 101, client: 299, body: "hijacked"},
		{name: "a connection hijacked by the controller", do: func(w http.ResponseWriter, _ *http.Request) {
			takeOver(http.NewResponseController(w).Hijack())
		}, report: 101, client: 299, body: "hijacked"},
		{name: "a panic", do: func(http.ResponseWriter, *http.Request) { panic("broken") }, report: 0, client: noAnswer},
		{name: "an abort", do: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, report: 0, client: noAnswer},
		{name: "a panic after a status", do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); panic("broken") }, report: 0, client: noAnswer},
		{name: "a panic after a hijack", do: func(w http.ResponseWriter, _ *http.Request) {
			takeOver(w.(http.Hijacker).Hijack())
			panic("broken")
		}, report: 0, client: 299, body: "hijacked"},
		{name: "a status that is none", do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(42) }, report: 0, client: noAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			reports := make(chan handled, 2)
			handler := &premium{do: c.do}
			gated := nethttpmw.Require(newGate(t, newShop(honest), observing(reports)), vip, one)(handler)
			conn := dial(t, serve(t, gated))
			conn.send(t, request("GET", "X-Player: alice", "X-Purchase-Token: vip.alice"))

			if c.client == 0 {
				c.client = c.report
			}
			a, err := conn.receive("GET")
			for err == nil && a.status < 200 && a.status != http.StatusSwitchingProtocols {
				a, err = conn.receive("GET")
			}
			got := a.status
			if err != nil {
				got = noAnswer
			} else if a.body != c.body {
				t.Errorf("the body has %d bytes, want %d", len(a.body), len(c.body))
			}
			if got != c.client {
				t.Errorf("the client saw %d, want %d", got, c.client)
			}
			report := <-reports
			if report.status != c.report {
				t.Errorf("reported %d, want %d", report.status, c.report)
			}
			if d, ok := core.FromContext(report.ctx); !ok || d != report.d || !d.Granted() || d.Product != vip {
				t.Errorf("reported the decision %+v, with %+v on the context", report.d, d)
			}
			handler.wantRuns(t, 1)
			if len(reports) > 0 {
				t.Errorf("reported again: %+v", <-reports)
			}
		})
	}
}

// takeOver answers a hijacked connection with a status that no handler gives.
func takeOver(conn io.WriteCloser, _ any, err error) {
	if err != nil {
		panic(err)
	}
	_, _ = fmt.Fprint(conn, "HTTP/1.1 299 Mine\r\nContent-Length: 8\r\n\r\nhijacked")
	_ = conn.Close()
}

func TestOnHandledHearsOfHandlersOnly(t *testing.T) {
	reports := make(chan handled, 4)
	gate := newGate(t, newShop(honest), observing(reports))
	mux := http.NewServeMux()
	handler := &premium{}
	mux.Handle("/require", nethttpmw.Require(gate, vip, one)(handler))
	mux.Handle("/attach", nethttpmw.Attach(gate, vip, one)(handler))
	ask := func(path string) answer {
		c := dial(t, serve(t, mux))
		c.send(t, strings.Replace(request("GET", "X-Player: alice", "X-Purchase-Token: vip.bob"), "/raids/7", path, 1))
		return c.final(t, "GET")
	}
	if a := ask("/require"); a.status != 403 || len(reports) > 0 {
		t.Errorf("a refusal: got %d and %d reports", a.status, len(reports))
	}
	if a := ask("/attach"); a.status != 200 {
		t.Errorf("attached: got %d", a.status)
	}
	if r := <-reports; r.status != 200 || r.d.Outcome != core.Denied {
		t.Errorf("attached: reported %d %v", r.status, r.d.Outcome)
	}
}

func TestAPanicOfTheHandlerGoesOnToTheServer(t *testing.T) {
	for name, config := range map[string]func(*core.Config){
		"observed":     observing(make(chan handled, 1)),
		"not observed": func(*core.Config) {},
	} {
		t.Run(name, func(t *testing.T) {
			panics := make(chan any, 1)
			handler := &premium{do: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}
			addr := serve(t, noting(panics, nethttpmw.Require(newGate(t, newShop(honest), config), vip, one)(handler)))
			c := dial(t, addr)
			c.send(t, request("GET", "X-Player: alice", "X-Purchase-Token: vip.alice"))
			if v := <-panics; v != http.ErrAbortHandler {
				t.Errorf("a front handler saw the panic %v", v)
			}
			if _, err := c.receive("GET"); err == nil {
				t.Error("the client got an answer")
			}
		})
	}
}

func TestAPanicInOnHandledHarmsNobody(t *testing.T) {
	gate := newGate(t, newShop(honest), func(c *core.Config) {
		c.OnHandled = func(context.Context, core.Decision, int) { panic("broken hook") }
	})
	handler := &premium{}
	c := dial(t, serve(t, nethttpmw.Require(gate, vip, one)(handler)))
	for range 2 { // on one connection
		c.send(t, request("GET", "X-Player: alice", "X-Purchase-Token: vip.alice"))
		if a := c.final(t, "GET"); a.status != 200 || a.body != "PREMIUM" {
			t.Errorf("got %d %q", a.status, a.body)
		}
	}
	handler.wantRuns(t, 2)
}
