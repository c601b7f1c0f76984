package faultmatrix_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestRow22AnOutageAndTheCrowdAfterIt(t *testing.T) {
	t.Parallel()
	const latency = 20 * time.Millisecond
	fm.Run(t, fm.Row{Patience: 3 * time.Second, InFlight: 2*fm.Most + 1, Drive: func(s *fm.Scene) {
		s.Warm(s.Players(1, fm.VIP)...)
		keys := s.Players(fm.Size(600, 10_000), fm.Routes...)
		key := func(i int) fm.Key { return keys[i%len(keys)] }
		every, outage := fm.Span(8*time.Millisecond, time.Millisecond), fm.Span(1500*time.Millisecond, 10*time.Second)
		s.Trouble(fm.Lookups(onestoretest.Fault{Effect: onestoretest.Hang()})...)
		s.ResetLog()
		// Later on a call that was given up may still be under way at the store as the next one comes.
		early := make(chan int, 1)
		time.AfterFunc(fm.Call/2, func() { early <- s.Sim.MaxInFlight() })
		s.Expect("at first", s.Storm(keys[:40]...), fm.U)
		if n := <-early; n > fm.Most {
			s.Errorf("%d calls at once from the first requests on", n)
		}
		s.Expect("during the outage", s.Stream(every, outage, key), fm.U)

		s.Healthy()
		s.Sim.Fail(fm.Lookups(onestoretest.Fault{Delay: latency})...)
		s.ResetLog()
		back := time.Now()
		var (
			mu      sync.Mutex
			opened  bool
			sampled = make(chan struct{})
		)
		stop := make(chan struct{})
		go func() { // a second trip shows as a breaker that is open after it was closed
			defer close(sampled)
			closed := false
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				m, err := s.Host.Metrics()
				if err != nil {
					continue
				}
				mu.Lock()
				opened = opened || closed && m.Sum("skugate_breaker_state", `state="open"`) == 1
				mu.Unlock()
				closed = closed || m.Sum("skugate_breaker_state", `state="closed"`) == 1
			}
		}()
		first := s.Stream(every, time.Second, key)
		if n, most := s.LookupCalls(), 2*fm.Most*int(time.Since(back)/latency); n > most {
			s.Errorf("%d store calls in the first second, at most %d are allowed", n, most)
		}
		s.Expect("in the first second", first, fm.G, fm.U)
		time.Sleep(time.Until(back.Add(2 * time.Second)))
		later := s.Stream(every, time.Second, key)
		if yes := fm.Tally(later)[fm.G]; len(later)-yes > max(1, len(later)/100) {
			s.Errorf("%d of %d are let in within 3 s of the recovery, want 99 %%", yes, len(later))
		}
		close(stop)
		<-sampled
		mu.Lock()
		defer mu.Unlock()
		if opened {
			s.Errorf("the breaker opened again after the recovery")
		}
	}})
}

func TestRow24AStampedeCostsOneCall(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Drive: func(s *fm.Scene) {
		s.Warm(s.Players(1, fm.VIP)...)
		s.Sim.Fail(fm.Lookups(onestoretest.Fault{Delay: 50 * time.Millisecond})...)
		const period = 1500 * time.Millisecond
		k := s.Buy(fm.VIP, fm.Player(1), onestoretest.Period(period))
		end := time.Now().Add(period)
		stampede := func(what string) {
			keys := make([]fm.Key, fm.Size(150, 1000))
			for i := range keys {
				keys[i] = k
			}
			s.ResetLog()
			s.Expect(what, s.Storm(keys...), fm.G)
			if n := s.Sim.Lookups(k.Token); n != 1 && !s.Starved() {
				s.Errorf("%s: %d store calls, want 1", what, n)
			}
		}
		stampede("cold")
		time.Sleep(time.Until(end.Add(time.Millisecond)))
		stampede("at the expiry, and renewed")
	}})
}

func TestRow25CallersThatLeaveHurtNobody(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Flags: patient, Call: patience, Apart: true, Drive: func(s *fm.Scene) {
		s.Warm(s.Players(1, fm.VIP)...)
		s.Sim.Fail(fm.Lookups(onestoretest.Fault{Delay: 50 * time.Millisecond})...)
		s.ResetLog()
		s.Loose()
		keys := s.Players(fm.Size(40, 60), fm.Routes...)
		var wg sync.WaitGroup
		for i := range fm.Size(200, 2000) {
			wg.Go(func() { s.GetFor(10*time.Millisecond, keys[i%len(keys)]) })
		}
		wg.Wait()
		s.Expect("afterwards", s.Crowd(4, keys[:10]...), fm.G)
		if s.Starved() {
			return // what took too long is a fault of the store's, as far as the gate can tell
		}
		m, err := s.Host.Metrics()
		if err != nil || m.Sum("skugate_breaker_state", `state="closed"`) != 1 {
			s.Errorf("the breaker is not closed (%v)", err)
		}
		for _, k := range keys {
			if n := s.Sim.Lookups(k.Token); n > 1 {
				s.Errorf("one key, %d look-ups", n)
			}
		}
	}})
}

func TestRow29GuessesCostPayersNothing(t *testing.T) {
	t.Parallel()
	t.Run("as long as real tokens", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, guesses(20, fm.D, fm.L))
	})
	t.Run("longer than the store takes", func(t *testing.T) {
		t.Parallel()
		fm.Run(t, guesses(64, fm.B, fm.L))
	})
}

// guesses floods the gate with tokens of a length.
func guesses(length int, want ...fm.Outcome) fm.Row {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	return fm.Row{Flags: []string{"-t-pos", "1h"}, Pos: time.Hour, Drive: func(s *fm.Scene) {
		payers := s.Players(fm.Size(150, 5000), fm.VIP, fm.Skin, fm.Pass)
		for range 2 { // the second time nobody may be left to warm up
			s.Warm(payers...)
		}
		memory, err := s.Host.Memory()
		if err != nil {
			s.Fatalf("%v", err)
		}
		s.ResetLog()
		const strangers = 5
		var flood, pay []fm.Check
		var wg sync.WaitGroup
		during := fm.Span(2*time.Second, 60*time.Second)
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, 2))
			flood = s.Stream(fm.Span(3*time.Millisecond, time.Millisecond), during, func(i int) fm.Key {
				token := make([]byte, length)
				for j := range token {
					token[j] = alphabet[r.IntN(len(alphabet))]
				}
				return fm.Key{Route: fm.VIP, Token: string(token), Account: fm.Player(-1 - i%strangers)}
			})
		})
		pay = s.Stream(fm.Span(30*time.Millisecond, 100*time.Millisecond), during, func(i int) fm.Key { return payers[i%len(payers)] })
		wg.Wait()
		s.Expect("payers", pay, fm.G)
		s.Expect("guesses", flood, want...)
		hits := 0
		for _, c := range pay {
			if c.Source == "memory" {
				hits++
			}
		}
		if hits*100 < len(pay)*99 {
			s.Errorf("%d of %d payers were served from memory", hits, len(pay))
		}
		budget := strangers * (20 + int(during/(10*time.Second)) + 1)
		if n := s.LookupCalls(); n > budget {
			s.Errorf("%d store calls for guesses, their budget is %d", n, budget)
		}
		calls := s.LookupCalls()
		for _, size := range []int{65, 1000, 3000, 1 << 20, 2 << 20} {
			s.Loose()
			c := s.Get(fm.Key{Route: fm.VIP, Token: strings.Repeat("a", size), Account: fm.Player(1)})
			s.Expect("an oversized token", []fm.Check{c}, fm.B, fm.Gone) // a server may hang up on it
		}
		if n := s.LookupCalls() - calls; n > 0 {
			s.Errorf("%d store calls for oversized tokens", n)
		}
		if now, err := s.Host.Memory(); err != nil || now > memory+16<<10+s.CrowdMemory() && !fm.Race {
			s.Errorf("%d KiB resident, %d before the flood (%v)", now, memory, err)
		}
	}}
}
