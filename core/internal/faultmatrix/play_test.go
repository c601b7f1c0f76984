package faultmatrix_test

import (
	"testing"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	fm "github.com/skugate/skugate/core/internal/faultmatrix"
)

// Behind one gate each store has a breaker, a bulkhead and a line of its own: what happens at one is felt at
// that one, and a requirement that either can meet is met by the other.
func TestRow13TheTroubleOfOneStoreIsNotTheOthers(t *testing.T) {
	t.Parallel()
	for what, effect := range map[string]googleplaytest.Effect{
		"refuses to answer":     googleplaytest.Unavailable(""),
		"accepts and is silent": googleplaytest.Hang(),
		"breaks connections":    googleplaytest.Reset(),
		"answers with a page":   googleplaytest.HTMLPage(404),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			fm.Run(t, fm.Row{Play: true, Apart: true, Drive: func(s *fm.Scene) {
				kept, cold := s.BuyAtPlay(fm.PlaySkin, fm.Player(0)), s.BuyAtPlay(fm.PlaySkin, fm.Player(1))
				either := s.BuyAtPlay(fm.PlayAny, fm.Player(2))
				s.Warm(kept, either, s.Buy(fm.Skin, fm.Player(3)))
				s.Trouble()
				s.Play.Fail(googleplaytest.Fault{Effect: effect})
				for i := range fm.Size(10, 100) {
					s.Expect("at the store in trouble", s.Storm(cold, cold), fm.U)
					s.Expect("what it said before", s.Storm(kept, either), fm.G, fm.U)
					s.Expect("at the other", s.Storm(s.Players(8, fm.Routes...)...), fm.G)
					s.Expect("where either would do", []fm.Check{s.GetAt("/any", s.Buy(fm.VIP, fm.Player(10+i)))}, fm.G)
				}
				s.Play.Clear()
				s.Healthy()
				s.Recover("after the trouble", cold, time.Second+fm.Open+fm.Call)
				s.Expect("a stranger", []fm.Check{s.Get(cold.As(fm.Player(5)))}, fm.D)
				s.Expect("at ONE store's route", []fm.Check{s.Get(cold.On(fm.Skin))}, fm.D)
				// Of a token that is none of its own Google says "not found" or "invalid".
				s.Expect("at Google's", []fm.Check{s.Get(s.Buy(fm.Skin, fm.Player(4)).On(fm.PlaySkin))}, fm.D, fm.B)
			}})
		})
	}
}
