package googleplay_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// once answers first, and every later request with then.
func once(first, then http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			first(w, r)
			return
		}
		then(w, r)
	}
}

func TestWhatMayPassIsAskedAgain(t *testing.T) { // rows 79 and 80
	lose := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"purchaseState":0`)
	}
	for name, tc := range map[string]struct {
		first http.HandlerFunc
		times int
	}{
		"409":                     {apiError(409, "concurrentUpdate", "x"), 2},
		"429":                     {apiError(429, "rateLimitExceeded", "x"), 2},
		"500":                     {apiError(500, "backendError", "x"), 2},
		"a page with 502":         {body(502, "<html>"), 2},
		"nothing with 503":        {body(503, ""), 2},
		"408":                     {body(408, ""), 2},
		"a page with 429":         {body(429, "<html>"), 2},
		"a lost answer":           {lose, 2},
		"half a body":             {cut, 2},
		"a page with 409":         {body(409, "<html>"), 1},
		"a quota":                 {apiError(403, "quotaExceeded", "x"), 1},
		"a quota for the minute":  {apiError(403, "rateLimitExceeded", "x"), 1},
		"no rights":               {apiError(403, "userInsufficientPermission", "x"), 1},
		"no such purchase":        {apiError(404, "notFound", "x"), 1},
		"no token":                {apiError(400, "invalidValue", "x"), 1},
		"a page with 404":         {body(404, "<html>"), 1},
		"a redirect":              {body(302, ""), 1},
		"an odd success":          {body(200, "{}"), 1},
		"a body too long":         {body(200, strings.Repeat(" ", 1<<20+1)), 1},
		"503 that names its time": {retryAfter(503, "2"), 1},
	} {
		for _, d := range reads {
			u := &upstream{t: t, reply: once(tc.first, body(200, d.sample))}
			c := u.listen(t)
			_, err := d.call(t.Context(), c, "gold", token)
			if u.count() != tc.times || (err == nil) != (tc.times == 2) {
				t.Errorf("%s, %s: asked %d times, %v", d.name, name, u.count(), err)
			}
			want := core.ClientStats{Attempts: uint64(tc.times), Retries: uint64(tc.times - 1), AccessTokens: 1}
			if got := c.ClientStats(); got.Attempts != want.Attempts || got.Retries != want.Retries || got.AccessTokens != 1 {
				t.Errorf("%s, %s: counted %+v, want %+v", d.name, name, got, want)
			}
		}
	}
}

func TestAnOutageIsNotMadeWorseByRetries(t *testing.T) { // row 8 of the fault matrix
	for name, failure := range map[string]http.HandlerFunc{
		"409": apiError(409, "concurrentUpdate", "x"), "429": apiError(429, "", "x"), "500": apiError(500, "", "x"), "a page": body(502, "<html>"),
	} {
		for _, rate := range []float64{0.3, 1} {
			synctest.Test(t, func(t *testing.T) {
				u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
					if rand.Float64() < rate {
						failure(w, r)
						return
					}
					body(200, productSample)(w, r)
				}}
				c := u.inProcess(t)
				const n = 1000
				for range n {
					_, err := c.Lookup(t.Context(), googleplay.InApp("gold"), token)
					var se *core.StoreError
					if errors.As(err, &se) && se.Fault != core.FaultUnavailable {
						t.Fatalf("a failing store says no: %v", err)
					}
				}
				s := c.ClientStats()
				if retried := u.count() - n; retried > n/10 || retried < 80 || s != (core.ClientStats{Attempts: uint64(u.count()), Retries: uint64(retried), AccessTokens: 1}) {
					t.Errorf("%s at %v: %d retries, %+v", name, rate, retried, s)
				}
			})
		}
	}
}

// The access token's fetch has a pause of its own; waiting here could not bring another.
func TestAFailedFetchOfTheTokenIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := googleplaytest.New(googleplaytest.Config{})
		fake.Fail(googleplaytest.Fault{Op: googleplaytest.OpAccessToken, Effect: googleplaytest.Reset()})
		c := clientOf(t, fake)
		began := time.Now()
		lookup(t, c, googleplay.InApp("gold"))
		if n := fake.Count(googleplaytest.OpAccessToken); n != 1 || !time.Now().Equal(began) || c.ClientStats() != (core.ClientStats{AccessTokens: 1}) {
			t.Errorf("%d token calls after %v, %+v", n, time.Since(began), c.ClientStats())
		}
	})
}

func TestTheCallersDeadlineHoldsForRetriesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: apiError(500, "backendError", "x")}
		c := u.inProcess(t)
		for _, tc := range []struct {
			limit time.Duration
			times int
		}{{50 * time.Millisecond, 1}, {75 * time.Millisecond, 1}, {time.Second, 2}} {
			before := u.count()
			ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
			began := time.Now()
			_, err := c.ProductPurchase(ctx, "gold", token)
			cancel()
			if after := u.count(); after-before != tc.times || time.Since(began) > tc.limit || err == nil {
				t.Errorf("within %v: asked %d times, took %v: %v", tc.limit, after-before, time.Since(began), err)
			}
		}
	})
}

func retryAfter(status int, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", value)
		apiError(status, map[int]string{403: "quotaExceeded"}[status], "x")(w, r)
	}
}

func TestTheStoreIsLeftAloneWhenItAsksForIt(t *testing.T) { // row 7 of the fault matrix
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		pause  time.Duration // 0: none
	}{
		"503 for 2 s":                 {retryAfter(503, "2"), 2 * time.Second},
		"429 for 2 s":                 {retryAfter(429, "2"), 2 * time.Second},
		"a quota for 2 s":             {retryAfter(403, "2"), 2 * time.Second},
		"503 for 30 years":            {retryAfter(503, "1000000000"), time.Minute},
		"503 for 0 s":                 {retryAfter(503, "0"), 0},
		"503 without a time":          {apiError(503, "", "x"), 0},
		"500 for 2 s":                 {retryAfter(500, "2"), 0},
		"no such purchase, and in 2s": {retryAfter(404, "2"), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			u := &upstream{t: t, reply: tc.answer}
			c := u.inProcess(t)
			lookup(t, c, googleplay.InApp("gold"))
			asked, end := u.count(), time.Now().Add(tc.pause)
			if tc.pause == 0 {
				end = time.Time{}
			}
			if got := c.ClientStats().PausedUntil; !got.Equal(end) {
				t.Errorf("%s: paused until %v, want %v", name, got, end)
			}
			u.reply = body(200, productSample)
			for left := tc.pause; left > 0; left -= tc.pause / 4 {
				se := lookup(t, c, googleplay.InApp("gold"))
				var e *googleplay.Error
				if se.Reason != core.ReasonStorePaused || se.Fault != core.FaultUnavailable || se.RetryAfter != left ||
					!errors.As(se, &e) || e.Op != "purchases.products.get" || !isError(se, googleplay.ErrPaused) {
					t.Fatalf("%s, %v before the end: %+v", name, left, se)
				}
				for _, ch := range changes { // all callers, and nothing is in doubt
					if err := ch.call(t.Context(), c, token); !isError(err, googleplay.ErrPaused) || isError(err, googleplay.ErrOutcomeUnknown) {
						t.Fatalf("%s, %s: %v", name, ch.name, err)
					}
				}
				if _, err := list(t.Context(), c, googleplay.Window{}); !isError(err, googleplay.ErrPaused) {
					t.Fatalf("%s, a list: %v", name, err)
				}
				time.Sleep(tc.pause / 4)
			}
			if u.count() != asked {
				t.Errorf("%s: %d requests during the pause", name, u.count()-asked)
			}
			if _, err := c.Lookup(t.Context(), googleplay.InApp("gold"), token); err != nil {
				t.Errorf("%s, afterwards: %v", name, err)
			}
		})
	}
}

// A change that reached no store cannot have been made.
func TestACallThatReachedNoStoreWasNotDone(t *testing.T) {
	c := client(t, config("http://127.0.0.1:1"))
	for _, ch := range changes {
		if err := ch.call(t.Context(), c, token); err == nil || isError(err, googleplay.ErrOutcomeUnknown) || isError(err, googleplay.ErrNotDone) {
			t.Errorf("%s: %v", ch.name, err)
		}
	}
}

// A repeated page counts towards Google's limits like any other.
func TestARepeatedPageTakesATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: apiError(500, "backendError", "x")}
		c := u.inProcess(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 15 {
			_, _ = list(ctx, c, googleplay.Window{})
		}
		if u.count() != 15 {
			t.Errorf("%d calls at once, want 15", u.count())
		}
	})
}

func TestAWindowGoesByTheStoresClock(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"a local clock that is ahead": 2 * time.Hour, "one that is behind": -2 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			theirs := func() time.Time { return time.Now().Add(-ahead).UTC() }
			u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", theirs().Format(http.TimeFormat))
				body(200, "{}")(w, r)
			}}
			c := u.inProcess(t)
			if _, err := list(t.Context(), c, googleplay.Window{}); err != nil { // shows the clock
				t.Fatal(err)
			}
			ask := func(w googleplay.Window) (start, end string) {
				t.Helper()
				if _, err := list(t.Context(), c, w); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				q := u.requests[u.count()-1].URL.Query()
				return q.Get("startTime"), q.Get("endTime")
			}
			now := theirs()
			if start, end := ask(googleplay.Window{Start: now.Add(time.Hour), End: now.Add(2 * time.Hour)}); start != itoa(now.Add(-time.Minute).UnixMilli()) || end != "" {
				t.Errorf("%s, a window in the future: %s to %s", name, start, end)
			}
			begin, stop := now.Add(-3*time.Hour), now.Add(-90*time.Minute)
			if start, end := ask(googleplay.Window{Start: begin, End: stop}); start != itoa(begin.UnixMilli()) || end != itoa(stop.UnixMilli()) {
				t.Errorf("%s, a window in the past: %s to %s", name, start, end)
			}
			if _, err := list(t.Context(), c, googleplay.Window{Start: now.Add(-30*24*time.Hour - time.Minute)}); !isError(err, googleplay.ErrInvalidArgument) {
				t.Errorf("%s, more than 30 days ago: %v", name, err)
			}
		})
	}
}
