package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
)

func TestEveryInstanceHearsWhatOneIsTold(t *testing.T) {
	for name, addrs := range map[string]func(t *testing.T) string{
		"one server": func(t *testing.T) string { return redistest.Start(t).Addr() },
		"a cluster": func(t *testing.T) string {
			servers := redistest.StartCluster(t)
			return servers[0].Addr() + "," + servers[1].Addr()
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s shop
			where := addrs(t)
			owners := core.NewMemoryOwners()
			ours := func(c *core.Config, _ *fleet.Config) { c.Owners = owners }
			nodes := []*node{s.start(t, where, ours), s.start(t, where, ours), s.start(t, where, ours)}
			for _, n := range nodes {
				for _, token := range []string{"forgotten", "void", "rebound", "other"} {
					n.version(token)
				}
				if err := n.listener.Check(t.Context()); err != nil {
					t.Error(err)
				}
			}
			s.version.Store(1)
			nodes[0].invalidate("forgotten")
			if err := nodes[1].gate.Void(t.Context(), core.Void{Store: "shop", Token: "void", PurchaseID: "0"}); err != nil {
				t.Fatal(err)
			}
			if err := nodes[2].gate.Unbind(t.Context(), "shop", "rebound"); err != nil {
				t.Fatal(err)
			}
			if err := nodes[2].gate.Bind(t.Context(), "jun", skin, "rebound"); err != nil {
				t.Fatal(err)
			}
			for _, n := range nodes {
				n.within(patience, "the invalidation is heard", func() bool { return n.version("forgotten") == 1 })
				n.within(patience, "the void is heard", n.denies("void", core.ReasonVoided))
				n.within(patience, "the new owner is heard of", n.denies("rebound", core.ReasonAccountMismatch))
				if !n.remembers("other") {
					t.Error("another purchase was forgotten")
				}
				n.stays("resyncs", func() uint64 { return n.peers().Resyncs })
			}
			if told := nodes[0].peers(); told.Told != 1 || told.Untold != 0 || told.Heard == 0 {
				t.Errorf("%+v", told)
			}
		})
	}
}

// What a node told it does not hear again: what it has read since would be forgotten.
func TestAnInstanceDoesNotHearItself(t *testing.T) {
	var s shop
	n := s.start(t, redistest.Start(t).Addr(), nil)
	for range 3 {
		n.invalidate("a")
		n.version("a")
	}
	n.stays("heard", func() uint64 { return n.peers().Heard })
	if !n.remembers("a") || n.peers().Heard != 0 {
		t.Errorf("%+v", n.peers())
	}
}

// A cut that nothing was dropped behind costs no memory, however long it was.
func TestAReconnectDropsNothing(t *testing.T) {
	var s shop
	server := redistest.Start(t)
	line := lay(t, server.Addr())
	here, there := s.start(t, server.Addr(), nil), s.start(t, line.Addr(), nil)
	for _, token := range []string{"a", "b", "c"} {
		there.version(token)
	}
	resyncs := there.peers().Resyncs
	s.version.Store(1)
	for _, token := range []string{"a", "b"} {
		line.Cut()
		there.within(patience, "the cut is noticed", func() bool { return there.listener.Check(t.Context()) != nil })
		here.invalidate(token)
		if !there.remembers(token) { // the game goes on meanwhile
			t.Error("a cut took what was known")
		}
		line.Mend()
		took := there.within(patience, "the invalidation is heard", func() bool { return there.version(token) == 1 })
		t.Logf("heard %v after the reconnect", took)
		there.within(patience, "the cut is over", func() bool { return there.listener.Check(t.Context()) == nil })
	}
	if !there.remembers("c") || there.version("c") != 0 {
		t.Error("a purchase that nothing was told of was forgotten")
	}
	if now := there.peers().Resyncs; now != resyncs {
		t.Errorf("%d resyncs, want %d", now, resyncs)
	}
}

func TestALogTrimmedPastAnInstanceDropsItsMemory(t *testing.T) {
	var s shop
	server := redistest.Start(t)
	line := lay(t, server.Addr())
	small := func(c *core.Config, f *fleet.Config) {
		c.Voids, f.LogLength = with(t, fleet.Config{Client: client(t, server.Addr())}).Voids(), 1
	}
	here, there := s.start(t, server.Addr(), small), s.start(t, line.Addr(), small)
	for _, token := range []string{"a", "b", "void"} {
		there.version(token)
	}
	resyncs := there.peers().Resyncs
	line.Cut()
	there.within(patience, "the cut is noticed", func() bool { return there.listener.Check(t.Context()) != nil })
	if err := here.gate.Void(t.Context(), core.Void{Store: "shop", Token: "void"}); err != nil {
		t.Fatal(err)
	}
	s.version.Store(1)
	here.invalidate("a")
	for i := range 500 { // more than the server keeps for its convenience
		here.invalidate(fmt.Sprint("filler-", i))
	}
	line.Mend()
	there.within(patience, "the memory is dropped", func() bool { return there.peers().Resyncs == resyncs+1 })
	if there.version("a") != 1 || there.version("b") != 1 {
		t.Error("a purchase from before is served")
	}
	if d := there.check("void"); d.Reason != core.ReasonVoided {
		t.Errorf("the void whose news was dropped: %v (%s)", d.Outcome, d.Reason)
	}
	there.stays("resyncs", func() uint64 { return there.peers().Resyncs })
}

func TestAServerThatLostItsDataIsFoundOut(t *testing.T) {
	var s shop
	server := redistest.Start(t)
	here, there := s.start(t, server.Addr(), nil), s.start(t, server.Addr(), nil)
	for round := range int64(3) {
		there.version("a")
		resyncs := there.peers().Resyncs
		if round == 1 {
			server.Client().Del(t.Context(), "skugate:log") // which no connection notices
		} else {
			server.Kill()
			server.Restart()
		}
		there.within(patience, "the loss is noticed", func() bool { return there.peers().Resyncs == resyncs+1 })
		s.version.Store(round + 1)
		there.within(patience, "the memory is dropped", func() bool { return there.version("a") == round+1 })
		s.version.Store(round + 10)
		here.within(patience, "the log can be written again", func() bool {
			return here.gate.InvalidateToken(t.Context(), "shop", "a") == nil
		})
		there.within(patience, "the news is heard", func() bool { return there.version("a") == round+10 })
	}
}

// What cannot be read may be anything.
func TestAnEntryThatCannotBeRead(t *testing.T) {
	for name, entry := range map[string][]any{
		"of a newer version":      {"from", "another", "news2", "{}"},
		"that is not JSON":        {"from", "another", "news1", "{"},
		"with a void that is not": {"from", "another", "news1", `{"v":["canary"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			var s shop
			var said strings.Builder
			server := redistest.Start(t)
			n := s.start(t, server.Addr(), func(_ *core.Config, f *fleet.Config) { f.Logger = slog.New(slog.NewTextHandler(&said, nil)) })
			n.version("a")
			resyncs := n.peers().Resyncs
			if err := server.Client().XAdd(t.Context(), &redis.XAddArgs{Stream: "skugate:log", Values: entry}).Err(); err != nil {
				t.Fatal(err)
			}
			n.within(patience, "the memory is dropped", func() bool { return n.peers().Resyncs == resyncs+1 })
			n.stays("resyncs", func() uint64 { return n.peers().Resyncs })
			n.stop()
			if !strings.Contains(said.String(), "cannot be read") || strings.Contains(said.String(), "canary") {
				t.Errorf("the log has %q", said.String())
			}
		})
	}
}

// A gate that starts with facts from before its restart hears what was told meanwhile before it is ready.
func TestNewsOfTheTimeOfARestart(t *testing.T) {
	for name, c := range map[string]struct {
		reach   time.Duration // how long ago the log began
		resyncs uint64
		b       int64 // the version of a purchase that nothing was told of
	}{
		"in a log that reaches back": {7 * time.Hour, 0, 0},
		"in a log that does not":     {5 * time.Hour, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var s shop
			server := redistest.Start(t)
			began := time.Now().Add(-c.reach).UnixMilli()
			first := &redis.XAddArgs{Stream: "skugate:log", ID: fmt.Sprint(began, "-0"), Values: []any{"from", "another"}}
			if err := server.Client().XAdd(t.Context(), first).Err(); err != nil {
				t.Fatal(err)
			}
			facts := core.NewMemoryFacts()
			keep := func(c *core.Config, _ *fleet.Config) { c.Facts = facts }
			here, there := s.start(t, server.Addr(), nil), s.start(t, server.Addr(), keep)
			there.version("a")
			there.version("b")
			there.stop()
			s.version.Store(1)
			here.invalidate("a")
			there = s.start(t, server.Addr(), keep)
			if a, b := there.version("a"), there.version("b"); a != 1 || b != c.b {
				t.Errorf("the versions are %d and %d, want 1 and %d", a, b, c.b)
			}
			if n := there.peers().Resyncs; n != c.resyncs {
				t.Errorf("%d resyncs, want %d", n, c.resyncs)
			}
		})
	}
}

// No player is refused for what Redis does, from the start on.
func TestAFleetThatStartsBeforeItsServer(t *testing.T) {
	var s shop
	server := redistest.Start(t)
	server.Kill()
	here, there := s.start(t, server.Addr(), nil), s.start(t, server.Addr(), nil)
	there.version("a")
	s.version.Store(1)
	if err := here.gate.InvalidateToken(t.Context(), "shop", "a"); err == nil || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("telling nobody: %v", err)
	}
	if err := there.listener.Check(t.Context()); err == nil {
		t.Error("the log counts as read")
	}
	if !there.remembers("a") {
		t.Error("a purchase was forgotten for nothing")
	}
	server.Restart()
	there.within(patience, "the log is read", func() bool { return there.listener.Check(t.Context()) == nil })
	here.within(patience, "the log is written", func() bool { return here.gate.InvalidateToken(t.Context(), "shop", "a") == nil })
	there.within(patience, "the news is heard", func() bool { return there.version("a") == 1 })
}

// brittleVoids cannot be read while they are told so.
type brittleVoids struct {
	core.Voids
	broken *atomic.Bool
}

var errBroken = errors.New("broken")

func (b brittleVoids) Load(ctx context.Context) (core.VoidLog, error) {
	if b.broken.Load() {
		return core.VoidLog{}, errBroken
	}
	return b.Voids.Load(ctx)
}

// What was missed may be a void: memory goes on until the voids are read again, and with it what is told.
func TestALossWhileTheVoidsCannotBeRead(t *testing.T) {
	var s shop
	var broken atomic.Bool
	server := redistest.Start(t)
	here := s.start(t, server.Addr(), nil)
	there := s.start(t, server.Addr(), func(c *core.Config, _ *fleet.Config) { c.Voids = brittleVoids{core.NewMemoryVoids(), &broken} })
	there.version("a")
	there.version("b")
	resyncs := there.peers().Resyncs
	broken.Store(true)
	server.Client().Del(t.Context(), "skugate:log")
	s.version.Store(1)
	here.within(patience, "the news is heard", func() bool {
		here.invalidate("a") // what is told before the loss is noticed is lost with it
		return there.version("a") == 1
	})
	there.stays("resyncs", func() uint64 { return there.peers().Resyncs })
	if !there.remembers("b") || there.version("b") != 0 {
		t.Error("the memory was dropped before the voids were read")
	}
	broken.Store(false)
	there.within(patience, "the memory is dropped", func() bool { return there.version("b") == 1 })
	if now := there.peers().Resyncs; now != resyncs+1 {
		t.Errorf("%d resyncs, want %d", now, resyncs+1)
	}
}

func TestAListenerWithoutAGate(t *testing.T) {
	f := join(t, redistest.Start(t).Addr())
	if _, err := f.Listener(nil); err == nil {
		t.Error("a nil gate is accepted")
	}
	var s shop
	gate, err := core.New(core.Config{Stores: []core.Store{s.store()}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := f.Listener(gate)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	results := make(chan error, 2)
	for range 2 {
		go func() { results <- l.Run(ctx) }()
	}
	if err := <-results; err == nil || !strings.Contains(err.Error(), "running already") {
		t.Errorf("a second Run: %v", err)
	}
	cancel()
	if err := <-results; err != nil {
		t.Error(err)
	}
}

// Everything arrives as it was told, in as many entries as it takes.
func TestNewsArriveWhole(t *testing.T) {
	var s shop
	server := redistest.Start(t)
	here, there := s.start(t, server.Addr(), nil), s.start(t, server.Addr(), nil)
	const many = 1000
	var n core.News
	for i := range many {
		t := core.TokenRef{Store: "shop", Token: fmt.Sprintf("%d\xff\x00 \"토큰\"", i)}
		n.Forgotten, n.Unshared, n.Rebound = append(n.Forgotten, t), append(n.Unshared, t), append(n.Rebound, t)
		n.Voids = append(n.Voids, core.VoidRecord{Store: "shop", Token: t.Token, Payments: []string{"\xff" + t.Token}, Seen: time.Now()})
	}
	if err := here.fleet.Peers().Tell(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	stats := func() core.StoreStats { return there.gate.Stats().Stores[0] }
	there.within(patience, "all voids stand", func() bool { return stats().Voids == many })
	if got := stats().Invalidated; got != many {
		t.Errorf("%d tokens are forgotten", got)
	}
	if err := here.fleet.Peers().Tell(t.Context(), core.News{}); err != nil { // and nothing is nothing
		t.Error(err)
	}
	if got := server.Client().XLen(t.Context(), "skugate:log").Val(); got != 2+(4*many+255)/256 {
		t.Errorf("the log has %d entries", got)
	}
	if keys := server.Client().Keys(t.Context(), "*").Val(); !slices.Equal(keys, []string{"skugate:log"}) {
		t.Errorf("the keys are %q", keys)
	}
}

func TestTheLogIsTrimmed(t *testing.T) {
	var s shop
	server := redistest.Start(t)
	n := s.start(t, server.Addr(), func(_ *core.Config, f *fleet.Config) { f.LogLength = 100 })
	for i := range 1000 {
		n.invalidate(fmt.Sprint(i))
	}
	if got := server.Client().XLen(t.Context(), "skugate:log").Val(); got < 100 || got > 300 {
		t.Errorf("the log has %d entries", got)
	}
}

func TestTheLogsConfiguration(t *testing.T) {
	c := client(t, "127.0.0.1:1")
	for _, test := range []struct {
		config fleet.Config
		want   string
	}{
		{fleet.Config{Client: c, Sync: time.Millisecond}, "fleet: Config.Sync is 1ms; it must be from 10ms to 1m"},
		{fleet.Config{Client: c, Sync: time.Hour}, "fleet: Config.Sync is 1h0m0s; it must be from 10ms to 1m"},
		{fleet.Config{Client: c, LogLength: -1}, "fleet: Config.LogLength is -1; it must be from 1 to 10000000"},
		{fleet.Config{Client: c, LogLength: 1e9}, "fleet: Config.LogLength is 1000000000; it must be from 1 to 10000000"},
	} {
		if _, err := fleet.New(test.config); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}
