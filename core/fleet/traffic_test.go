package fleet_test

import (
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
)

// traffic is players who never stop asking, all of whom own what they ask for.
type traffic struct {
	stop chan struct{}
	wg   sync.WaitGroup
	mu   sync.Mutex
	late time.Duration // by how much the machine was late at most
}

func drive(t *testing.T, nodes ...*node) *traffic {
	tr := &traffic{stop: make(chan struct{})}
	for _, n := range nodes {
		for _, token := range []string{"a", "b"} {
			tr.wg.Go(func() {
				for tr.goesOn() {
					if d := n.check(token); !d.Granted() {
						t.Errorf("a player is told %v (%s, %v)", d.Outcome, d.Reason, d.Err)
						return
					}
				}
			})
		}
	}
	t.Cleanup(tr.end)
	return tr
}

// goesOn pauses for a moment, and tells whether the players go on.
func (tr *traffic) goesOn() bool {
	began := time.Now()
	select {
	case <-tr.stop:
		return false
	case <-time.After(time.Millisecond):
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.late = max(tr.late, time.Since(began)-time.Millisecond)
	return true
}

func (tr *traffic) end() {
	select {
	case <-tr.stop:
	default:
		close(tr.stop)
	}
	tr.wg.Wait()
}

// lateness is by how much a bound may be exceeded for what the machine did.
func (tr *traffic) lateness() time.Duration {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return 4*tr.late + 50*time.Millisecond
}

// The bounds that Listener states, under load, with a server that is frozen, killed and started again. Nobody
// is refused meanwhile, and nothing but what was told is forgotten.
func TestHowLateNewsIs(t *testing.T) {
	const trip = 100 * time.Millisecond // Config.Timeout, which bounds it
	var s shop
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	line := lay(t, server.Addr())
	quick := func(_ *core.Config, f *fleet.Config) { f.Timeout = trip }
	here, near, far := s.start(t, server.Addr(), quick), s.start(t, server.Addr(), quick), s.start(t, line.Addr(), quick)
	nodes := []*node{here, near, far}
	for _, n := range nodes {
		n.version("kept")
	}
	resyncs := far.peers().Resyncs
	players := drive(t, nodes...)

	// tell tells everybody, brings the news again until that works, and returns the version.
	tell := func() int64 {
		v := s.version.Add(1)
		here.within(patience, "it is told", func() bool { return here.gate.InvalidateToken(t.Context(), "shop", "a") == nil })
		return v
	}
	hears := func(phase string, n *node, v int64, most time.Duration) {
		t.Helper()
		took := n.within(patience, "the news is heard", func() bool { return n.version("a") >= v })
		t.Logf("%s: heard after %v", phase, took)
		if took > most+players.lateness() {
			t.Errorf("%s: it took %v, more than %v and the %v that the machine was late", phase, took, most, players.lateness())
		}
	}
	for range 20 {
		v := tell()
		hears("healthy", near, v, often+trip)
		hears("healthy", far, v, often+trip)
	}

	line.Cut()
	far.within(patience, "the cut is noticed", func() bool { return far.listener.Check(t.Context()) != nil })
	old := far.version("a")
	v := tell()
	hears("beside a cut", near, v, often+trip)
	if far.version("a") != old {
		t.Error("news came through a cut")
	}
	server.Kill() // with what one instance has not heard yet
	server.Restart()
	line.Mend()
	hears("behind a cut and a crash", far, v, time.Second+often+trip)

	server.Freeze()
	began := time.Now()
	if err := here.gate.InvalidateToken(t.Context(), "shop", "a"); err == nil {
		t.Error("a frozen server was told")
	}
	if took := time.Since(began); took > trip+players.lateness() {
		t.Errorf("not telling took %v", took)
	}
	server.Thaw()
	v = tell()
	for _, n := range nodes {
		hears("behind a freeze", n, v, time.Second+often+trip)
	}

	players.end()
	for _, n := range nodes {
		if !n.remembers("kept") || n.version("kept") != 0 {
			t.Error("more was forgotten than was told")
		}
	}
	if now := far.peers().Resyncs; now != resyncs {
		t.Errorf("%d resyncs, want %d", now, resyncs)
	}
}
