package faultmatrix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
)

// That no secret shows is checked in every row; this one has what tempts a program to show one.
func TestRow49NothingSecretShows(t *testing.T) {
	t.Parallel()
	t.Run("of what the store quotes from a purchase", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, fm.Row{Front: true, Flags: untripped, Drive: func(s *fm.Scene) {
			k, other := s.Buy(fm.VIP, fm.Player(0)), s.Buy(fm.VIP, fm.Player(1))
			s.Warm(k, other)
			for _, quoted := range []string{"developerPayload " + k.Account, k.Account, "purchase " + other.Token, other.Token} {
				for _, status := range []int{400, 403, 404, 409, 500} {
					for _, shape := range shapes {
						s.Trouble()
						s.Front.Mangle(onLookups(func(_ context.Context, conn net.Conn, _ []byte) { quote(conn, status, shape, quoted) }))
						s.Expect("errors that quote a purchase", s.Storm(s.Players(4, fm.Routes...)...), fm.U)
						s.Healthy()
					}
				}
			}
		}})
	})
	fm.Run(t, fm.Row{Flags: untripped, Front: true, Drive: func(s *fm.Scene) {
		k := s.Buy(fm.VIP, fm.Player(0))
		s.Warm(k)
		for range 3 {
			s.Expect("a handler that panics", []fm.Check{s.GetAt("/panic", k)}, fm.P)
		}
		s.Loose()
		for i, token := range []string{"canarytoken\x1b[31m", "canarytoken%n%s", `canarytoken"}\u000a`, "canarytoken\nX: y", "canarytoken\r\n\r\n"} {
			asked := fm.Key{Route: fm.VIP, Token: token, Account: fm.Player(i)}
			s.Expect("an ugly token", s.Raw(request("/sub/vip", "X-Purchase-Token: "+token, "X-Account: "+asked.Account), asked), fm.B, fm.D, fm.N)
		}
		s.Trouble()
		s.Front.Mangle(func(_ context.Context, conn net.Conn, r *http.Request, _ []byte) bool {
			if !fm.IsTokenCall(r) {
				quote(conn, 500, shapes[0], r.URL.Path+" "+r.Header.Get("Authorization"))
				return true
			}
			return false
		})
		s.Expect("errors that quote the request", s.Storm(s.Players(4, fm.Routes...)...), fm.U)
		s.Healthy()
		time.Sleep(fm.Neg)

		before, err := s.Host.Metrics()
		if err != nil {
			s.Fatalf("%v", err)
		}
		strangers := make([]fm.Key, fm.Size(1000, 100_000))
		for i := range strangers {
			strangers[i] = fm.Key{Route: fm.Routes[i%4], Token: fm.Stranger(i), Account: fm.Player(i)}
		}
		s.Expect("strangers", s.Crowd(8, strangers...), fm.D)
		after, err := s.Host.Metrics()
		if err != nil {
			s.Fatalf("%v", err)
		}
		if n := after.Series() - before.Series(); n > len(fm.Routes) { // the first "not found" of each product is a series
			s.Errorf("%d new series for %d tokens", n, len(strangers))
		}
		panics, lines := 0, 0
		for line := range strings.Lines(s.Host.Output()) {
			lines++
			var event struct{ Msg string }
			if err := json.Unmarshal([]byte(line), &event); err != nil || event.Msg == "" {
				s.Errorf("a line of the log is no event: %.200q", line)
			}
			if event.Msg == "a handler panicked" {
				panics++
			}
		}
		if panics != 3 {
			s.Errorf("%d log lines for 3 panics", panics)
		}
		if most := 30; lines > most {
			s.Errorf("%d log lines, want one for each event and at most %d", lines, most)
		}
		s.Note("log lines for panics", panics)
	}})
}

// shapes are where an error may quote something.
var shapes = []func(quoted string) any{
	func(q string) any {
		return map[string]any{"error": map[string]string{"code": q, "message": "failed for " + q}}
	},
	func(q string) any {
		return map[string]any{"error": map[string]string{"code": "InternalError", "message": q}}
	},
	func(q string) any { return map[string]string{"code": q, "message": q} },
	func(q string) any { return map[string]string{"error": q, "error_description": q} },
	func(q string) any { return map[string]any{q: q, "result": map[string]string{"code": q}} },
}

// quote answers with an error of that shape.
func quote(conn net.Conn, status int, shape func(string) any, quoted string) {
	body, _ := json.Marshal(shape(quoted))
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d Quoted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}
