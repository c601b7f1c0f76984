package nethttpmw_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// observing tells the status of every request that was handled.
func observing(reports chan<- int) func(*core.Config) {
	return func(c *core.Config) {
		c.OnHandled = func(_ context.Context, _ core.Decision, status int) { reports <- status }
	}
}

// noAnswer stands for a connection that was closed before an answer.
const noAnswer = -1

// What a ResponseWriter of net/http can do beyond what all frameworks have in common.
func TestTheFinalStatusIsReported(t *testing.T) {
	long := strings.Repeat("long ", 100_000)
	for _, c := range []struct {
		name   string
		do     http.HandlerFunc
		report int
		client int // default: report
		body   string
	}{
		{name: "an empty body", do: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(nil)
			w.WriteHeader(404)
		}, report: 200},
		{name: "a string, and a status too late", do: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			w.WriteHeader(404)
		}, report: 200, body: "a"},
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
		{name: "a connection hijacked by the controller", do: func(w http.ResponseWriter, _ *http.Request) {
			takeOver(http.NewResponseController(w).Hijack())
		}, report: 101, client: 299, body: "hijacked"},
		{name: "an abort", do: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, report: 0, client: noAnswer},
		{name: "a panic after a status", do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); panic("broken") }, report: 0, client: noAnswer},
		{name: "a panic after a hijack", do: func(w http.ResponseWriter, _ *http.Request) {
			takeOver(w.(http.Hijacker).Hijack())
			panic("broken")
		}, report: 0, client: 299, body: "hijacked"},
		{name: "a status that is none", do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(42) }, report: 0, client: noAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			reports := make(chan int, 2)
			handler := &premium{do: c.do}
			server := httptest.NewUnstartedServer(nethttpmw.Require(newGate(t, observing(reports)), vip, one)(handler))
			server.Config.ErrorLog = log.New(io.Discard, "", 0) // panics and superfluous WriteHeader calls are meant
			server.Start()
			defer server.Close()
			client := server.Client()
			client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

			if c.client == 0 {
				c.client = c.report
			}
			r, err := http.NewRequest("GET", server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := noAnswer
			if answer, err := client.Do(signed(r, "vip.alice")); err == nil {
				got = answer.StatusCode
				var body []byte
				if got != http.StatusSwitchingProtocols { // after which the body is the connection
					body, err = io.ReadAll(answer.Body)
				}
				_ = answer.Body.Close()
				if err != nil || string(body) != c.body {
					t.Errorf("the body has %d bytes, %v; want %d", len(body), err, len(c.body))
				}
			}
			if got != c.client {
				t.Errorf("the client saw %d, want %d", got, c.client)
			}
			if report := <-reports; report != c.report {
				t.Errorf("reported %d, want %d", report, c.report)
			}
			handler.wantRuns(t, 1)
			if len(reports) > 0 {
				t.Errorf("reported again: %d", <-reports)
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
