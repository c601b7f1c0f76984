package core_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

// FuzzConfig: a configuration is refused with an error that names the field, or it makes a gate that
// answers and ends.
func FuzzConfig(f *testing.F) {
	f.Add(int64(0), int64(0), int64(0), int64(0), int64(0), 0, 0, 0, 0, 0, byte(0))
	f.Add(int64(time.Second), int64(time.Minute), int64(-1), int64(-1), int64(time.Hour), 1, 1, 1, 1, -1, byte(1))
	f.Add(int64(60), int64(60), int64(60), int64(60), int64(60), -1, -1, -1, -1, 5, byte(2))
	f.Add(int64(1<<62), int64(1<<62), int64(1<<62), int64(1<<62), int64(-1<<62), 1<<40, 1<<40, 1<<40, 1<<40, 1<<40, byte(3))
	vip := inApp("vip")
	f.Fuzz(func(t *testing.T, timeout, fresh, refresh, usable, other int64, purchases, refusals, inFlight, trip, burst int, binding byte) {
		d := func(n int64) time.Duration { return time.Duration(n) }
		c := core.Config{
			Stores: []core.Store{gatetest.NewStore(vip.Store)}, Binding: core.Binding(binding), Timeout: d(timeout),
			Lifetimes:     core.Lifetimes{Fresh: d(fresh), Refresh: d(refresh), Usable: d(usable), Denied: d(other), Absent: d(fresh), RenewalGrace: d(other), StaleGrants: trip},
			Memory:        core.Memory{Purchases: small(purchases), Refusals: small(refusals)},
			Guard:         core.Guard{MaxInFlight: inFlight, TripAfter: trip, OpenFor: d(usable)},
			UnknownTokens: core.UnknownTokens{Burst: burst, Every: d(timeout)},
		}
		gate, err := core.New(c)
		if (gate == nil) == (err == nil) {
			t.Fatalf("%+v and %v", gate, err)
		}
		if sane := isSane(c); sane != (err == nil) {
			t.Fatalf("sane %v, and New says %v of %+v", sane, err, c)
		}
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.Contains(line, " Config.") {
					t.Errorf("a fault that names no field: %q", line)
				}
			}
			return
		}
		if got := gate.Check(t.Context(), vip, core.Credentials{Account: "ann", Token: "token-1"}); got.Outcome != core.Denied || got.Reason != core.ReasonNotFound {
			t.Errorf("got %v, %s: %v", got.Outcome, got.Reason, got.Err)
		}
		if err := gate.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// small keeps a fuzzed size from taking all the machine's memory.
func small(n int) int {
	if n > 1024 && n <= 1<<26 {
		return 1 + n%1024
	}
	return n
}

// isSane is the documentation of Config, written a second time.
func isSane(c core.Config) bool {
	const year = 366 * 24 * time.Hour
	span := func(d, least time.Duration) bool { return d == 0 || d >= least && d <= year }
	count := func(n, most int) bool { return n == 0 || n >= 1 && n <= most }
	l := c.Lifetimes
	fresh := l.Fresh
	if fresh == 0 {
		fresh = 5 * time.Minute
	}
	window := func(d, least time.Duration) bool { return d < 0 || span(d, max(least, time.Millisecond)) }
	return c.Binding <= core.InsecureBindingOff && span(c.Timeout, 10*time.Millisecond) && span(c.Guard.OpenFor, time.Millisecond) &&
		span(c.UnknownTokens.Every, time.Millisecond) && span(l.Fresh, time.Millisecond) && span(l.Denied, time.Millisecond) &&
		span(l.Absent, time.Millisecond) && span(l.RenewalGrace, 0) && window(l.Refresh, fresh) && window(l.Usable, max(fresh, l.Refresh)) &&
		count(c.Memory.Purchases, 1<<26) && count(c.Memory.Refusals, 1<<26) && count(c.Guard.MaxInFlight, 1<<16) &&
		count(c.Guard.TripAfter, 1_000_000) && (c.UnknownTokens.Burst < 0 || count(c.UnknownTokens.Burst, 1_000_000))
}

// FuzzAnswer: whatever a decision holds, its answer is a problem of the documented form that quotes neither
// an error, nor a token, nor a label.
func FuzzAnswer(f *testing.F) {
	f.Add(byte(0), "", "", int64(0), "", 0)
	f.Add(byte(1), "active", "vip", int64(time.Hour), "", 402)
	f.Add(byte(2), "account_mismatch", "골드 100", int64(-1), "x", 403)
	f.Add(byte(0), "breaker_open", "\"\x00\xff<script>", int64(1<<62), "{}", -1)
	for _, r := range []core.Reason{core.ReasonTokenMissing, core.ReasonInvalidToken, core.ReasonAccountMissing, core.ReasonTooManyUnknownTokens,
		core.ReasonDeadline, core.ReasonUpstreamAuth, core.ReasonPaymentPending, core.ReasonVoided, core.ReasonOverride} {
		f.Add(byte(0), string(r), "vip", int64(time.Second), "y", 402)
		f.Add(byte(2), string(r), "vip", int64(time.Second), "y", 0)
	}
	f.Fuzz(func(t *testing.T, outcome byte, reason, product string, retry int64, text string, deniedStatus int) {
		d := core.Decision{
			Outcome: core.Outcome(outcome), Reason: core.Reason(reason), Product: inApp(product), RetryAfter: time.Duration(retry),
			Err: errors.New("CANARY" + text), Purchase: &core.Purchase{Token: "CANARY" + text, Label: "CANARY" + text},
		}
		reply := core.Answer(d, deniedStatus)
		if d.Granted() {
			if reply.Status != 0 || reply.Body != nil || reply.Header != nil {
				t.Fatalf("a granted decision has the answer %+v", reply)
			}
			return
		}
		var body struct {
			Type, Title, Reason, Product string
			Status                       int
			Retryable                    bool
			IAP                          *struct {
				Group, Name string
				Code        int
			}
		}
		if err := json.Unmarshal(reply.Body, &body); err != nil {
			t.Fatalf("%v: %q", err, reply.Body)
		}
		statuses := []int{400, 401, 403, 429, 503}
		if deniedStatus == 402 {
			statuses = append(statuses, 402)
		}
		if !slices.Contains(statuses, reply.Status) || body.Status != reply.Status || reply.Status == 402 && d.Outcome != core.Denied {
			t.Errorf("status %d, in the body %d, of %s %s", reply.Status, body.Status, d.Outcome, d.Reason)
		}
		if body.Type != "about:blank" || body.Title == "" || body.Reason == "" || body.Reason != d.PublicReason() || body.IAP == nil || body.IAP.Name == "" {
			t.Errorf("not the documented form: %s", reply.Body)
		}
		if want := strings.ToValidUTF8(product, "\ufffd"); !strings.Contains(product, "\ufffd") && len([]rune(body.Product)) != len([]rune(product)) {
			t.Errorf("the product %q became %q", want, body.Product)
		}
		if strings.Contains(string(reply.Body), "CANARY") && !strings.Contains(product+reason, "CANARY") {
			t.Errorf("it quotes what it must not: %s", reply.Body)
		}
		for _, h := range reply.Header {
			if seconds, err := strconv.Atoi(h.Value); h.Name == "Retry-After" && (err != nil || seconds < 1 || seconds > 3600) {
				t.Errorf("Retry-After is %q", h.Value)
			}
			if strings.ContainsAny(h.Value, "\r\n") {
				t.Errorf("a header of several lines: %q", h.Value)
			}
		}
		if d.Outcome != core.Denied && (reply.Status == 403 || body.Reason == "not_owned") {
			t.Errorf("what was not found out reads as a no: %s", reply.Body)
		}
	})
}

// FuzzPlainLabels: the label is the account, an empty one is nobody's.
func FuzzPlainLabels(f *testing.F) {
	f.Add("", "")
	f.Add("ann", "ann")
	f.Add("ann", "Ann")
	f.Add("a\x00", "a")
	var l core.PlainLabels
	f.Fuzz(func(t *testing.T, one, other string) {
		if matches := l.Match(l.Label(one), other) == core.LabelMatches; matches != (one == other && one != "") {
			t.Errorf("%q is %q's: %v", one, other, matches)
		}
		if (l.Match(one, other) == core.Unlabelled) != (one == "") {
			t.Errorf("%q reads as unlabelled", one)
		}
	})
}
