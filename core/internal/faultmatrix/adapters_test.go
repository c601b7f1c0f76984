package faultmatrix_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestRow63NoRequestSeesWhatIsAnothers(t *testing.T) {
	t.Parallel()
	const connections = 64
	fm.Run(t, fm.Row{Flags: append([]string{"-t-pos", "1h", "-c-max", "64"}, patient...), Call: patience, InFlight: connections + 1, Pos: time.Hour, Exact: true, Drive: func(s *fm.Scene) {
		s.Warm(s.Players(1, fm.Skin)...)
		n := fm.Size(600, 20_000)
		keys, ends := make([]fm.Key, n), map[string]time.Time{}
		for i := range keys {
			buy := s.Buy
			if i%2 == 0 {
				buy = s.BuyUnlabelled // recorded for whoever comes first
			}
			keys[i] = buy(fm.VIP, fm.Player(i), onestoretest.Period(time.Hour+time.Duration(i)*time.Minute))
			ends[keys[i].Token] = time.UnixMilli(s.Sim.Facts(keys[i].Token)["expiryTimeMillis"].(int64))
		}
		for _, source := range []string{"store", "memory"} {
			checks := s.Crowd(connections, keys...)
			s.Expect(source, checks, fm.G)
			for _, c := range checks {
				if c.Outcome == fm.G && !c.ExpiresAt.Equal(ends[c.Key.Token]) {
					s.Errorf("%s: a request got the purchase of another", source)
				}
			}
			s.Warm(keys...)
			rand.Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		}
		thieves := make([]fm.Key, n)
		for i, k := range keys {
			thieves[i] = k.As(keys[(i+1)%n].Account)
		}
		s.Expect("accounts", s.Crowd(connections, thieves...), fm.D)
	}})
}

func TestRow66WhatElseARequestCanBe(t *testing.T) {
	t.Parallel()
	fm.Run(t, fm.Row{Apart: true, Drive: func(s *fm.Scene) {
		a, b := s.Buy(fm.VIP, fm.Player(0), onestoretest.Period(time.Hour)), s.Buy(fm.VIP, fm.Player(1), onestoretest.Period(2*time.Hour))
		s.Warm(a, b)
		lines := func(k fm.Key, more ...string) string {
			return "GET /sub/vip HTTP/1.1\r\nHost: game\r\nX-Purchase-Token: " + k.Token + "\r\nX-Account: " + k.Account + "\r\n" + strings.Join(more, "") + "\r\n"
		}
		body := strings.Repeat("x", 3_000_000)
		s.Expect("3 MB that nobody reads", s.Raw(lines(a, fmt.Sprintf("Content-Length: %d\r\n", len(body)), "Connection: close\r\n")+body, a), fm.G)
		s.Expect("chunks", s.Raw(lines(a, "Transfer-Encoding: chunked\r\n")+"5\r\nhello\r\n0\r\n\r\n", a), fm.G)
		s.Expect("100-continue", s.Raw(lines(a, "Expect: 100-continue\r\nContent-Length: 5\r\n")+"hello", a), fm.G)
		if s.Adapter != "fiber" { // fasthttp reads the body before it asks anybody
			s.Expect("a body that never comes", s.Raw(lines(a, "Content-Length: 3000000\r\n"), a), fm.G)
		}
		for _, pair := range [][]fm.Key{{a, b}, {b, a}, {a, b.As(a.Account)}, {a.As(b.Account), b}} {
			checks := s.Raw(lines(pair[0])+lines(pair[1]), pair...)
			for i, c := range checks {
				mine := pair[i] == a || pair[i] == b
				want := fm.D
				if mine {
					want = fm.G
				}
				s.Expect("pipelined", checks[i:i+1], want)
				if mine && (time.Until(c.ExpiresAt) > 90*time.Minute) != (pair[i] == b) {
					s.Errorf("pipelined: request %d got the purchase of the other", i)
				}
			}
		}
		// The client leaves: the look-up is finished, or was never begun, and the next one is served.
		s.Loose()
		s.Sim.Fail(fm.Lookups(onestoretest.Fault{Delay: 50 * time.Millisecond})...)
		for _, k := range s.Players(fm.Size(10, 50), fm.Routes...) {
			s.GetFor(10*time.Millisecond, k)
			s.Expect("after one that left", []fm.Check{s.Get(k)}, fm.G)
			if n := s.Sim.Lookups(k.Token); n > 1 {
				s.Errorf("%d look-ups", n)
			}
		}
	}})
}
