package onestoretest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestEffects(t *testing.T) {
	const whole = `{"result":{"code":"Success","message":"Request has been completed successfully."}}`
	tests := []struct {
		name   string
		effect onestoretest.Effect
		status int
		body   string
		header [2]string
		err    error // in process; over TCP any error will do
		done   bool  // the request was carried out
	}{
		{name: "nothing", status: 200, body: whole, done: true},
		{name: "a standard error", effect: onestoretest.StandardError("AccessBlocked"), status: 403,
			body: `{"error":{"code":"AccessBlocked","message":"The request was blocked."}}`},
		{name: "maintenance", effect: onestoretest.Maintenance("2"), status: 503, header: [2]string{"Retry-After", "2"},
			body: `{"error":{"code":"ServiceMaintenance","message":"System maintenance is in progress."}}`},
		{name: "an OAuth error", effect: onestoretest.OAuthError("invalid_client"), status: 401, body: `{"error":"invalid_client"}`},
		{name: "another answer", effect: onestoretest.Answer(429, http.Header{"X-A": {"b"}}, "slow down"), status: 429,
			header: [2]string{"X-A", "b"}, body: "slow down"},
		{name: "an HTML page", effect: onestoretest.HTMLPage(502), status: 502, header: [2]string{"Content-Type", "text/html;charset=iso-8859-1"},
			body: "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>Bad Gateway</title>\n</head><body>\n<h1>Bad Gateway</h1>\n</body></html>\n"},
		{name: "an empty body", effect: onestoretest.Empty(200), status: 200},
		{name: "a redirect", effect: onestoretest.Redirect(307, "http://127.0.0.1:1/"), status: 307, header: [2]string{"Location", "http://127.0.0.1:1/"}},
		{name: "a connection reset", effect: onestoretest.Reset(), err: syscall.ECONNRESET},
		{name: "a lost answer", effect: onestoretest.LoseAnswer(), err: syscall.ECONNRESET, done: true},
		{name: "a reset in mid-body", effect: onestoretest.ResetAfter(7), status: 200, err: syscall.ECONNRESET, done: true},
		{name: "a truncated body", effect: onestoretest.TruncateAt(7), status: 200, body: `{"resul`, err: io.ErrUnexpectedEOF, done: true},
		{name: "a body truncated to nothing", effect: onestoretest.TruncateAt(0), status: 200, err: io.ErrUnexpectedEOF, done: true},
		{name: "a body truncated beyond its end", effect: onestoretest.TruncateAt(1000), status: 200, body: whole, done: true},
		{name: "a dripped body", effect: onestoretest.Drip(40, time.Millisecond), status: 200, body: whole, done: true},
		{name: "a body and more", effect: onestoretest.Append(`{"x":1}`), status: 200, body: whole + `{"x":1}`, done: true},
		{name: "a long body", effect: onestoretest.Oversize(100_000), status: 200, body: whole + strings.Repeat(" ", 100_000), done: true},
	}
	for _, tt := range tests {
		for _, tcp := range []bool{false, true} {
			name := tt.name + " in process"
			if tcp {
				name = tt.name + " over TCP"
			}
			t.Run(name, func(t *testing.T) {
				w := inProcess(t, onestoretest.Config{Gentle: true})
				if tcp {
					w = overTCP(t, onestoretest.Config{Gentle: true})
				}
				token := w.store.Buy(onestoretest.InApp("gold"))
				w.store.Fail(onestoretest.Fault{Op: onestoretest.OpConsumePurchase, Times: 1, Effect: tt.effect})
				got := w.post(token, "inapp", "consume", "")
				if (got.err != nil) != (tt.err != nil) || !tcp && !errors.Is(got.err, tt.err) {
					t.Errorf("error %v, want %v", got.err, tt.err)
				}
				// A reset may swallow what came before it.
				if swallowed := tcp && tt.err == syscall.ECONNRESET; !swallowed && got.status != tt.status {
					t.Errorf("status %d, want %d", got.status, tt.status)
				}
				if tt.err != syscall.ECONNRESET && got.body != tt.body {
					t.Errorf("body %.200q, want %.200q", got.body, tt.body)
				}
				if tt.header[0] != "" && got.header.Get(tt.header[0]) != tt.header[1] {
					t.Errorf("header %v", got.header)
				}
				if got.err == nil && got.header.Get("Date") == "" {
					t.Error("no Date")
				}
				if done := w.store.Facts(token)["consumptionState"] == int64(1); done != tt.done {
					t.Errorf("carried out: %v", done)
				}
				w.lookup(token).facts(t) // the fault is over
			})
		}
	}
}

func TestWhichRequestsAFaultMeets(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true})
	a, b := w.store.Buy(onestoretest.InApp("gold")), w.store.Buy(onestoretest.Subscription("vip"))
	broken := onestoretest.StandardError("InternalError")
	statuses := func(tokens ...string) (got []int) {
		for _, token := range tokens {
			got = append(got, w.lookup(token).status)
		}
		return got
	}
	tests := []struct {
		name   string
		faults []onestoretest.Fault
		asked  []string
		want   []int
	}{
		{"one endpoint", []onestoretest.Fault{{Op: onestoretest.OpSubscriptionDetail, Effect: broken}}, []string{a, b, a, b}, []int{200, 500, 200, 500}},
		{"one purchase token", []onestoretest.Fault{{Token: a, Effect: broken}}, []string{a, b, a}, []int{500, 200, 500}},
		{"the next two", []onestoretest.Fault{{Token: a, Times: 2, Effect: broken}}, []string{a, a, a}, []int{500, 500, 200}},
		{"every third", []onestoretest.Fault{{Token: a, Every: 3, Effect: broken}}, []string{a, a, a, a, a, a}, []int{200, 200, 500, 200, 200, 500}},
		{"every second, once", []onestoretest.Fault{{Token: a, Every: 2, Times: 1, Effect: broken}}, []string{a, a, a, a}, []int{200, 500, 200, 200}},
		{"one after the other", []onestoretest.Fault{{Token: a, Times: 1, Effect: broken}, {Token: a, Times: 1, Effect: onestoretest.Empty(204)}},
			[]string{a, a, a}, []int{500, 204, 200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.store.Fail(tt.faults...)
			got := statuses(tt.asked...)
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("got %v, want %v", got, tt.want)
					break
				}
			}
			w.store.Clear()
			if got := statuses(a, b); got[0] != 200 || got[1] != 200 {
				t.Errorf("after Clear: %v", got)
			}
		})
	}
}

func TestDown(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true})
	token := w.store.Buy(onestoretest.InApp("gold"))
	r := w.request("GET", w.store.LookupPath(token), "")
	w.store.Down(true)
	for _, got := range []reply{w.do(w.tokenRequest(w.form().Encode())), w.do(r.Clone(t.Context()))} {
		if got.status != 503 || got.code() != "ServiceMaintenance" {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
	w.store.Down(false)
	if got := w.do(r); got.status != 200 {
		t.Errorf("got %d", got.status)
	}
}

func TestAHangingRequestEndsWithItsClient(t *testing.T) {
	w := overTCP(t, onestoretest.Config{Gentle: true})
	token := w.store.Buy(onestoretest.InApp("gold"))
	r := w.request("GET", w.store.LookupPath(token), "")
	w.store.Fail(onestoretest.Fault{Effect: onestoretest.Hang()})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if got := w.do(r.WithContext(ctx)); !errors.Is(got.err, context.DeadlineExceeded) {
		t.Errorf("got %+v", got)
	}
}

func TestCloseEndsHangingRequests(t *testing.T) {
	arrived := make(chan struct{}, 100) // every request reads the clock when it arrives
	w := overTCP(t, onestoretest.Config{Gentle: true, Now: func() time.Time {
		arrived <- struct{}{}
		return start
	}})
	token := w.store.Buy(onestoretest.InApp("gold"))
	hang, wait := w.request("GET", w.store.LookupPath(token), ""), w.request("GET", w.store.LookupPath(token), "")
	w.store.Fail(
		onestoretest.Fault{Times: 1, Effect: onestoretest.Hang()},
		onestoretest.Fault{Delay: time.Hour},
	)
	for len(arrived) > 0 {
		<-arrived
	}
	errs := make(chan error)
	for _, r := range []*http.Request{hang, wait} {
		go func() { errs <- w.do(r).err }()
		<-arrived
	}
	if err := w.store.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-errs; err == nil {
			t.Error("a request was answered")
		}
	}
}

func TestListenOnLoopbackOnlyAndOnce(t *testing.T) {
	s := onestoretest.New(onestoretest.Config{})
	if err := s.Close(); err != nil || s.URL() != "" {
		t.Errorf("a store that never listened: %v, %q", err, s.URL())
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		if _, err := s.Listen(address); err == nil {
			t.Errorf("%s was taken", address)
		}
	}
	url, err := s.Listen("127.0.0.1:0")
	if err != nil || url != s.URL() {
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
