package gatetest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"testing"

	"github.com/skugate/skugate/core"
)

// handled is what Config.OnHandled was told.
type handled struct {
	d      core.Decision
	ctx    context.Context
	status int
}

// observing reports every request that was handled.
func observing(reports chan<- handled) func(*core.Config) {
	return func(c *core.Config) {
		c.OnHandled = func(ctx context.Context, d core.Decision, status int) { reports <- handled{d, ctx, status} }
	}
}

// want compares a report with how the handler ended.
func (h handled) want(t *testing.T, status int, p core.Product) {
	t.Helper()
	if h.status != status {
		t.Errorf("reported %d, want %d", h.status, status)
	}
	if d, ok := core.FromContext(h.ctx); !ok || d != h.d || !d.Granted() || d.Product != p {
		t.Errorf("reported the decision %+v, with %+v on the context; want one on %v", h.d, d, p)
	}
}

// broken stands for a connection that was closed before an answer, or the answer of a recovering
// middleware.
const broken = -1

// takeOver answers a hijacked connection with a status that no handler gives.
func takeOver(conn net.Conn) {
	_, _ = io.WriteString(conn, "HTTP/1.1 299 Mine\r\nContent-Length: 8\r\n\r\nhijacked")
}

// handlers is that a handler behind a gate can do what it can do without one, and that its final
// status is reported.
func handlers(t *testing.T, a *adapter) {
	for _, c := range []struct {
		name   string
		do     Handler
		report int
		client int // default: report
		body   string
	}{
		{name: "nothing", do: func(Request) Response { return Response{} }, report: 200},
		{name: "a body", do: func(Request) Response { return Response{Body: "a"} }, report: 200, body: "a"},
		{name: "a 200", do: func(Request) Response { return Response{Status: 200, Body: "a"} }, report: 200, body: "a"},
		{name: "a 204", do: func(Request) Response { return Response{Status: 204} }, report: 204},
		{name: "a 302", do: func(Request) Response { return Response{Status: 302} }, report: 302},
		{name: "a 404", do: func(Request) Response { return Response{Status: 404} }, report: 404},
		{name: "a 404 with a body", do: func(Request) Response { return Response{Status: 404, Body: "gone"} }, report: 404, body: "gone"},
		{name: "a 500", do: func(Request) Response { return Response{Status: 500, Body: "sorry"} }, report: 500, body: "sorry"},
		{name: "a stream", do: func(r Request) Response {
			d := r.Decision
			return Response{Stream: func(send func(string)) { send("one "); send(d.Purchase.Token) }}
		}, report: 200, body: "one vip.alice"},
		{name: "a hijacked connection", do: func(Request) Response { return Response{Hijack: takeOver} }, report: 101, client: 299, body: "hijacked"},
		{name: "a panic", do: func(Request) Response { panic("broken") }, report: 0, client: broken},
	} {
		for _, observed := range []bool{true, false} {
			name := c.name + ", observed"
			if !observed {
				name = c.name + ", not observed"
			}
			t.Run(name, func(t *testing.T) {
				reports := make(chan handled, 2)
				var config []func(*core.Config)
				if observed {
					config = append(config, observing(reports))
				}
				handler := &premium{do: c.do}
				conn := dial(t, a.serve(t, handler.at("/raids", a.require(newGate(t, newShop(), config...), vip, a.one()))))
				got, err := conn.do("GET", head("GET", "/raids", as("alice", "vip.alice")...))
				if c.client == 0 {
					c.client = c.report
				}
				switch {
				case c.client == broken:
					if err == nil && got.code() != 500 {
						t.Errorf("the client saw\n%s", got)
					}
				case err != nil || got.code() != c.client || got.body != c.body:
					t.Errorf("the client saw %d %q, %v; want %d %q", got.code(), got.body, err, c.client, c.body)
				}
				handler.wantRuns(t, 1)
				if observed {
					next(t, "a report", reports).want(t, c.report, vip)
				}
				if len(reports) > 0 {
					t.Errorf("reported again: %+v", <-reports)
				}
			})
		}
	}
	if a.statusError != nil {
		for status, err := range map[int]error{404: a.statusError(404), 503: a.statusError(503), 500: errors.New("a detail")} {
			t.Run("the error for "+err.Error(), func(t *testing.T) {
				reports := make(chan handled, 1)
				handler := &premium{do: func(Request) Response { return Response{Err: err} }}
				address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop(), observing(reports)), vip, a.one())))
				if got := get(t, address, as("alice", "vip.alice")...); got.code() != status {
					t.Errorf("the client saw\n%s", got)
				}
				next(t, "a report", reports).want(t, status, vip)
			})
		}
	}
	t.Run("pieces of a stream arrive as they are sent", func(t *testing.T) { streams(t, a) })
	t.Run("nested gates report one after the other", func(t *testing.T) {
		for name, c := range map[string]struct {
			do     Handler
			status int
		}{
			"an answer": {func(Request) Response { return Response{Status: 202} }, 202},
			"a hijack":  {func(Request) Response { return Response{Hijack: takeOver} }, 101},
			"a panic":   {func(Request) Response { panic("broken") }, 0},
		} {
			t.Run(name, func(t *testing.T) {
				reports := make(chan handled, 3)
				gate, several := newGate(t, newShop(), observing(reports)), a.tokensHeader("X-Purchase-Tokens", player)
				handler := &premium{do: c.do}
				conn := dial(t, a.serve(t, handler.at("/raids", a.require(gate, vip, several), a.require(gate, skin, several))))
				_, _ = conn.do("GET", head("GET", "/raids", "X-Player: alice", "X-Purchase-Tokens: vip.alice,skin.alice"))
				next(t, "a report", reports).want(t, c.status, skin)
				next(t, "a report", reports).want(t, c.status, vip)
			})
		}
	})
	t.Run("only handlers are reported", func(t *testing.T) {
		reports := make(chan handled, 2)
		gate, handler := newGate(t, newShop(), observing(reports)), &premium{}
		address := a.serve(t, handler.at("/raids", a.require(gate, vip, a.one())), handler.at("/attach", a.attach(gate, vip, a.one())))
		goldenNotOwned.want(t, get(t, address, as("alice", "vip.bob")...))
		wantLetIn(t, send(t, address, "GET", "/attach", as("alice", "vip.bob")...))
		if r := next(t, "a report", reports); r.status != 200 || r.d.Outcome != core.Denied {
			t.Errorf("attached: reported %d %v", r.status, r.d.Outcome)
		}
		if len(reports) > 0 {
			t.Errorf("reported again: %+v", <-reports)
		}
	})
}

// streams sends the second piece when the first has arrived.
func streams(t *testing.T, a *adapter) {
	arrived := make(chan struct{})
	handler := &premium{do: func(Request) Response {
		return Response{Stream: func(send func(string)) {
			send("one")
			<-arrived
			send("two")
		}}
	}}
	reports := make(chan handled, 1)
	conn := dial(t, a.serve(t, handler.at("/raids", a.require(newGate(t, newShop(), observing(reports)), vip, a.one()))))
	defer func() {
		select {
		case <-arrived:
		default:
			close(arrived) // lets the handler end when the test fails
		}
	}()
	if _, err := io.WriteString(conn, head("GET", "/raids", as("alice", "vip.alice")...)); err != nil {
		t.Fatal(err)
	}
	got, err := conn.head()
	if err != nil || got.code() != 200 {
		t.Fatalf("got\n%s\n%v", got, err)
	}
	pieces := httputil.NewChunkedReader(conn.in)
	piece := make([]byte, 3)
	if _, err := io.ReadFull(pieces, piece); err != nil || string(piece) != "one" {
		t.Fatalf("the first piece is %q, %v", piece, err)
	}
	close(arrived)
	if _, err := io.ReadFull(pieces, piece); err != nil || string(piece) != "two" {
		t.Fatalf("the second piece is %q, %v", piece, err)
	}
	next(t, "a report", reports).want(t, 200, vip)
}
