package reconcile_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
)

// leases are turns in memory, of several instances.
type leases struct {
	mu     sync.Mutex
	of     map[string]lease
	broken error
	panics bool
}

type lease struct {
	instance int
	until    time.Time
}

// turns are an instance's.
type turns struct {
	*leases
	instance int
}

func (t turns) Take(_ context.Context, work string, d time.Duration) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.panics {
		panic("broken")
	}
	if t.broken != nil {
		return false, t.broken
	}
	if have := t.of[work]; have.instance != t.instance && time.Now().Before(have.until) {
		return false, nil
	}
	t.of[work] = lease{t.instance, time.Now().Add(d)}
	return true, nil
}

func (t turns) Return(_ context.Context, work string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[work].instance == t.instance {
		delete(t.of, work)
	}
	return t.broken
}

func (l *leases) holder(work string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if have := l.of[work]; time.Now().Before(have.until) {
		return have.instance
	}
	return 0
}

// change changes what all see.
func (l *leases) change(f func(*leases)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l)
}

// game is instances that share everything but their memory. cut ones do not reach the store.
type game struct {
	*rig
	leases *leases
	all    []*process
	stops  []func()
	mu     sync.Mutex
	cut    map[int]bool
}

func (r *rig) game(instances int, with *leases) *game {
	g := &game{rig: r, leases: with, cut: map[int]bool{}}
	for i := range instances {
		r.transport = roundTrip(func(req *http.Request) (*http.Response, error) {
			g.mu.Lock()
			cut := g.cut[i]
			g.mu.Unlock()
			if cut {
				return nil, errors.New("no way there")
			}
			return r.store.RoundTripper().RoundTrip(req)
		})
		r.gate = func(c *core.Config) { long(c); c.Facts = nil }
		r.worker = func(c *reconcile.Config) {
			if with != nil {
				c.Turns = turns{with, i + 1}
			}
		}
		p := r.another()
		g.all = append(g.all, p)
		g.stops = append(g.stops, r.run(p))
		time.Sleep(7 * time.Second) // they are out of step
	}
	return g
}

func (g *game) end(i int) {
	if g.stops[i] == nil {
		return
	}
	g.stops[i]()
	g.stops[i] = nil
	if err := g.all[i].gate.Close(context.Background()); err != nil {
		g.Error(err)
	}
}

func (g *game) close() {
	for i := range g.all {
		g.end(i)
	}
}

// lists counts the readings of the list that the store saw since from.
func (g *game) lists(from time.Time) (n int) {
	for _, r := range g.store.Requests() {
		if r.Op == onestoretest.OpVoidedPurchases && r.At.After(from) {
			n++
		}
	}
	return n
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestInstancesThatTakeTurnsReadAListOnce(t *testing.T) {
	bubble("three", t, global, func(r *rig) {
		g := r.game(3, &leases{of: map[string]lease{}})
		defer g.close()
		for i, p := range g.all {
			if err := p.gate.Ready(r.Context()); err != nil {
				t.Errorf("instance %d did not catch up: %v", i, err)
			}
		}
		from := time.Now()
		time.Sleep(20 * time.Minute)
		if n := g.lists(from); n < 10 || n > 24 { // a page each
			t.Errorf("the list was read %d times in 20 min, want about 20", n)
		}
	})
	bubble("three without turns", t, global, func(r *rig) {
		g := r.game(3, nil)
		defer g.close()
		from := time.Now()
		time.Sleep(20 * time.Minute)
		if n := g.lists(from); n < 50 {
			t.Errorf("the list was read %d times in 20 min, want about 60", n)
		}
	})
}

// Whatever became of the one that had the turn, the list is read again within two periods.
func TestALostTurnCostsOnePeriod(t *testing.T) {
	const bound = 2*time.Minute + time.Second
	for _, c := range []struct {
		name string
		lose func(g *game, i int)
	}{
		{"its instance ends", func(g *game, i int) { g.end(i) }},
		{"its instance does not reach the store", func(g *game, i int) { g.mu.Lock(); g.cut[i] = true; g.mu.Unlock() }},
		{"turns cannot be found out", func(g *game, _ int) { g.leases.change(func(l *leases) { l.broken = errors.New("down") }) }},
	} {
		bubble(c.name, t, global, func(r *rig) {
			g := r.game(3, &leases{of: map[string]lease{}})
			defer g.close()
			time.Sleep(10 * time.Minute)
			i := g.leases.holder("voids") - 1
			for i < 0 {
				time.Sleep(time.Second)
				i = g.leases.holder("voids") - 1
			}
			c.lose(g, i)
			for range 5 {
				from := time.Now()
				if time.Sleep(bound); g.lists(from) == 0 {
					t.Errorf("nobody read the list within %v", bound)
				}
			}
		})
	}
}

func TestWhereTurnsCannotBeFoundOutEveryInstanceWorks(t *testing.T) {
	bubble("down", t, global, func(r *rig) {
		g := r.game(3, &leases{of: map[string]lease{}, broken: errors.New("down")})
		defer g.close()
		tokens := []string{}
		for range 3 {
			tokens = append(tokens, r.store.Buy(onestoretest.InApp("skin"), onestoretest.Acknowledged()))
		}
		for _, p := range g.all {
			for _, token := range tokens {
				r.grants(p, token)
			}
		}
		for _, token := range tokens {
			r.store.Refund(token)
		}
		time.Sleep(69 * time.Second) // the bound of an instance that is alone
		for _, p := range g.all {
			for _, token := range tokens {
				r.denies(p, token, core.ReasonVoided)
			}
		}
		if !r.log.says("whose turn it is cannot be found out") {
			t.Error("nobody was told")
		}
	})
	bubble("a panic", t, global, func(r *rig) {
		l := &leases{of: map[string]lease{}}
		g := r.game(1, l)
		defer g.close()
		l.change(func(l *leases) { l.panics = true })
		time.Sleep(3 * time.Minute)
		l.change(func(l *leases) { l.panics = false })
		from := time.Now()
		time.Sleep(2 * time.Minute)
		if !r.log.says("a panic was contained") || g.lists(from) == 0 {
			t.Error("the work did not go on")
		}
	})
}

// Two that both believe it is their turn do what one does.
func TestTwoAtTheSameWorkAreHarmless(t *testing.T) {
	bubble("two", t, korea, func(r *rig) {
		g := r.game(2, nil)
		defer g.close()
		var bought, refunded []string
		for i := range 40 {
			token := r.store.Buy(onestoretest.InApp("skin"))
			r.grants(g.all[i%2], token)
			bought = append(bought, token)
		}
		time.Sleep(2 * time.Hour) // of sweeps too
		calls := map[string]int{}
		for _, req := range r.store.Requests() {
			if req.Op == onestoretest.OpAcknowledgePurchase {
				calls[req.Token]++
			}
		}
		for i, token := range bought {
			if calls[token] != 1 {
				t.Errorf("purchase %d was acknowledged %d times", i, calls[token])
			}
			if i%4 == 0 {
				r.store.Refund(token)
				refunded = append(refunded, token)
			}
		}
		time.Sleep(69 * time.Second)
		for _, p := range g.all {
			for _, token := range refunded {
				r.denies(p, token, core.ReasonVoided)
			}
		}
		log, err := r.voids.Load(r.Context())
		if err != nil || len(log.Records) != len(refunded) {
			t.Errorf("%d records of %d refunds are kept, %v", len(log.Records), len(refunded), err)
		}
	})
}
