package faultmatrix_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// untripped keeps the breaker closed where every single request has to reach the store.
var untripped = []string{"-n-trip", "1000000"}

// patience is the budget where a row is not about time, but about how often something happens.
const patience = 2 * time.Second

var patient = []string{"-t-call", patience.String()}

var jsonHeader = http.Header{"Content-Type": {"application/json;charset=UTF-8"}}

func TestRow1AnAnswerWithoutFactsDecidesNothing(t *testing.T) {
	t.Parallel()
	bodies := []string{`{}`, `null`, `[]`, `""`, ``, `{"result":{"code":"Success"}}`, `{"error":{"code":"NoSuchData"}}`}
	fm.Run(t, fm.Row{Flags: untripped, Exact: true, Drive: func(s *fm.Scene) {
		for _, body := range bodies {
			keys := s.Players(4, fm.Routes...)
			s.Trouble(fm.Lookups(onestoretest.Fault{Effect: onestoretest.Answer(200, jsonHeader, body)})...)
			for range fm.Size(3, 20) {
				s.Expect("answered "+body, s.Storm(keys...), fm.U)
			}
			s.Healthy()
			for _, k := range keys {
				s.ResetLog()
				s.Expect("after "+body, []fm.Check{s.Get(k)}, fm.G)
				if n := s.Sim.Lookups(k.Token); n != 1 {
					s.Errorf("after %s: %d calls, want 1: something was cached", body, n)
				}
			}
		}
	}})
}

// goodBody is what the store would answer about a purchase.
func goodBody(s *fm.Scene, k fm.Key) string {
	body, err := json.Marshal(s.Sim.Facts(k.Token))
	if err != nil {
		s.Fatalf("%v", err)
	}
	return string(body)
}

func TestRow4OnlyAWholeAnswerDecides(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Flags: untripped, Exact: true, Drive: func(s *fm.Scene) {
		k := s.Buy(fm.VIP, fm.Player(1))
		body := goodBody(s, k)
		answer := func(what, body string, want ...fm.Outcome) {
			s.Trouble(onestoretest.Fault{Op: onestoretest.OpSubscriptionDetail, Effect: onestoretest.Answer(200, jsonHeader, body)})
			s.Expect(what, []fm.Check{s.Get(k)}, want...)
			s.Healthy()
			s.Invalidate(k)
		}
		for cut := 0; cut < len(body); cut += fm.Size(7, 1) {
			answer("cut: "+body[:cut], body[:cut], fm.U)
		}
		answer("without its last byte", body[:len(body)-1], fm.U)
		answer("white space behind", body+" \r\n\t\n", fm.G)
		answer("1 MiB of blanks behind", body+strings.Repeat(" ", 1<<20), fm.G, fm.U)
		answer("garbage behind", body+"x", fm.U)
		answer("a second object behind", body+body, fm.U)
		answer("a byte order mark before", "\xef\xbb\xbf"+body, fm.U)
		wide := []byte{0xff, 0xfe}
		for _, unit := range utf16.Encode([]rune(body)) {
			wide = append(wide, byte(unit), byte(unit>>8))
		}
		answer("UTF-16", string(wide), fm.U)

		// The same, with a Content-Length that promised more.
		for cut := 0; cut < 200; cut += fm.Size(37, 1) {
			s.Trouble(onestoretest.Fault{Op: onestoretest.OpSubscriptionDetail, Effect: onestoretest.TruncateAt(cut)})
			s.Expect("ended early", []fm.Check{s.Get(k)}, fm.U)
			s.Healthy()
		}
	}})
}

func TestRow5NoSuchPurchaseIsANoWhateverItsStatus(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Exact: true, Drive: func(s *fm.Scene) {
		n := fm.Size(100, 1000)
		for i, effect := range []onestoretest.Effect{
			onestoretest.StandardError("NoSuchData"),
			onestoretest.Answer(400, jsonHeader, `{"error":{"code":"NoSuchData","message":"The requested data could not be found."}}`),
		} {
			keys := make([]fm.Key, n)
			for j := range keys { // one account each: nobody may guess that often
				keys[j] = fm.Key{Route: fm.Routes[j%4], Token: fm.Stranger(i*n + j), Account: fm.Player(i*n + j)}
			}
			s.Sim.Fail(fm.Lookups(onestoretest.Fault{Effect: effect})...)
			checks := s.Crowd(8, keys...)
			s.Healthy()
			s.Expect("no such purchase", checks, fm.D)
			for _, c := range checks {
				if c.Reason != "not_owned" {
					s.Fatalf("the reason is %q, want not_owned", c.Reason)
				}
			}
			if m, err := s.Host.Metrics(); err != nil || m.Sum("skugate_breaker_state", `state="closed"`) != 1 {
				s.Errorf("the breaker is not closed (%v)", err)
			}
		}
		s.Expect("a real purchase", []fm.Check{s.Get(s.Buy(fm.VIP, fm.Player(0)))}, fm.G)
	}})
}

func TestRow6ARefusalOfTheRequestIsNotANo(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
		for _, cause := range []struct {
			what, reason string
			effect       onestoretest.Effect
		}{
			{"an HTML page", "upstream_fault", onestoretest.HTMLPage(404)},
			{"ResourceNotFound", "upstream_misconfigured", onestoretest.StandardError("ResourceNotFound")},
			{"AccessBlocked", "upstream_blocked", onestoretest.StandardError("AccessBlocked")},
			{"UnauthorizedAccess", "upstream_misconfigured", onestoretest.StandardError("UnauthorizedAccess")},
			{"InvalidAuthorizationHeader", "upstream_misconfigured", onestoretest.StandardError("InvalidAuthorizationHeader")},
			{"MethodNotAllowed", "upstream_misconfigured", onestoretest.StandardError("MethodNotAllowed")},
			{"InvalidContentType", "upstream_misconfigured", onestoretest.StandardError("InvalidContentType")},
		} {
			before, err := s.Host.Metrics()
			if err != nil {
				s.Fatalf("%v", err)
			}
			keys := s.Players(fm.Size(12, 50), fm.Routes...)
			s.Trouble(fm.Lookups(onestoretest.Fault{Effect: cause.effect})...)
			s.Expect(cause.what, s.Crowd(4, keys...), fm.U)
			after, err := s.Host.Metrics()
			if err != nil {
				s.Fatalf("%v", err)
			}
			label := `reason="` + cause.reason + `"`
			if d := after.Sum("skugate_decisions_total", label) - before.Sum("skugate_decisions_total", label); d < fm.Trip {
				s.Errorf("%s: %d of %d were counted as %s", cause.what, d, len(keys), cause.reason)
			}
			s.Healthy()
			s.Recover("after "+cause.what, keys[0], fm.Open+fm.Call)
			s.Expect("after "+cause.what, s.Crowd(4, keys...), fm.G)
		}
	}})
}
