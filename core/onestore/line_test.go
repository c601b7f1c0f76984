package onestore_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

func TestAnOutageIsNotMadeWorseByRetries(t *testing.T) { // row 8 of the fault matrix
	failures := map[string]http.HandlerFunc{
		"InternalError":  standardError(500, "InternalError", "x"),
		"a page":         body(502, "<html>"),
		"429":            body(429, ""),
		"503, no reason": body(503, ""),
	}
	for name, failure := range failures {
		for _, rate := range []float64{0.3, 1} {
			synctest.Test(t, func(t *testing.T) {
				u := &upstream{t: t}
				u.reply = func(w http.ResponseWriter, r *http.Request) {
					if rand.Float64() < rate {
						failure(w, r)
						return
					}
					body(200, details[0].sample)(w, r)
				}
				c := u.inProcess(t)
				const n = 1000
				for range n {
					_, err := c.Lookup(t.Context(), onestore.InApp("gold"), token)
					if se, ok := errorOf(nil, err); ok && se.Fault != core.FaultUnavailable {
						t.Fatalf("a failing store says no: %v", err)
					}
				}
				tokens, others := u.count()
				s := c.ClientStats()
				if others > n*11/10 || tokens != 1 {
					t.Errorf("%s at %v: %d calls became %d, with %d access tokens", name, rate, n, others, tokens)
				}
				if retried := others - n; retried < 80 || s != (core.ClientStats{Attempts: uint64(others), Retries: uint64(retried), AccessTokens: 1}) {
					t.Errorf("%s at %v: %d retries, %+v", name, rate, retried, s)
				}
			})
		}
	}
}

func TestWhatMayPassIsAskedAgain(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"purchaseState":0`)
	}
	for name, tc := range map[string]struct {
		first http.HandlerFunc
		times int
	}{
		"InternalError":          {standardError(500, "InternalError", "x"), 2},
		"InternalError with 400": {standardError(400, "InternalError", "x"), 2},
		"a page with 502":        {body(502, "<html>"), 2},
		"nothing with 503":       {body(503, ""), 2},
		"408":                    {body(408, ""), 2},
		"429":                    {body(429, ""), 2},
		"a lost answer":          {lose, 2},
		"half a body":            {cut, 2},
		"NoSuchData":             {standardError(404, "NoSuchData", "x"), 1},
		"a page with 404":        {body(404, "<html>"), 1},
		"a redirect":             {body(302, ""), 1},
		"BadRequest":             {standardError(400, "BadRequest", "x"), 1},
		"InvalidRequest":         {standardError(400, "InvalidRequest", "[ purchaseToken ]"), 1},
		"AccessBlocked":          {standardError(403, "AccessBlocked", "x"), 1},
		"an odd success":         {body(200, "{}"), 1},
		"half a success":         {body(200, details[0].sample[:40]), 1},
		"a body too long":        {body(200, strings.Repeat(" ", 1<<20+1)), 1},
		"ServiceMaintenance":     {standardError(503, "ServiceMaintenance", "x"), 1},
	} {
		for _, d := range details {
			u := &upstream{t: t, reply: once(tc.first, body(200, d.sample))}
			_, err := d.call(t.Context(), u.listen(t), "gold", token)
			if _, others := u.count(); others != tc.times || (err == nil) != (tc.times == 2) || isError(err, onestore.ErrOutcomeUnknown) {
				t.Errorf("%s, %s: asked %d times, %v", d.name, name, others, err)
			}
		}
	}
}

func TestAReadThatFailsTwiceHasNoOutcomeToKnow(t *testing.T) {
	for name, reply := range map[string]http.HandlerFunc{"InternalError": standardError(500, "InternalError", "x"), "a page": body(404, "<html>"), "an odd success": body(200, "{}"), "a lost answer": lose} {
		u := &upstream{t: t, reply: reply}
		c := u.listen(t)
		for _, d := range details {
			if _, err := d.call(t.Context(), c, "gold", token); err == nil || isError(err, onestore.ErrOutcomeUnknown) {
				t.Errorf("%s, %s: %v", d.name, name, err)
			}
		}
	}
}

// The access token's fetch has a pause of its own; waiting here could not bring another.
func TestAFailedFetchOfTheTokenIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, oauth: standardError(500, "InternalError", "x")}
		c := u.inProcess(t)
		began := time.Now()
		lookup(t, c, onestore.InApp("gold"))
		if tokens, others := u.count(); tokens != 1 || others != 0 || !time.Now().Equal(began) || c.ClientStats().Retries != 0 {
			t.Errorf("%d token calls, %d others, after %v", tokens, others, time.Since(began))
		}
	})
}

func TestTheCallersDeadlineHoldsForRetriesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: standardError(500, "InternalError", "x")}
		c := u.inProcess(t)
		for _, tc := range []struct {
			limit time.Duration
			times int
		}{{50 * time.Millisecond, 1}, {75 * time.Millisecond, 1}, {time.Second, 2}} {
			_, before := u.count()
			ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
			began := time.Now()
			_, err := c.PurchaseDetails(ctx, "gold", token)
			cancel()
			if _, after := u.count(); after-before != tc.times || time.Since(began) > tc.limit || !isError(err, onestore.ErrInternalError) {
				t.Errorf("within %v: asked %d times, took %v: %v", tc.limit, after-before, time.Since(began), err)
			}
		}
	})
}

func retryAfter(status int, code, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if value != "-" {
			w.Header().Set("Retry-After", value)
		}
		standardError(status, code, "x")(w, r)
	}
}

// Row 7 of the fault matrix.
func TestTheStoreIsLeftAloneWhenItAsksForIt(t *testing.T) {
	inHalfAMinute := func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().UTC().Truncate(time.Second)
		w.Header().Set("Date", now.Format(http.TimeFormat))
		retryAfter(503, "ServiceMaintenance", now.Add(30*time.Second).Format(http.TimeFormat))(w, r)
	}
	synctest.Test(t, func(t *testing.T) {
		for name, tc := range map[string]struct {
			answer http.HandlerFunc
			pause  time.Duration // 0: none
		}{
			"maintenance for 2 s":            {retryAfter(503, "ServiceMaintenance", "2"), 2 * time.Second},
			"maintenance until a date":       {inHalfAMinute, 30 * time.Second},
			"maintenance without a time":     {retryAfter(503, "ServiceMaintenance", "-"), time.Second},
			"maintenance for 0 s":            {retryAfter(503, "ServiceMaintenance", "0"), time.Second},
			"maintenance for -1 s":           {retryAfter(503, "ServiceMaintenance", "-1"), time.Second},
			"maintenance for abc":            {retryAfter(503, "ServiceMaintenance", "abc"), time.Second},
			"maintenance for 30 years":       {retryAfter(503, "ServiceMaintenance", "1000000000"), time.Minute},
			"maintenance with another code":  {retryAfter(500, "ServiceMaintenance", "2"), 2 * time.Second},
			"503 for 2 s":                    {retryAfter(503, "X", "2"), 2 * time.Second},
			"429 for 2 s":                    {retryAfter(429, "X", "2"), 2 * time.Second},
			"503 without a time":             {retryAfter(503, "X", "-"), 0},
			"429 for 0 s":                    {retryAfter(429, "X", "0"), 0},
			"500 for 2 s":                    {retryAfter(500, "InternalError", "2"), 0},
			"no such purchase, and in 2 s":   {retryAfter(404, "NoSuchData", "2"), 0},
			"a refusal that names 2 s":       {retryAfter(403, "AccessBlocked", "2"), 0},
			"maintenance at the token's end": {nil, 2 * time.Second},
		} {
			u := &upstream{t: t, reply: tc.answer}
			if tc.answer == nil {
				u.oauth = once(retryAfter(503, "ServiceMaintenance", "2"), func(w http.ResponseWriter, _ *http.Request) { issue(w, access) })
			}
			c := u.inProcess(t)
			lookup(t, c, onestore.InApp("gold"))
			tokens, others := u.count()
			end := time.Now().Add(tc.pause)
			if tc.pause == 0 {
				end = time.Time{}
			}
			if got := c.ClientStats().PausedUntil; !got.Equal(end) {
				t.Errorf("%s: paused until %v, want %v", name, got, end)
			}
			u.reply = body(200, details[0].sample)
			for left := tc.pause; left > 0; left -= 100 * time.Millisecond {
				began := time.Now()
				se := lookup(t, c, onestore.InApp("gold"))
				var e *onestore.Error
				if se.Reason != core.ReasonStorePaused || se.Fault != core.FaultUnavailable || se.RetryAfter != left ||
					!errors.As(se, &e) || e.Op != "getPurchaseDetails" || e.RetryAfter != left || !isError(se, onestore.ErrPaused) || !time.Now().Equal(began) {
					t.Fatalf("%s, %v before the end: %+v", name, left, se)
				}
				for _, ch := range changes { // all callers, and nothing is in doubt
					if err := ch.call(t.Context(), c, "gold", token); !isError(err, onestore.ErrPaused) || isError(err, onestore.ErrOutcomeUnknown) {
						t.Fatalf("%s, %s: %v", name, ch.name, err)
					}
				}
				if _, err := rows(c.VoidedPurchases(t.Context(), onestore.Window{})); !isError(err, onestore.ErrPaused) {
					t.Fatalf("%s, a list: %v", name, err)
				}
				time.Sleep(100 * time.Millisecond)
			}
			if t2, o2 := u.count(); t2 != tokens || o2 != others {
				t.Errorf("%s: %d requests during the pause", name, t2+o2-tokens-others)
			}
			if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
				t.Errorf("%s, afterwards: %v", name, err)
			}
		}
	})
}

func TestAfterThePauseOneCallTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, most atomic.Int64
		maintenance := true
		u := &upstream{t: t}
		u.reply = func(w http.ResponseWriter, r *http.Request) {
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(20 * time.Millisecond)
			inside.Add(-1)
			if maintenance {
				retryAfter(503, "ServiceMaintenance", "-")(w, r)
				return
			}
			body(200, details[0].sample)(w, r)
		}
		c := u.inProcess(t)
		lookup(t, c, onestore.InApp("gold"))
		for second := range 6 { // 50 requests a second, in tens
			time.Sleep(time.Second - 20*time.Millisecond)
			_, before := u.count()
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err == nil {
						t.Error("a purchase during maintenance")
					}
				})
			}
			wg.Wait()
			if _, after := u.count(); after-before > 1 {
				t.Errorf("second %d: %d calls reached the store", second, after-before)
			}
		}
		if most.Load() != 1 {
			t.Errorf("%d calls at once", most.Load())
		}
		maintenance = false
		time.Sleep(time.Second)
		if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
			t.Errorf("after the end: %v", err)
		}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestARenewalThatFailsInTheBackgroundPausesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: body(200, details[0].sample)}
		u.oauth = once(func(w http.ResponseWriter, _ *http.Request) { issue(w, access) }, retryAfter(503, "ServiceMaintenance", "30"))
		c := u.inProcess(t)
		for range 2 {
			if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3100 * time.Second) // 500 s of the token are left
		}
		synctest.Wait()
		if tokens, _ := u.count(); tokens < 2 || !c.ClientStats().PausedUntil.IsZero() {
			t.Errorf("%d token calls, %+v", tokens, c.ClientStats())
		}
	})
}

func TestAGateIsToldOfAPauseAndItsBreakerIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: retryAfter(503, "ServiceMaintenance", "3")}
		c := u.inProcess(t)
		gate, err := core.New(core.Config{Stores: []core.Store{c}, Guard: core.Guard{TripAfter: 2}})
		if err != nil {
			t.Fatal(err)
		}
		check := func() core.Decision {
			return gate.Check(context.Background(), onestore.InApp("gold"), core.Credentials{Account: "mina", Token: token})
		}
		if d := check(); d.Outcome != core.Undetermined || d.RetryAfter != 3*time.Second {
			t.Errorf("got %+v", d)
		}
		time.Sleep(time.Second)
		for range 10 { // more than the breaker takes
			if d := check(); d.Outcome != core.Undetermined || d.Reason != core.ReasonStorePaused || d.RetryAfter != 2*time.Second {
				t.Errorf("got %+v", d)
			}
		}
		u.reply = body(200, with(t, details[0].sample, map[string]any{"developerPayload": "", "purchaseTime": time.Now().UnixMilli()}))
		time.Sleep(2 * time.Second)
		if d := check(); !d.Granted() {
			t.Errorf("after the pause: %+v", d)
		}
		if s := gate.Stats().Stores[0].Client; s.Paused != 10 || s.Attempts != 2 || s.AccessTokens != 1 {
			t.Errorf("got %+v", s)
		}
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestADeadlineThatPassesLeavesAChangeInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}
		c := u.inProcess(t)
		for _, ch := range changes {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			err := ch.call(ctx, c, "gold", token)
			cancel()
			if !isError(err, onestore.ErrOutcomeUnknown) || !isError(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
				t.Errorf("%s: %v after %v", ch.name, err, time.Since(began))
			}
		}
	})
}
