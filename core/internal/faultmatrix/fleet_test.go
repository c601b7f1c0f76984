package faultmatrix_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
	"github.com/skugate/skugate/core/internal/redistest"
)

// What a fleet is tested with.
const (
	nodes     = 3
	tVoid     = 500 * time.Millisecond
	tSync     = 250 * time.Millisecond
	tRedis    = 30 * time.Millisecond
	reachable = 2 * time.Second // most that it takes until a Redis that is back is used
	// listed is how long ago a refund is at least that a list has: the client ends it half a second before the
	// time that the store's last answer showed, to the second.
	listed = 1500 * time.Millisecond
)

// servers are the Redis of each scene.
var servers sync.Map // *fm.Scene -> *redistest.Server

func redisOf(s *fm.Scene) *redistest.Server {
	v, _ := servers.Load(s)
	return v.(*redistest.Server)
}

// fleet is a row with several hosts that share a Redis, which is down at first if it says so.
func fleet(row fm.Row, down bool) fm.Row {
	row.Nodes, row.Apart = nodes, true // who asks the store for whom is chance
	row.Flags = append([]string{"-t-void", tVoid.String(), "-t-sync", tSync.String(), "-t-redis", tRedis.String()}, row.Flags...)
	row.Redis = func(t testing.TB, s *fm.Scene) string {
		server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec")
		if down {
			server.Kill()
		}
		servers.Store(s, server)
		t.Cleanup(func() { servers.Delete(s) })
		return server.URL() + "?max_idle_conns=3" // what the process may hold besides is judged
	}
	return row
}

// everywhere asks all hosts about a key.
func everywhere(s *fm.Scene, k fm.Key) []fm.Check {
	checks := make([]fm.Check, nodes)
	for n := range checks {
		checks[n] = s.Get(k.At(n))
	}
	return checks
}

// usedAgain waits until one host finds in the tier what another one asked, which must be within d.
func usedAgain(s *fm.Scene, d time.Duration) {
	began := time.Now()
	for i := 0; ; i++ {
		k := s.Buy(fm.VIP, fm.Player(5000+i))
		s.Expect("a new player", []fm.Check{s.Get(k)}, fm.G)
		c := s.Get(k.At(1))
		s.Expect("the same at another host", []fm.Check{c}, fm.G)
		if c.Source == "shared" {
			return
		}
		if took := time.Since(began); took > d+s.Late(began, time.Now()) {
			s.Errorf("the tier is not used %v after the return", took)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// labelled are the routes whose purchases name their owner. Of others the owners' registry has to say whose
// they are, and without it nobody knows.
var labelled = []fm.Route{fm.Gold, fm.Skin, fm.VIP}

// paid counts the requests that took longer than a host without a sick Redis takes.
func paid(s *fm.Scene, what string, checks []fm.Check) {
	n := 0
	for _, c := range checks {
		if took := c.End.Sub(c.Start); took > tRedis*2/3+s.Late(c.Start, c.End) {
			n++
		}
	}
	if most := 5 * nodes; n > most {
		s.Errorf("%s: %d requests of %d paid for it, at most %d may", what, n, len(checks), most)
	}
}

// traffic is 200 requests a second for each host: of players who come again, and of new ones.
func traffic(s *fm.Scene, keys []fm.Key, d time.Duration) []fm.Check {
	return s.Stream(fm.Span(10*time.Millisecond, 5*time.Millisecond/nodes), d, func(i int) fm.Key {
		if i%10 == 0 {
			return s.Buy(fm.Skin, fm.Player(10000+i)).At(i / 10 % nodes)
		}
		return keys[i%len(keys)].At(i / len(keys) % nodes)
	})
}

func TestRow38RedisIsDownAndBack(t *testing.T) {
	t.Parallel()
	fm.Run(t, fleet(fm.Row{Drive: func(s *fm.Scene) {
		keys := s.Players(12, labelled...)
		checks := traffic(s, keys, fm.Span(time.Second, 10*time.Second))
		s.Expect("down at the start", checks, fm.G)
		paid(s, "down at the start", checks)
		redisOf(s).Restart()
		usedAgain(s, reachable)
		s.Expect("back", traffic(s, keys, fm.Span(500*time.Millisecond, 10*time.Second)), fm.G)
		redisOf(s).Kill()
		checks = traffic(s, keys, fm.Span(time.Second, 10*time.Second))
		s.Expect("down later", checks, fm.G)
		paid(s, "down later", checks)
		redisOf(s).Restart()
		usedAgain(s, reachable)
		s.Expect("back again", traffic(s, keys, fm.Span(500*time.Millisecond, 10*time.Second)), fm.G)
	}}, true))
}

func TestRow39RedisIsSick(t *testing.T) {
	t.Parallel()
	for name, sick := range map[string]struct {
		ail, heal func(r *redistest.Server)
	}{
		"it accepts and never answers": {(*redistest.Server).Freeze, (*redistest.Server).Thaw},
		"it has no memory left":        {config("maxmemory", "1"), config("maxmemory", "0")},
		"it is a replica":              {replicate("127.0.0.1", "1"), replicate("NO", "ONE")},
		"it cuts connections":          {cutConnections, func(*redistest.Server) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fm.Run(t, fleet(fm.Row{Drive: func(s *fm.Scene) {
				keys := s.Players(12, labelled...)
				s.Warm(keys...)
				sick.ail(redisOf(s))
				checks := traffic(s, keys, fm.Span(time.Second, 10*time.Second))
				s.Expect(name, checks, fm.G)
				paid(s, name, checks)
				sick.heal(redisOf(s))
				usedAgain(s, reachable)
				for _, k := range keys { // no error became a no
					s.Expect("afterwards", everywhere(s, k), fm.G)
				}
			}}, false))
		})
	}
}

func config(name, value string) func(r *redistest.Server) {
	return func(r *redistest.Server) { r.Client().ConfigSet(context.Background(), name, value) }
}

func replicate(host, port string) func(r *redistest.Server) {
	return func(r *redistest.Server) { r.Client().Do(context.Background(), "replicaof", host, port) }
}

// cutConnections cuts every connection again and again for a while.
func cutConnections(r *redistest.Server) {
	c := r.Client()
	go func() {
		for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			c.Do(context.Background(), "client", "kill", "type", "normal", "skipme", "yes")
		}
	}()
}

func TestRow40AVoidWhileTheFleetIsCut(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]struct{ off, on func(r *redistest.Server) }{
		"by a server that hangs": {(*redistest.Server).Freeze, (*redistest.Server).Thaw},
		"by one that is gone":    {(*redistest.Server).Kill, (*redistest.Server).Restart},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			long := 30 * time.Second // so that no node asks the store by itself
			fm.Run(t, fleet(fm.Row{Flags: []string{"-t-pos", long.String()}, Pos: long, Drive: func(s *fm.Scene) {
				void, told, other := s.Buy(fm.VIP, fm.Player(0)), s.Buy(fm.Skin, fm.Player(1)), s.Buy(fm.Skin, fm.Player(2))
				for _, k := range []fm.Key{void, told, other} {
					s.Expect("warm", everywhere(s, k), fm.G)
				}
				cut.off(redisOf(s))
				time.Sleep(100 * time.Millisecond)
				s.Refund(void)
				voided := time.Now()
				if s.Forget(told) {
					s.Errorf("the fleet was told through a cut")
				}
				denied := make([]time.Time, nodes)
				var wg sync.WaitGroup
				for n := range nodes {
					wg.Go(func() {
						for denied[n].IsZero() {
							if c := s.Get(void.At(n)); c.Outcome == fm.D {
								denied[n] = c.End
							}
							if time.Since(voided) > long/2 {
								s.Errorf("host %d serves what was refunded %v ago", n, time.Since(voided))
								return
							}
							time.Sleep(20 * time.Millisecond)
						}
					})
				}
				time.Sleep(2 * time.Second)
				cut.on(redisOf(s))
				reconnected := time.Now()
				wg.Wait()
				for n, at := range denied {
					// A client that failed to connect for a while tries once a second.
					byList, byLog := voided.Add(tVoid+tVoid/10+listed+tSync), reconnected.Add(time.Second+tSync)
					latest := byList
					if byLog.After(latest) {
						latest = byLog
					}
					if late := s.Late(voided, at) + 100*time.Millisecond; at.After(latest.Add(late)) {
						s.Errorf("host %d denies %v after the void and %v after the reconnect", n, at.Sub(voided), at.Sub(reconnected))
					}
				}
				// What could not be told is brought again, as stores do.
				for end := time.Now().Add(5 * time.Second); !s.Forget(told); time.Sleep(20 * time.Millisecond) {
					if time.Now().After(end) {
						s.Fatalf("the fleet cannot be told after the cut")
					}
				}
				time.Sleep(tSync + 50*time.Millisecond + s.Late(reconnected, time.Now()))
				for n := range nodes {
					if c := s.Get(told.At(n)); c.Outcome != fm.G || c.Source == "memory" {
						s.Errorf("host %d has not heard: %s from %s", n, c.Outcome, c.Source)
					}
					if c := s.Get(other.At(n)); c.Outcome != fm.G || c.Source != "memory" {
						s.Errorf("host %d lost its memory: %s from %s", n, c.Outcome, c.Source)
					}
				}
			}}, false))
		})
	}
}

func TestRow46APurchaseOfSomebodyElseOnAnotherNode(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"require", "record", "off"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			fm.Run(t, fleet(fm.Row{Flags: []string{"-binding", policy}, Drive: func(s *fm.Scene) {
				owners := fm.Size(10, 100)
				for i := range owners {
					k := s.BuyUnlabelled(fm.VIP, fm.Player(i))
					if policy == "require" {
						k = s.Buy(fm.VIP, fm.Player(i))
					}
					thief := fm.Player(owners + i)
					s.Expect("the owner", []fm.Check{s.Get(k)}, fm.G)
					on := s.Get(k.As(thief).At(1)) // which has it from the tier
					if policy == "off" {
						s.Expect("everybody", []fm.Check{on}, fm.G)
						continue
					}
					s.Expect("a thief on another node", []fm.Check{on, s.Get(k.As(thief).At(1)), s.Get(k.As(thief))}, fm.D)
					stranger := s.Get(fm.Key{Route: fm.VIP, Token: fm.Stranger(i), Account: thief, Node: 1})
					if on.Body != stranger.Body {
						s.Errorf("the answer tells that the purchase exists: %s", on.Body)
					}
					s.Expect("the owner still", everywhere(s, k), fm.G)
				}
				if policy != "off" {
					return
				}
				k := s.BuyUnlabelled(fm.VIP, fm.Player(0))
				s.Expect("warm", everywhere(s, k), fm.G)
				s.Expect("somebody else", everywhere(s, k.As(fm.Player(1))), fm.G)
				for n, h := range s.Nodes {
					if m, err := h.Metrics(); err != nil || m.Sum("skugate_would_refuse_total") == 0 {
						s.Errorf("host %d does not count what binding would have refused (%v)", n, err)
					}
				}
			}}, false))
		})
	}
}

func TestRow55ManyVoidsOnThreeNodes(t *testing.T) {
	t.Parallel()
	long := time.Minute
	fm.Run(t, fleet(fm.Row{Flags: []string{"-t-pos", long.String()}, Pos: long, Drive: func(s *fm.Scene) {
		keys := s.Players(fm.Size(60, 10_000), fm.Skin, fm.Pass, fm.VIP)
		var all []fm.Key
		for i, k := range keys {
			all = append(all, k.At(i%nodes), k.At((i+1)%nodes))
		}
		s.Expect("warm", s.Crowd(8, all...), fm.G)
		began := time.Now()
		for _, k := range keys {
			s.Refund(k)
		}
		refunded := time.Now()
		pages := time.Duration(len(keys)/50+1) * 50 * time.Millisecond // a page has 50 rows at least
		bound := tVoid + tVoid/10 + listed + pages + tSync
		time.Sleep(bound + s.Late(began, time.Now()))
		for n := range nodes {
			var these []fm.Key
			for _, k := range keys {
				these = append(these, k.At(n))
			}
			s.Expect(fmt.Sprintf("host %d, %v after the last refund", n, time.Since(refunded)), s.Crowd(8, these...), fm.D)
		}
		if !s.Forget(keys[0]) {
			s.Errorf("the fleet could not be told")
		}
		s.Expect("read again", everywhere(s, keys[0]), fm.D)
	}}, false))
}
