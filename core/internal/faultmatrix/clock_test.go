package faultmatrix_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestRow33AClockThatIsWrongByTenMinutes(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		t.Run(fmt.Sprint("the store's is ahead by ", skew), func(t *testing.T) {
			t.Parallel()
			fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
				s.Sim.Advance(skew)
				forever := s.Buy(fm.Skin, fm.Player(0))
				s.Warm(forever)
				// An end by the store's clock is minutes away from the same end by ours.
				k, _ := s.BuyFor(fm.VIP, fm.Player(1), 2500*time.Millisecond)
				begin := time.Now()
				s.Expect("inside the period", []fm.Check{s.Get(k)}, fm.G)
				time.Sleep(time.Until(begin.Add(4 * time.Second))) // the Date of the store has whole seconds
				s.Expect("after it", []fm.Check{s.Get(k)}, fm.D)
				s.Expect("what does not end", []fm.Check{s.Get(forever)}, fm.G)
			}})
		})
	}
	t.Run("shows in the metrics", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
			s.Sim.Advance(10 * time.Minute)
			s.Warm(s.Players(1, fm.VIP)...)
			m, err := s.Host.Metrics()
			if err != nil {
				s.Fatalf("%v", err)
			}
			if skew := m.Sum("skugate_store_clock_skew_seconds"); skew < 598 || skew > 602 {
				s.Errorf("the metrics show a skew of %d s, want 600", skew)
			}
		}})
	})
}

func TestRow34AClockThatIsSteppedWhileItRuns(t *testing.T) {
	t.Parallel()
	t.Run("a step makes no fact younger", func(t *testing.T) {
		record, err := cache.NewRecord[string, int](cache.Config[string]{Entries: 8, Apart: 8})
		if err != nil {
			t.Fatal(err)
		}
		began := cache.Now()
		life := cache.Life{Fresh: 2 * time.Second, Refresh: 2 * time.Second, Usable: 5 * time.Second}
		record.Put("token", &cache.Entry[int]{Value: 1, Began: began, Order: cache.NextOrder(), Life: life})
		for _, step := range []time.Duration{24 * time.Hour, -24 * time.Hour, 25 * time.Hour, 0} {
			for _, age := range []time.Duration{time.Second, 3 * time.Second, 6 * time.Second} {
				now := cache.Instant{Wall: began.Wall + int64(age+step), Mono: began.Mono + int64(age)}
				_, state := record.Get("token", now)
				want := cache.Fresh
				switch {
				case step > 0 || age == 6*time.Second:
					want = cache.Miss
				case age == 3*time.Second:
					want = cache.Stale
				}
				if state != want {
					t.Errorf("%v old, the wall clock stepped by %v: %v, want %v", age, step, state, want)
				}
			}
		}
	})
	// A step of our clock against the store's looks from inside like one of the store's against ours.
	for _, step := range []time.Duration{24 * time.Hour, -24 * time.Hour, 25 * time.Hour} {
		t.Run(fmt.Sprint("against the store's, by ", step), func(t *testing.T) {
			t.Parallel()
			fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
				keys := s.Players(4, fm.Routes...)
				ends := s.Buy(fm.VIP, fm.Player(5), onestoretest.Period(time.Hour))
				s.Sim.CancelRenewal(ends.Token)
				s.Warm(append(keys, ends)...)
				s.ResetLog()
				s.Trouble() // the access tokens end with the step, which costs some calls
				jumped := func() { s.Sim.Advance(step) }
				if step > 0 {
					s.Change(ends, false, jumped)
				} else {
					jumped()
				}
				begin := time.Now()
				for time.Since(begin) < fm.Pos+500*time.Millisecond {
					for _, k := range keys {
						s.Expect("after the step", []fm.Check{s.Get(k)}, fm.G, fm.U)
					}
					s.Get(ends)
					time.Sleep(20 * time.Millisecond)
				}
				if step > 0 {
					s.Expect("the right that ended by the store's clock", []fm.Check{s.Get(ends)}, fm.D)
				}
				if n := s.Sim.TokenCalls(); n > 2 {
					s.Errorf("%d extra access tokens, at most 2 are allowed", n)
				}
				s.Healthy()
			}})
		})
	}
}
