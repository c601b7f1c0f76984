package toxi_test

import (
	"context"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
)

// faulty drives a row: checks while the connections suffer, and health afterwards.
func faulty(t *testing.T, kind, attributes string, want ...fm.Outcome) {
	t.Helper()
	var p proxies
	fm.Run(t, fm.Row{
		Store: p.store, Apart: true, InFlight: 2*fm.Most + 1,
		Drive: func(s *fm.Scene) {
			keys := s.Players(fm.Size(40, 100), fm.Routes...)
			s.Warm(keys[0])
			s.Trouble()
			poison(s, p.of(s), kind, attributes)
			s.Expect(kind, s.Crowd(16, keys[1:]...), want...)
			p.of(s).Toxics.ResetToxics(context.Background())
			s.Healthy()
			s.Recover("after it", keys[1], fm.Open+2*fm.Call)
		},
	})
}

// Small pieces are the front's to send (faultmatrix, row 9): toxiproxy's slicer never ends once its
// client has left.
func TestRow9ALineThatIsAlmostShut(t *testing.T) {
	t.Parallel()
	faulty(t, "bandwidth", `"rate":1`, fm.U, fm.G)
}

func TestRow13AnAnswerThatNeverComes(t *testing.T) {
	t.Parallel()
	faulty(t, "timeout", `"timeout":0`, fm.U)
}

func TestRow13AnAnswerThatComesTooLate(t *testing.T) {
	t.Parallel()
	faulty(t, "latency", `"latency":2000`, fm.U)
}

func TestRow13AStoreThatGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	var p proxies
	fm.Run(t, fm.Row{Store: p.store, Apart: true, Drive: func(s *fm.Scene) {
		keys := s.Players(fm.Size(40, 100), fm.Routes...)
		s.Warm(keys[0])
		s.Trouble()
		proxy := p.of(s)
		proxy.Stop()
		s.Expect("refused", s.Stream(20*time.Millisecond, time.Second, func(i int) fm.Key { return keys[1+i%(len(keys)-1)] }), fm.U)
		if err := proxy.Start(); err != nil {
			s.Fatalf("%v", err)
		}
		s.Healthy()
		s.Recover("after it", keys[1], fm.Open+fm.Call)
	}})
}

func TestRow15AResetBeforeAndInsideTheAnswer(t *testing.T) {
	t.Parallel()
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		faulty(t, "reset_peer", `"timeout":0`, fm.U)
	})
	t.Run("inside", func(t *testing.T) {
		t.Parallel()
		faulty(t, "limit_data", `"bytes":300`, fm.U, fm.G) // a short one may get through whole
	})
}
