package gatetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// refusals is what adapters do with a reply besides copying it out.
func refusals(t *testing.T, a *adapter) {
	t.Run("an error handler answers instead", func(t *testing.T) {
		handler, gate := &premium{}, newGate(t, newShop())
		address := a.serve(t, handler.at("/raids", a.require(gate, vip, a.one(), a.withErrorHandler(func(d core.Decision, reply core.Reply) core.Reply {
			return core.Reply{
				Status: 418,
				Header: append(reply.Header, core.HeaderField{Name: "X-Reason", Value: string(d.Reason)}),
				Body:   []byte("no tea"),
			}
		}))))
		want := "HTTP/1.1 418 I'm a teapot\nCache-Control: no-store\nContent-Length: 6\nContent-Type: application/problem+json\nX-Reason: not_found\n\nno tea"
		if got := get(t, address, as("alice", "vip.nobody")...); got.String() != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		wantLetIn(t, get(t, address, as("alice", "vip.alice")...))
		handler.wantRuns(t, 1)
	})
	t.Run("an error handler that says nothing does not let in", func(t *testing.T) {
		handler, gate := &premium{}, newGate(t, newShop())
		address := a.serve(t, handler.at("/raids", a.require(gate, vip, a.one(), a.withErrorHandler(func(core.Decision, core.Reply) core.Reply {
			return core.Reply{}
		}))))
		if got := get(t, address, as("alice", "vip.nobody")...); got.code() != 200 || got.body != "" {
			t.Errorf("got\n%s\nwant the framework's empty answer", got)
		}
		handler.wantRuns(t, 0)
	})
	t.Run("a refusal replaces headers that were set in front", func(t *testing.T) {
		handler := &premium{}
		route := handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one()))
		route.front = []core.HeaderField{{Name: "Content-Type", Value: "text/html"}, {Name: "Cache-Control", Value: "public"}, {Name: "X-Trace", Value: "kept"}}
		got := get(t, a.serve(t, route), "X-Player: alice")
		if kept := strings.Join(got.field("X-Trace"), "|"); kept != "kept" {
			t.Errorf("X-Trace is %q, want kept", kept)
		}
		got.lines = slices.DeleteFunc(got.lines, func(line string) bool { return line == "X-Trace: kept" })
		goldenMissing.want(t, got)
		handler.wantRuns(t, 0)
	})
	t.Run("a granted answer is the handler's alone", func(t *testing.T) {
		handler := &premium{}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one())), handler.at("/open"))
		gated, open := get(t, address, as("alice", "vip.alice")...), send(t, address, "GET", "/open")
		if gated.String() != open.String() {
			t.Errorf("behind a gate\n%s\nwithout one\n%s", gated, open)
		}
	})
	t.Run("every method is gated", func(t *testing.T) {
		handler := &premium{}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one())))
		for i, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"} {
			want := goldenMissing.String()
			if method == "HEAD" {
				want = want[:len(want)-len(goldenMissing.body)]
			}
			preflight := []string{"X-Player: alice", "Origin: https://game", "Access-Control-Request-Method: GET"}
			if got := send(t, address, method, "/raids", preflight...); got.String() != want {
				t.Errorf("%s: got\n%s\nwant\n%s", method, got, want)
			}
			handler.wantRuns(t, int64(i))
			if got := send(t, address, method, "/raids", as("alice", "vip.alice")...); got.code() != 200 {
				t.Errorf("%s with a token: got\n%s", method, got)
			}
			handler.wantRuns(t, int64(i+1))
		}
	})
	t.Run("a method that nobody defined passes nowhere without a token", func(t *testing.T) {
		handler := &premium{}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one())))
		if got := send(t, address, "BREW", "/raids", "X-Player: alice", "Connection: close"); got.code() < 400 {
			t.Errorf("got\n%s", got)
		}
		handler.wantRuns(t, 0)
	})
	t.Run("however the path is spelled nobody passes without a token", func(t *testing.T) {
		handler := &premium{}
		address := a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one())))
		for _, path := range []string{
			"/raids", "/raids/", "//raids", "/RAIDS", "/./raids", "/x/../raids", "/%72aids", "/raids%2f", "/raids%2F..", "/raidsx",
			"/raids;x", "/raids?X-Purchase-Token=vip.alice", "/raids#x", "/raids%00", "http://game/raids", "/raids/../raids", `\raids`, "/%2e/raids",
		} {
			if got := send(t, address, "GET", path, "X-Player: alice", "Connection: close"); got.code() == 200 {
				t.Errorf("%s: got\n%s", path, got)
			}
			handler.wantRuns(t, 0)
		}
	})
}
