package googleplaytest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

func TestEffects(t *testing.T) {
	tests := []struct {
		name   string
		effect googleplaytest.Effect
		status int
		reason string
		body   string
		header [2]string
		err    error // in process; over TCP any error will do
		done   bool  // the request was carried out
	}{
		{name: "nothing", status: 200, done: true},
		{name: "a refusal", effect: googleplaytest.Refuse(409, "concurrentUpdate"), status: 409, reason: "concurrentUpdate"},
		{name: "a refusal without a reason", effect: googleplaytest.Refuse(400, ""), status: 400},
		{name: "an outage", effect: googleplaytest.Unavailable("2"), status: 503, reason: "backendError", header: [2]string{"Retry-After", "2"}},
		{name: "an OAuth error", effect: googleplaytest.OAuthError("invalid_grant"), status: 400, reason: "invalid_grant"},
		{name: "another OAuth error", effect: googleplaytest.OAuthError("invalid_client"), status: 401, reason: "invalid_client"},
		{name: "another answer", effect: googleplaytest.Answer(429, http.Header{"X-A": {"b"}}, "slow down"), status: 429, header: [2]string{"X-A", "b"}, body: "slow down"},
		{name: "a page", effect: googleplaytest.HTMLPage(502), status: 502, header: [2]string{"Content-Type", "text/html; charset=UTF-8"}, body: "<!DOCTYPE html>"},
		{name: "an empty body", effect: googleplaytest.Empty(200), status: 200},
		{name: "a redirect", effect: googleplaytest.Redirect(307, "http://127.0.0.1:1/"), status: 307, header: [2]string{"Location", "http://127.0.0.1:1/"}},
		{name: "a connection reset", effect: googleplaytest.Reset(), err: syscall.ECONNRESET},
		{name: "a lost answer", effect: googleplaytest.LoseAnswer(), err: syscall.ECONNRESET, done: true},
		{name: "a body and more", effect: googleplaytest.Append(`{"x":1}`), status: 200, body: `{"x":1}`, done: true},
		{name: "a long body", effect: googleplaytest.Oversize(100_000), status: 200, body: strings.Repeat(" ", 100_000), done: true},
		{name: "a dripped body", effect: googleplaytest.Drip(1, time.Millisecond), status: 200, done: true},
	}
	for _, tt := range tests {
		for _, tcp := range []bool{false, true} {
			name := tt.name + " in process"
			if tcp {
				name = tt.name + " over TCP"
			}
			t.Run(name, func(t *testing.T) {
				w := inProcess(t, googleplaytest.Config{Gentle: true})
				if tcp {
					w = overTCP(t, googleplaytest.Config{Gentle: true})
				}
				token := w.store.Buy(googleplaytest.InApp("gold"))
				w.store.Fail(googleplaytest.Fault{Op: googleplaytest.OpProductConsume, Times: 1, Effect: tt.effect})
				got := w.post(token, "consume", "")
				if (got.err != nil) != (tt.err != nil) || !tcp && !errors.Is(got.err, tt.err) {
					t.Errorf("error %v, want %v", got.err, tt.err)
				}
				if got.status != tt.status || got.reason() != tt.reason || !strings.HasPrefix(got.body, tt.body) {
					t.Errorf("got %d %q %.200q", got.status, got.reason(), got.body)
				}
				if tt.header[0] != "" && got.header.Get(tt.header[0]) != tt.header[1] {
					t.Errorf("header %v", got.header)
				}
				if got.err == nil && got.header.Get("Date") == "" {
					t.Error("no Date")
				}
				facts := w.lookup(token).facts(t) // the fault is over
				if done := facts["consumptionState"].(interface{ String() string }).String() == "1"; done != tt.done {
					t.Errorf("carried out: %v", done)
				}
			})
		}
	}
}

func TestBrokenBodies(t *testing.T) {
	for name, tt := range map[string]struct {
		effect googleplaytest.Effect
		err    error
	}{
		"a truncated body":    {googleplaytest.TruncateAt(7), io.ErrUnexpectedEOF},
		"a reset in mid-body": {googleplaytest.ResetAfter(7), syscall.ECONNRESET},
		"truncated at no end": {googleplaytest.TruncateAt(1_000_000), nil},
		"a slow body":         {googleplaytest.Drip(64, time.Millisecond), nil},
	} {
		for _, w := range []*wire{inProcess(t, googleplaytest.Config{Gentle: true}), overTCP(t, googleplaytest.Config{Gentle: true})} {
			token := w.store.Buy(googleplaytest.InApp("gold"))
			w.store.Fail(googleplaytest.Fault{Op: googleplaytest.OpProductGet, Effect: tt.effect})
			got := w.lookup(token)
			if (got.err != nil) != (tt.err != nil) || w.base == anyHost && !errors.Is(got.err, tt.err) {
				t.Errorf("%s at %s: %v", name, w.base, got.err)
			}
		}
	}
}

func TestWhichRequestsAFaultMeets(t *testing.T) {
	w := inProcess(t, googleplaytest.Config{Gentle: true})
	a, b := w.store.Buy(googleplaytest.InApp("gold")), w.store.Buy(googleplaytest.Subscription("vip"))
	broken := googleplaytest.Refuse(500, "backendError")
	for _, tt := range []struct {
		name   string
		faults []googleplaytest.Fault
		asked  []string
		want   []int
	}{
		{"one endpoint", []googleplaytest.Fault{{Op: googleplaytest.OpSubscriptionGet, Effect: broken}}, []string{a, b, a, b}, []int{200, 500, 200, 500}},
		{"one purchase token", []googleplaytest.Fault{{Token: a, Effect: broken}}, []string{a, b, a}, []int{500, 200, 500}},
		{"every third", []googleplaytest.Fault{{Token: a, Every: 3, Effect: broken}}, []string{a, a, a, a, a, a}, []int{200, 200, 500, 200, 200, 500}},
		{"one after the other", []googleplaytest.Fault{{Token: a, Times: 1, Effect: broken}, {Token: a, Times: 1, Effect: googleplaytest.Empty(204)}}, []string{a, a, a}, []int{500, 204, 200}},
	} {
		w.store.Fail(tt.faults...)
		for i, token := range tt.asked {
			if got := w.lookup(token).status; got != tt.want[i] {
				t.Errorf("%s: request %d got %d, want %d", tt.name, i, got, tt.want[i])
			}
		}
		w.store.Clear()
	}
	r := w.request("GET", w.store.LookupPath(a), "")
	w.store.Down(true)
	if got := w.do(r.Clone(t.Context())); got.status != 503 {
		t.Errorf("down: %d", got.status)
	}
	w.store.Down(false)
	if got := w.do(r); got.status != 200 {
		t.Errorf("up again: %d", got.status)
	}
}

func TestFaultsAndLivesTakeTheBubblesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inProcess(t, googleplaytest.Config{Gentle: true})
		token := w.store.Buy(googleplaytest.Subscription("vip"), googleplaytest.Acknowledged())
		w.store.CancelRenewal(token)
		time.Sleep(30*day + time.Millisecond) // the bubble's time
		if got := w.subscription(token).SubscriptionState; got != "SUBSCRIPTION_STATE_EXPIRED" {
			t.Errorf("still %s", got)
		}
		r := w.request("GET", w.store.LookupPath(token), "")
		w.store.Fail(googleplaytest.Fault{Delay: time.Hour, Effect: googleplaytest.Hang()})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		began := time.Now()
		if got := w.do(r.WithContext(ctx)); !errors.Is(got.err, context.DeadlineExceeded) || time.Since(began) != 2*time.Hour {
			t.Errorf("%v after %v", got.err, time.Since(began))
		}
		if w.store.MaxInFlight() != 1 {
			t.Errorf("%d at once", w.store.MaxInFlight())
		}
	})
}

func TestListenOnLoopbackOnlyAndOnce(t *testing.T) {
	s := googleplaytest.New(googleplaytest.Config{})
	if err := s.Close(); err != nil || s.URL() != "" {
		t.Errorf("a store that never listened: %v, %q", err, s.URL())
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		if _, err := s.Listen(address); err == nil {
			t.Errorf("%s was taken", address)
		}
	}
	url, err := s.Listen("127.0.0.1:0")
	if err != nil || url != s.URL() || !strings.Contains(string(s.ServiceAccountKey()), url+"/token") {
		t.Errorf("%q, %v", url, err)
	}
	if _, err := s.Listen("127.0.0.1:0"); err == nil {
		t.Error("it listens twice")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestEverythingAtOnce(t *testing.T) {
	w := overTCP(t, googleplaytest.Config{KeepUnacknowledged: true})
	token := w.store.Buy(googleplaytest.Subscription("vip"))
	r := w.request("GET", w.store.LookupPath(token), "")
	list := w.request("GET", apps+"voidedpurchases", "")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				w.do(r.Clone(t.Context())).facts(t)
				w.do(list.Clone(t.Context()))
			}
		})
	}
	wg.Go(func() {
		for range 25 {
			w.store.Advance(time.Second)
			w.store.Edit(token, func(f map[string]any) { f["x"] = 1 })
			w.store.Fail(googleplaytest.Fault{Token: token, Times: 1})
			w.store.Refund(w.store.Buy(googleplaytest.InApp("gold")))
			w.store.Requests()
		}
	})
	wg.Wait()
	if got := w.store.Lookups(token); got != 100 {
		t.Errorf("counted %d", got)
	}
	w.store.ResetLog()
	if len(w.store.Requests()) != 0 || w.store.TokenCalls() != 0 || w.store.MaxInFlight() != 0 {
		t.Error("the log was not reset")
	}
}
