package core_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

func TestBackgroundWorkIsShownAsItWent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := open(t, core.Config{}, newStore(sells(skin)))
		work := gate.Work("voids")
		gate.Work("sweep")
		shown := func() core.WorkStats {
			t.Helper()
			s := gate.Stats().Workers
			if len(s) != 2 || s[0].Name != "voids" || s[1] != (core.WorkStats{Name: "sweep"}) {
				t.Fatalf("the workers are %+v", s)
			}
			return s[0]
		}
		first := time.Now()
		work.Promise(time.Minute)
		ended := work.Begin()
		if got, want := shown(), (core.WorkStats{Name: "voids", Every: time.Minute, Running: true, Began: first}); got != want {
			t.Errorf("under way: %+v, want %+v", got, want)
		}
		other := gate.Work("voids").Begin() // of another worker, at the same time
		time.Sleep(time.Second)
		ended(nil)
		if s := shown(); !s.Running || s.Runs != 1 {
			t.Errorf("one of two has ended: %+v", s)
		}
		other(nil)
		succeeded := time.Now()
		time.Sleep(time.Minute)
		for _, c := range []struct {
			err   error
			fault string
		}{
			{errors.New("shop: broken"), "error"},
			{fmt.Errorf("shop: %w", context.Canceled), "canceled"},
			{fmt.Errorf("shop: %w", context.DeadlineExceeded), "deadline_exceeded"},
			{errors.Join(errors.New("first"), &core.StoreError{Reason: core.ReasonBreakerOpen}), string(core.ReasonBreakerOpen)},
			{&core.StoreError{Fault: core.FaultMisconfigured}, string(core.ReasonUpstreamMisconfigured)},
		} {
			began := time.Now()
			ended := work.Begin()
			time.Sleep(time.Second)
			ended(c.err)
			s := shown()
			if s.Fault != c.fault || s.Running || s.Took != time.Second || !s.Began.Equal(began) || !s.Succeeded.Equal(succeeded) {
				t.Errorf("after %v: %+v", c.err, s)
			}
		}
		work.Promise(-1)
		work.Begin()(nil)
		if s := shown(); s.Fault != "" || s.Runs != 8 || s.Failed != 5 || s.Every != 0 {
			t.Errorf("in the end: %+v", s)
		}
	})
}

func TestWorkOfAGateThatWasNotMade(t *testing.T) {
	var gate *core.Gate
	gate.FoundDebts(core.DebtsFound{Overdue: 1})
	work := gate.Work("voids")
	work.Promise(time.Minute)
	work.Begin()(errors.New("broken"))
	if s := gate.Stats(); len(s.Workers) != 0 || s.Outbox != (core.OutboxStats{}) {
		t.Errorf("%+v", s)
	}
}
