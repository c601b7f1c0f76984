package gatetest

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// waitingBody is a case that may have an exception.
const waitingBody = "a refusal does not ask for a body that waits for leave"

// bodies is that the gate leaves the request's body alone.
func bodies(t *testing.T, a *adapter) {
	echo := func(t *testing.T) (handler *premium, address string) {
		handler = &premium{do: func(r Request) Response { return Response{Body: "<" + r.Body + ">"} }}
		return handler, a.serve(t, handler.at("/raids", a.require(newGate(t, newShop()), vip, a.one())))
	}
	long := strings.Repeat("0123456789abcdef", 4<<10) // 64 KiB
	chunked := func(pieces ...string) string {
		var b strings.Builder
		for _, p := range append(pieces, "") {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(p), p)
		}
		return b.String()
	}
	sized := func(body string) (line, raw string) { return fmt.Sprint("Content-Length: ", len(body)), body }
	for _, c := range []struct {
		name, body string
		encode     func(string) (line, raw string)
	}{
		{"an empty body", "", sized},
		{"a short body", "raid=7", sized},
		{"a long body", long, sized},
		{"a chunked body", "raid=7", func(body string) (string, string) { return "Transfer-Encoding: chunked", chunked(body[:2], body[2:]) }},
		{"a long chunked body", long, func(body string) (string, string) { return "Transfer-Encoding: chunked", chunked(body[:9], body[9:]) }},
		{"a body that looks like a request", head("GET", "/raids", as("bob", "vip.bob")...), sized},
	} {
		t.Run(c.name+" reaches the handler whole", func(t *testing.T) {
			handler, address := echo(t)
			line, raw := c.encode(c.body)
			conn := dial(t, address)
			for i := range 2 { // the second request on the connection begins where the first one's body ended
				got, err := conn.do("POST", head("POST", "/raids", append(as("alice", "vip.alice"), line)...)+raw)
				if err != nil || got.code() != 200 || got.body != "<"+c.body+">" {
					t.Fatalf("request %d: got %d with %d bytes, %v", i+1, got.code(), len(got.body), err)
				}
			}
			handler.wantRuns(t, 2)
		})
		t.Run(c.name+" of a refused request is not the next request", func(t *testing.T) {
			handler, address := echo(t)
			line, raw := c.encode(c.body)
			conn := dial(t, address)
			got, err := conn.do("POST", head("POST", "/raids", append(as("alice", "vip.nobody"), line)...)+raw)
			if err != nil {
				t.Fatal(err)
			}
			goldenNotOwned.want(t, got)
			handler.wantRuns(t, 0)
			got, err = conn.do("GET", head("GET", "/raids", as("carol", "vip.carol")...))
			if err != nil || got.code() != 200 || got.body != "<>" {
				t.Errorf("the next request: got\n%s\n%v", got, err)
			}
			handler.wantRuns(t, 1)
		})
	}
	waiting := func(player, token string) string {
		return head("POST", "/raids", append(as(player, token), "Expect: 100-continue", "Content-Length: 4")...)
	}
	t.Run(waitingBody, func(t *testing.T) {
		handler, address := echo(t)
		conn := dial(t, address)
		if _, err := io.WriteString(conn, waiting("alice", "vip.nobody")); err != nil {
			t.Fatal(err)
		}
		got, err := conn.receive("POST")
		if err != nil {
			t.Fatal(err)
		}
		if want := a.expect(t, waitingBody, notOwned); got.outcome() != want {
			t.Errorf("the first answer is %s, want %s", got.outcome(), want)
		}
		if got.code() == 100 {
			if got, err = conn.do("POST", "BODY"); err != nil {
				t.Fatal(err)
			}
		}
		goldenNotOwned.want(t, got)
		handler.wantRuns(t, 0)
	})
	t.Run("a body that waits for leave gets it when the request is granted", func(t *testing.T) {
		handler, address := echo(t)
		conn := dial(t, address)
		if _, err := io.WriteString(conn, waiting("alice", "vip.alice")); err != nil {
			t.Fatal(err)
		}
		if got, err := conn.receive("POST"); err != nil || got.code() != 100 {
			t.Fatalf("got %d, %v; want 100", got.code(), err)
		}
		if got, err := conn.do("POST", "BODY"); err != nil || got.code() != 200 || got.body != "<BODY>" {
			t.Errorf("got\n%s\n%v", got, err)
		}
		handler.wantRuns(t, 1)
	})
}
