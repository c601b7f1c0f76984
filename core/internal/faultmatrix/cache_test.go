package faultmatrix_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// lands makes a purchase that the store does not know yet; the function lets it land.
func lands(s *fm.Scene, account string) (fm.Key, func()) {
	k := s.Buy(fm.VIP, account)
	s.Change(k, false, func() {
		s.Sim.Fail(onestoretest.Fault{Token: k.Token, Effect: onestoretest.StandardError("NoSuchData")})
	})
	return k, func() { s.Change(k, true, s.Sim.Clear) }
}

func TestRow30ABuyerWhoPollsIsLetInSoon(t *testing.T) {
	t.Parallel()
	poll := func(s *fm.Scene, stop <-chan struct{}, keys ...fm.Key) {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				s.Get(keys[i%len(keys)])
			}
		}
	}
	polled := func(s *fm.Scene, landed func(k fm.Key), keys ...fm.Key) {
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { poll(s, stop, keys...) })
		time.Sleep(500 * time.Millisecond)
		landed(keys[0])
		close(stop)
		wg.Wait()
	}
	fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
		s.Warm(s.Players(1, fm.VIP)...)
		k, land := lands(s, fm.Player(1))
		polled(s, func(k fm.Key) {
			land()
			s.Recover("the buyer alone", k, fm.Neg+fm.Call)
		}, k)
		k, land = lands(s, fm.Player(2))
		polled(s, func(k fm.Key) {
			land()
			s.Recover("with a stranger who polls the same token", k, fm.Neg+fm.Call)
		}, k, k.As(fm.Player(3)))
		k, land = lands(s, fm.Player(4))
		polled(s, func(k fm.Key) {
			land()
			s.Invalidate(k)
			s.Expect("after the invalidation", []fm.Check{s.Get(k)}, fm.G)
		}, k)
	}})
}

func TestRow30ARefundIsFeltAtOnceWhereTheGateIsTold(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Exact: true, Drive: func(s *fm.Scene) {
		for _, r := range fm.Routes {
			told, untold := s.Buy(r, fm.Player(1)), s.Buy(r, fm.Player(2))
			s.Warm(told, untold)
			s.Refund(told)
			s.Refund(untold)
			s.Invalidate(told)
			s.Expect("told of the refund", []fm.Check{s.Get(told)}, fm.D)
			s.Expect("not told", []fm.Check{s.Get(untold)}, fm.G, fm.D)
		}
	}})
}

func TestRow32AStaleYesEndsAtOneInstant(t *testing.T) {
	t.Parallel()
	pos, stale := fm.Span(600*time.Millisecond, fm.Pos), fm.Span(900*time.Millisecond, fm.Stale)
	fm.Run(t, fm.Row{
		Flags: []string{"-t-pos", pos.String(), "-t-stale", stale.String()}, Pos: pos, Stale: stale,
		Patience: time.Second,
		Drive: func(s *fm.Scene) {
			s.Warm(s.Players(1, fm.Gold)...)
			var (
				keys     []fm.Key
				until    []time.Time // the end of those that end inside the window
				verified []fm.Check
			)
			begins := func(k fm.Key, end time.Time) {
				keys, until, verified = append(keys, k), append(until, end), append(verified, s.Get(k))
			}
			for _, r := range []fm.Route{fm.Pass, fm.VIP} {
				begins(s.BuyFor(r, fm.Player(9), pos+stale/2))
			}
			for _, k := range s.Players(4, fm.Routes...) {
				begins(k, time.Time{})
			}
			s.Expect("before the outage", verified, fm.G)
			s.Trouble()
			s.Sim.Down(true)
			begin := time.Now()
			var wg sync.WaitGroup
			last := slices.Clone(verified) // the last yes of each
			for i, k := range keys {
				wg.Go(func() {
					ended := false
					for time.Since(begin) < pos+stale+stale/2 {
						c := s.Get(k)
						switch {
						case c.Outcome == fm.G && ended:
							s.Errorf("%s: a yes after the first doubt", k.Route.Path)
						case c.Outcome == fm.G:
							last[i] = c
						case c.Outcome == fm.U || c.Outcome == fm.D && !until[i].IsZero():
							ended = true
						default:
							s.Errorf("%s: %s during the outage", k.Route.Path, c.Outcome)
						}
						time.Sleep(20 * time.Millisecond)
					}
				})
			}
			wg.Wait()
			for i, c := range last {
				end := verified[i].End.Add(pos)
				if keys[i].Route.Grace {
					end = end.Add(stale)
				}
				if !until[i].IsZero() && until[i].Before(end) {
					end = until[i]
				}
				if early := end.Sub(c.End); early > 150*time.Millisecond+s.Late(c.Start, end) {
					s.Errorf("%s: the last yes came %v before its end", keys[i].Route.Path, early)
				}
			}
			s.Healthy()
			s.Recover("after the outage", keys[3], fm.Open+fm.Call)
			c := s.Get(keys[3])
			s.Expect("again", []fm.Check{c}, fm.G)
			if c.Source != "memory" {
				s.Errorf("the first success did not make the fact fresh again: %s", c.Source)
			}
		},
	})
}

func TestRow36AnExpiryTakesEffectAtItsMillisecond(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
		s.Warm(s.Players(1, fm.VIP)...)
		// The oracle knows the millisecond of each: no yes may begin after it, no no end before it.
		var wg sync.WaitGroup
		for i := range fm.Size(30, 200) {
			wg.Go(func() {
				k, end := s.BuyFor([]fm.Route{fm.VIP, fm.Pass}[i%2], fm.Player(i), 700*time.Millisecond+time.Duration(i)*11*time.Millisecond)
				s.Expect("long before", []fm.Check{s.Get(k)}, fm.G)
				time.Sleep(time.Until(end.Add(-15 * time.Millisecond)))
				for time.Now().Before(end.Add(15 * time.Millisecond)) {
					c := s.Get(k)
					want := []fm.Outcome{fm.G, fm.D}
					switch {
					case c.End.Before(end):
						want = want[:1]
					case !c.Start.Before(end.Add(time.Millisecond)):
						want = want[1:]
					}
					s.Expect("around the expiry", []fm.Check{c}, want...)
				}
			})
		}
		wg.Wait()

		const period = 600 * time.Millisecond
		k := s.Buy(fm.VIP, fm.Player(1), onestoretest.Period(period))
		end := time.Now().Add(period)
		s.Expect("before the renewal", []fm.Check{s.Get(k)}, fm.G)
		facts := s.Sim.Facts(k.Token)
		s.Change(k, false, func() { // the store is 50 ms late with it
			s.Sim.Edit(k.Token, func(m map[string]any) { m["expiryTimeMillis"] = facts["expiryTimeMillis"] })
		})
		time.Sleep(time.Until(end.Add(50 * time.Millisecond)))
		_ = s.Get(k)
		s.Change(k, true, func() { s.Sim.Edit(k.Token, nil) })
		s.Recover("after a late renewal", k, fm.Neg+fm.Call)
	}})
}
