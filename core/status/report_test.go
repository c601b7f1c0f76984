package status_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/status"
)

func TestAReportTellsWhatHappenedSinceThePageWasMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := shop()
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 2, OpenFor: 10 * time.Second}}, store)
		gate.Check(t.Context(), skin, by("alice", "skin-1")) // before the page
		page := newPage(t, status.Config{Gate: gate, Title: "eu-1", Requirements: []core.Requirement{look, skin}})
		began := time.Now()
		for range 3 {
			gate.Check(t.Context(), skin, by("alice", "skin-1")) // from memory
		}
		gate.Check(t.Context(), look, by("alice", "skin-2")) // from the store
		gate.Check(t.Context(), skin, by("bob", "skin-1"))
		gate.Check(t.Context(), skin, by("bob", "none-1"))
		gate.Check(t.Context(), skin, by("bob", ""))
		time.Sleep(time.Minute)

		r := report(t, page)
		if r.Title != "eu-1" || !r.From.Equal(began) || r.At.Sub(r.From) != time.Minute || r.Granted != 4 || r.Denied != 3 || r.Undetermined != 0 || r.Decisions() != 7 {
			t.Errorf("got %+v", r)
		}
		if r.HitRatio == nil || *r.HitRatio != 4.0/6 { // no token rests on no facts
			t.Errorf("the hit ratio is %v", *r.HitRatio)
		}
		if got, want := fmt.Sprint(r.DeniedFor), "[{account_mismatch 1} {not_found 1} {token_missing 1}]"; got != want {
			t.Errorf("denied for %s, want %s", got, want)
		}
		if len(r.Products) != 1 || r.Products[0].Product != "skin" || r.Products[0].Store != "shop" || r.Products[0].Granted != 4 || r.Products[0].Denied != 3 {
			t.Errorf("the products are %+v", r.Products)
		}
		if len(r.Requirements) != 2 || r.Requirements[0].Name != "look" || r.Requirements[0].Mode != "normal" {
			t.Errorf("the requirements are %+v", r.Requirements)
		}
		s := r.Stores[0]
		if s.Store != "shop" || s.Calls != 2 || s.Found != 1 || s.NotFound != 1 || s.Breaker != "closed" || len(s.Spans) != 1 || s.Purchases != 2 || s.Refusals != 1 {
			t.Errorf("the store is %+v", s)
		}
	})
}

func TestAReportTellsOfABreakerForAsLongAsThePageLooksBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := shop()
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 2, OpenFor: time.Second}}, store)
		page := newPage(t, status.Config{Gate: gate, Minutes: 5})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := page.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		check := func(i int) { gate.Check(t.Context(), skin, by("alice", fmt.Sprint("none-", i))) }
		time.Sleep(30 * time.Second)
		store.Otherwise(func(context.Context, core.Product, string) (*core.Purchase, error) {
			time.Sleep(200 * time.Millisecond)
			return nil, errors.New("no route")
		})
		for i := range 60 { // far more changes than core remembers
			check(i)
			time.Sleep(900 * time.Millisecond)
		}
		store.Otherwise(nil)
		time.Sleep(2 * time.Second)
		check(1000)
		time.Sleep(10 * time.Second)

		r := report(t, page)
		s := r.Stores[0]
		if first, last := s.Spans[0], s.Spans[len(s.Spans)-1]; first.State != "closed" || first.To.Sub(first.From) < 30*time.Second || last.State != "closed" || !last.To.Equal(r.At) {
			t.Errorf("the breaker was first %+v and last %+v", first, last)
		}
		if s.BreakerOpened < 20 || len(s.Spans) < 2*int(s.BreakerOpened) {
			t.Errorf("there are %d spans, and it opened %d times", len(s.Spans), s.BreakerOpened)
		}
		for i, span := range s.Spans {
			if span.State == "unknown" || !span.To.After(span.From) || i > 0 && (!s.Spans[i-1].To.Equal(span.From) || s.Spans[i-1].State == span.State) {
				t.Fatalf("span %d is %+v, after %+v", i, span, s.Spans[max(i, 1)-1])
			}
		}
		if len(r.UndeterminedFor) != 2 || r.UndeterminedFor[0].Count < r.UndeterminedFor[1].Count {
			t.Errorf("undetermined for %+v", r.UndeterminedFor)
		}
		time.Sleep(6 * time.Minute) // and it is forgotten in time
		if r := report(t, page); r.Decisions() != 0 || r.HitRatio != nil || len(r.Stores[0].Spans) != 1 || r.At.Sub(r.From) > 5*time.Minute+5*time.Second {
			t.Errorf("much later there are still %d decisions, from %v on", r.Decisions(), r.From)
		}
		stop()
		running.Wait()
	})
}

func TestWithoutRunThePageKnowsWhenTheBreakerChangedTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := shop()
		gate := open(t, core.Config{Guard: core.Guard{TripAfter: 1, OpenFor: time.Second}}, store)
		page := newPage(t, status.Config{Gate: gate})
		store.Down(errors.New("no route"))
		for i := range 40 {
			gate.Check(t.Context(), skin, by("alice", fmt.Sprint("none-", i)))
			time.Sleep(time.Second)
		}
		r := report(t, page)
		if s := r.Stores[0].Spans[0]; s.State != "unknown" || !s.From.Equal(r.From) {
			t.Errorf("the first span is %+v", s)
		}
		has(t, html(t, send(page, http.MethodGet, "/", nil)), "changed too often", "Opened ")
	})
}

func TestIntervalsAddUpAndAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := open(t, core.Config{}, shop())
		page := newPage(t, status.Config{Gate: gate, Minutes: 1})
		for range 500 { // views in any number
			gate.Check(t.Context(), skin, by("alice", "skin-1"))
			r := report(t, page)
			if len(r.Intervals) > 122 {
				t.Fatalf("there are %d intervals", len(r.Intervals))
			}
			var sum status.Outcomes
			for i, v := range r.Intervals {
				if i > 0 && !v.From.Equal(r.Intervals[i-1].To) || v.To.Before(v.From) {
					t.Fatalf("interval %d is from %v to %v", i, v.From, v.To)
				}
				sum.Granted += v.Granted
				sum.Denied += v.Denied
			}
			if sum != r.Outcomes {
				t.Fatalf("the intervals add up to %+v, the report has %+v", sum, r.Outcomes)
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Hour) // nobody looks: what happened since the last view is told
		gate.Check(t.Context(), skin, by("alice", "skin-1"))
		r := report(t, page)
		if r.Granted < 1 || r.Granted > 6 || r.At.Sub(r.From) < time.Hour { // one, and those after the last that was remembered
			t.Errorf("after an hour without a view there are %d from %v to %v", r.Granted, r.From, r.At)
		}
	})
}

func TestAReportTellsHowLongTheStoreTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := shop()
		gate := open(t, core.Config{UnknownTokens: core.UnknownTokens{Burst: -1}}, store)
		page := newPage(t, status.Config{Gate: gate})
		for i := range 100 {
			store.Answer(skin, fmt.Sprint("none-", i), func(context.Context, core.Product, string) (*core.Purchase, error) {
				time.Sleep([]time.Duration{20, 20, 20, 20, 20, 20, 20, 20, 90, 800}[i%10] * time.Millisecond)
				return nil, &core.StoreError{Fault: core.FaultNotFound}
			})
			gate.Check(t.Context(), skin, by("alice", fmt.Sprint("none-", i)))
		}
		l := report(t, page).Stores[0].Latency
		if l.P50 != 25*time.Millisecond || l.P95 != time.Second || l.Mean != (8*20+90+800)*time.Millisecond/10 {
			t.Errorf("got %v, %v, %v", l.Mean, l.P50, l.P95)
		}
		var sum uint64
		for _, b := range l.Buckets {
			sum += b.Count
		}
		if last := l.Buckets[len(l.Buckets)-1]; sum != 100 || last.UpTo != 0 {
			t.Errorf("the buckets are %+v", l.Buckets)
		}
	})
}

func TestAReportTellsWhoWasLetInOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := shop()
		gate := open(t, core.Config{Override: func(_ context.Context, account string, _ core.Requirement) core.Outcome {
			if account == "tester" {
				return core.Granted
			}
			return core.Undetermined
		}}, store)
		page := newPage(t, status.Config{Gate: gate, Minutes: 1440, Requirements: []core.Requirement{skin}})
		check := func(account string) { gate.Check(t.Context(), skin, by(account, "skin-1")) }
		check("alice")
		check("tester")
		store.Down(errors.New("no route"))
		time.Sleep(5*time.Minute + time.Second)
		check("alice") // due
		synctest.Wait()
		time.Sleep(5 * time.Minute)
		check("alice")
		if err := gate.SetMode(skin, core.Shadow()); err != nil {
			t.Fatal(err)
		}
		check("bob")
		if err := gate.SetMode(skin, core.HoldOpen(time.Now().Add(24*time.Hour))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(7 * time.Hour)
		check("alice")
		r := report(t, page)
		if want := (status.Lenient{Stale: 1, Outage: 1, HeldOpen: 1, Override: 1, Shadow: 1}); r.Lenient != want {
			t.Errorf("got %+v, want %+v", r.Lenient, want)
		}
		if q := r.Requirements[0]; q.Mode != "hold_open" || q.Until.IsZero() {
			t.Errorf("the mode is %+v", q)
		}
	})
}

func TestAReportTellsWhatWorkersDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := open(t, core.Config{Outbox: core.NewMemoryOutbox()}, shop())
		page := newPage(t, status.Config{Gate: gate})
		work := gate.Work("voids")
		work.Promise(time.Minute)
		ended := work.Begin()
		if w := report(t, page).Workers[0]; !w.Running || w.Runs != 0 {
			t.Errorf("at work: %+v", w)
		}
		has(t, html(t, send(page, http.MethodGet, "/", nil)), "running, for 0 s")
		time.Sleep(2 * time.Second)
		ended(&core.StoreError{Reason: core.ReasonBreakerOpen})
		gate.FoundDebts(core.DebtsFound{At: time.Now(), Overdue: 2})
		time.Sleep(time.Minute)
		r := report(t, page)
		if w := r.Workers[0]; w.Name != "voids" || w.Every != time.Minute || w.Runs != 1 || w.Failed != 1 || w.Took != 2*time.Second || w.Fault != "breaker_open" || w.Running {
			t.Errorf("got %+v", w)
		}
		if r.Outbox.Overdue != 2 || !r.Outbox.LookedAt.Equal(time.Now().Add(-time.Minute)) {
			t.Errorf("got %+v", r.Outbox)
		}
		has(t, words(t, page, nil), "2 purchases near their deadline", "Look voids: the last run failed: breaker_open", "last success never", "as of 1 min ago")
	})
}

func TestEveryStoreIsToldInTheOrderOfTheConfiguration(t *testing.T) {
	gate := open(t, core.Config{}, gatetest.NewStore("b"), gatetest.NewStore("a"))
	r := report(t, newPage(t, status.Config{Gate: gate}))
	if len(r.Stores) != 2 || r.Stores[0].Store != "b" || r.Stores[1].Store != "a" {
		t.Errorf("the stores are %+v", r.Stores)
	}
}
