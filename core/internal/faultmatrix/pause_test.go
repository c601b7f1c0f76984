package faultmatrix_test

import (
	"net/http"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestRow7MaintenanceIsSatOutAsLongAsTheStoreSays(t *testing.T) {
	t.Parallel()
	const pos = 500 * time.Millisecond
	for name, test := range map[string]struct {
		after string
		pause time.Duration // 0: none was asked for
	}{
		"2":            {"2", 2 * time.Second},
		"an HTTP date": {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), time.Hour},
		"a billion":    {"1000000000", time.Hour},
		"absent":       {"", 0},
		"0":            {"0", 0},
		"-1":           {"-1", 0},
		"abc":          {"abc", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fm.Run(t, fm.Row{Flags: []string{"-t-pos", pos.String()}, Pos: pos, Patience: 2 * time.Second, Drive: func(s *fm.Scene) {
				known := s.Players(4, fm.Routes...)
				s.Warm(known...)
				maintenance := onestoretest.StandardError("ServiceMaintenance")
				if test.after != "" {
					maintenance = onestoretest.Maintenance(test.after)
				}
				s.Trouble(fm.Lookups(onestoretest.Fault{Effect: maintenance})...)
				s.ResetLog()
				during := fm.Span(1500*time.Millisecond, 6*time.Second)
				cold := s.Players(int(during/(20*time.Millisecond))+1, fm.Routes...)
				begin := time.Now()
				checks := s.Stream(20*time.Millisecond, during, func(i int) fm.Key {
					if i%5 == 0 {
						return known[i/5%len(known)]
					}
					return cold[i]
				})
				took := time.Since(begin)
				for _, c := range checks {
					if c.RetryAfter > time.Hour {
						s.Errorf("a Retry-After of %v", c.RetryAfter)
					}
				}
				calls := s.LookupCalls()
				switch limit := fm.Trip + int(took/(100*time.Millisecond)); {
				case test.pause > 0 && calls > 1+int(took/test.pause)+1: // the second was under way as the first came back
					s.Errorf("%d store calls in %v, though the store asked for %v", calls, took, test.pause)
				case calls > limit:
					s.Errorf("%d store calls in %v, at most %d are allowed", calls, took, limit)
				}
				s.Healthy()
				if test.pause <= 2*time.Second {
					s.Recover("after the maintenance", cold[len(cold)-1], max(test.pause, time.Second)+fm.Open+fm.Call)
				}
			}})
		})
	}
}

func TestRow8RetriesDoNotMultiplyTheLoadOfAStoreThatLimits(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Patience: time.Second, Drive: func(s *fm.Scene) {
		during := fm.Span(3*time.Second, 20*time.Second)
		keys := s.Players(int(during/(5*time.Millisecond))+1, fm.Routes...)
		s.Trouble(fm.Lookups(onestoretest.Fault{Every: 3, Effect: onestoretest.Empty(http.StatusTooManyRequests)})...)
		checks := s.Stream(5*time.Millisecond, during, func(i int) fm.Key { return keys[i] })
		s.Expect("limited", checks, fm.G, fm.U)
		// A few retries are free, whatever the demand: they count in the small size only.
		const free = 10
		if calls := s.LookupCalls(); calls > len(checks)*11/10+fm.Size(free, 0) {
			s.Errorf("%d store calls for %d checks", calls, len(checks))
		}
	}})
}
