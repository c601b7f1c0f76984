package onestoretest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestTheStoreGoesByTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inProcess(t, onestoretest.Config{Gentle: true})
		token := w.store.Buy(onestoretest.Subscription("vip"))
		w.store.CancelRenewal(token)
		time.Sleep(5*time.Minute + time.Millisecond) // the bubble's time
		if got := w.lookup(token).facts(t); got["paymentState"] != nil {
			t.Errorf("still running: %v", got)
		}
		w.store.Check(t)
	})
}

func TestFaultsTakeTheBubblesTime(t *testing.T) {
	answer := func(w *wire, r *http.Request, within time.Duration) (reply, time.Duration) {
		ctx, cancel := context.WithTimeout(w.t.Context(), within)
		defer cancel()
		begin := time.Now()
		got := w.do(r.WithContext(ctx))
		return got, time.Since(begin)
	}
	tests := []struct {
		name   string
		fault  onestoretest.Fault
		within time.Duration
		took   time.Duration
		err    error
	}{
		{"a delay", onestoretest.Fault{Delay: time.Hour}, 2 * time.Hour, time.Hour, nil},
		{"a delay beyond patience", onestoretest.Fault{Delay: time.Hour}, time.Minute, time.Minute, context.DeadlineExceeded},
		{"a hang", onestoretest.Fault{Effect: onestoretest.Hang()}, time.Minute, time.Minute, context.DeadlineExceeded},
		{"a delayed reset", onestoretest.Fault{Delay: time.Second, Effect: onestoretest.Reset()}, time.Minute, time.Second, errAny},
		{"a drip beyond patience", onestoretest.Fault{Effect: onestoretest.Drip(1, time.Second)}, 30 * time.Second, 30 * time.Second, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := inProcess(t, onestoretest.Config{Gentle: true})
				token := w.store.Buy(onestoretest.InApp("gold"))
				r := w.request("GET", w.store.LookupPath(token), "")
				w.store.Fail(tt.fault)
				got, took := answer(w, r, tt.within)
				if took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if tt.err == errAny && got.err != nil {
					return
				}
				if !errors.Is(got.err, tt.err) {
					t.Errorf("error %v, want %v", got.err, tt.err)
				}
			})
		})
	}
}

var errAny = errors.New("any error")

func TestMaxInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inProcess(t, onestoretest.Config{Gentle: true})
		token := w.store.Buy(onestoretest.InApp("gold"))
		r := w.request("GET", w.store.LookupPath(token), "")
		w.store.Fail(onestoretest.Fault{Delay: time.Second})
		for range 7 {
			go w.do(r.Clone(t.Context()))
		}
		synctest.Wait()
		if got := w.store.MaxInFlight(); got != 7 {
			t.Errorf("got %d", got)
		}
		time.Sleep(2 * time.Second) // the bubble's time
		w.store.ResetLog()
		if got := w.store.MaxInFlight(); got != 0 {
			t.Errorf("%d are still in flight", got)
		}
	})
}
