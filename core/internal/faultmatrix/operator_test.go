package faultmatrix_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestRow69AWrongConfigurationIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]fm.Row{
		"the market": {Flags: []string{"-market", onestoretest.MarketKorea}},
		"the kind":   {},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			row.Exact = true
			row.Drive = func(s *fm.Scene) {
				keys := make([]fm.Key, fm.Size(60, 200))
				for i := range keys {
					keys[i] = s.Buy(fm.VIP, fm.Player(i))
					s.Change(keys[i], false, func() {}) // so configured, nobody owns anything
					if what == "the kind" {
						keys[i] = keys[i].On(fm.Skin)
					}
				}
				s.Expect("all", s.Crowd(2, keys[:50]...), fm.D, fm.U)
				const warning = "the store knows none of the purchase tokens so far"
				if !s.Host.Logs(warning, time.Second) {
					s.Errorf("no warning within 50 requests")
				}
				if health, err := s.Host.Ask("/healthz"); err != nil || !strings.HasPrefix(health, "degraded") {
					s.Errorf("the health is %q (%v)", health, err)
				}
				s.Expect("all", s.Crowd(2, keys[50:]...), fm.D, fm.U)
				if n := strings.Count(s.Host.Output(), warning); n != 1 {
					s.Errorf("%d warnings, want 1", n)
				}
			}
			fm.Run(t, row)
		})
	}
}

func TestRow70AGracefulStop(t *testing.T) {
	t.Parallel()
	t.Run("lets those under way finish", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, fm.Row{Stops: true, Apart: true, Drive: func(s *fm.Scene) {
			s.Warm(s.Players(1, fm.VIP)...)
			s.Sim.Fail(fm.Lookups(onestoretest.Fault{Delay: 50 * time.Millisecond})...)
			keys := s.Players(fm.Size(120, 1000), fm.Routes...)
			every := fm.Span(10*time.Millisecond, 2*time.Millisecond)
			var told time.Time
			time.AfterFunc(500*time.Millisecond, func() {
				told = time.Now()
				s.Trouble() // whom it does not serve any more it may refuse
				if err := s.Host.Signal(syscall.SIGTERM); err != nil {
					s.Errorf("%v", err)
				}
			})
			checks := s.Stream(every, 700*time.Millisecond, func(i int) fm.Key { return keys[i%len(keys)] })
			err, ok := s.Host.Exited(fm.Drain + time.Second)
			if !ok || err != nil {
				s.Errorf("exited %v, with %v", ok, err)
			}
			if took := time.Since(told); took > fm.Drain+time.Second+s.Late(told, time.Now()) {
				s.Errorf("the stop took %v", took)
			}
			for _, c := range checks {
				switch {
				case c.Outcome == fm.G, c.Outcome == fm.U:
				case c.Outcome == fm.Gone && c.End.After(told) && c.Start.After(told.Add(-10*time.Millisecond-s.Late(c.Start, told))):
					// It came as the door closed.
				default:
					s.Errorf("a request %v before the stop came to %s", told.Sub(c.Start), c.Outcome)
				}
			}
			for _, r := range s.Sim.Requests() {
				if r.At.After(told.Add(fm.Drain)) {
					s.Errorf("a store call %v after the signal", r.At.Sub(told))
				}
			}
		}})
	})
	t.Run("is cut short by a second signal", func(t *testing.T) {
		t.Parallel()
		const call = 5 * time.Second
		fm.Run(t, fm.Row{Stops: true, Apart: true, Flags: []string{"-t-call", call.String(), "-t-drain", "20s"}, Call: call, Drive: func(s *fm.Scene) {
			s.Warm(s.Players(1, fm.VIP)...)
			s.Trouble(fm.Lookups(onestoretest.Fault{Effect: onestoretest.Hang()})...)
			k := s.Buy(fm.VIP, fm.Player(1))
			waiting := make(chan struct{})
			go func() {
				defer close(waiting)
				s.Get(k)
			}()
			for s.Sim.Lookups(k.Token) == 0 {
				time.Sleep(10 * time.Millisecond)
			}
			for range 2 {
				if !s.Host.Alive() {
					s.Errorf("it did not wait for the request under way")
				}
				if err := s.Host.Signal(syscall.SIGTERM); err != nil {
					s.Errorf("%v", err)
				}
				time.Sleep(200 * time.Millisecond)
			}
			begin := time.Now()
			if _, ok := s.Host.Exited(time.Second + s.Late(begin, begin.Add(time.Second))); !ok {
				s.Errorf("it runs on after the second signal")
			}
			<-waiting
		}})
	})
}
