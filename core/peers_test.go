package core_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// village is a Peers in memory: what one gate tells, all others hear at once.
type village struct {
	mu      sync.Mutex
	gates   []*core.Gate
	said    []core.News
	failing error
	hangs   bool
}

// villager is one gate's voice; it does not hear itself.
type villager struct {
	*village
	gate atomic.Pointer[core.Gate]
}

func (v *villager) Tell(ctx context.Context, n core.News) error {
	v.mu.Lock()
	hangs, failing := v.hangs, v.failing
	if !hangs && failing == nil {
		v.said = append(v.said, n)
	}
	gates := slices.Clone(v.gates)
	v.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if failing != nil {
		return failing
	}
	for _, g := range gates {
		if g != v.gate.Load() {
			if err := g.Hear(ctx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// move opens a gate that talks to those that are there.
func (v *village) move(t *testing.T, c core.Config, stores ...core.Store) *core.Gate {
	t.Helper()
	voice := &villager{village: v}
	c.Peers = voice
	gate := open(t, c, stores...)
	voice.gate.Store(gate)
	v.gates = append(v.gates, gate)
	return gate
}

// heard takes what was said since the last call of it.
func (v *village) heard() []core.News {
	v.mu.Lock()
	defer v.mu.Unlock()
	said := v.said
	v.said = nil
	return said
}

func (v *village) fail(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.failing = err
}

var errNoFleet = errors.New("the others cannot be reached")

func TestWhatIsForgottenHereIsForgottenThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			m   market
			all village
		)
		here, there := all.move(t, core.Config{}, newStore(m.lookup)), all.move(t, core.Config{}, newStore(m.lookup))
		m.set(0, sells(skin))
		for _, gate := range all.gates {
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		}
		m.set(2*time.Second, sells(skin))
		time.Sleep(5*time.Minute + time.Second) // due: a refresh from before is under way
		want(t, there.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		synctest.Wait()
		m.set(0, fails(errNotFound))
		if err := here.InvalidateToken(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			want(t, there.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonNotFound)
			time.Sleep(10 * time.Second) // the refresh has landed
		}
		if s := there.Stats().Peers; s != (core.PeersStats{Heard: 1}) {
			t.Errorf("there: %+v", s)
		}
		if s := here.Stats().Peers; s != (core.PeersStats{Told: 1}) {
			t.Errorf("here: %+v", s)
		}
	})
}

func TestWhatWasConsumedHereIsForgottenThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all village
		store := newConsuming(t)
		here, there := all.move(t, core.Config{}, store), all.move(t, core.Config{}, store)
		gold := inApp("gold").Consumable()
		want(t, there.Check(t.Context(), gold, by("alice", "gold-1")), core.Granted, core.ReasonUnconsumed)
		want(t, here.Consume(t.Context(), gold, "gold-1"), core.Granted, core.ReasonUnconsumed)
		synctest.Wait()
		want(t, there.Check(t.Context(), gold, by("alice", "gold-1")), core.Denied, core.ReasonConsumed)
	})
}

// newConsuming is a store that remembers what was consumed.
func newConsuming(t *testing.T) *consuming {
	t.Helper()
	c := &consuming{}
	c.scripted = *newStore(sells(func(token string) *core.Purchase {
		p := skin(token)
		if c.consumed.Load() {
			p.Consumption = core.Consumed
		}
		return p
	}))
	return c
}

type consuming struct {
	scripted
	consumed atomic.Bool
}

func (c *consuming) Consume(context.Context, core.Product, string) error {
	c.consumed.Store(true)
	return nil
}

func TestAVoidHereIsInForceThere(t *testing.T) {
	for _, c := range []struct {
		name string
		void core.Void
	}{
		{"of a token", core.Void{Store: "shop", Token: "skin-1"}},
		{"of a payment", core.Void{Store: "shop", Token: "skin-1", PurchaseID: "p-skin-1"}},
	} {
		bubble(c.name, t, func(t *testing.T) {
			var all village
			shelves := [2]*shelf{newShelf(), newShelf()}
			store := newStore(sells(skin))
			here := all.move(t, core.Config{Voids: keptVoids{shelves[0]}}, store)
			there := all.move(t, core.Config{Voids: keptVoids{shelves[1]}}, store)
			want(t, there.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
			for range 3 {
				if err := here.Void(t.Context(), c.void); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(all.heard()); n != 1 {
				t.Errorf("it was told %d times", n)
			}
			want(t, there.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonVoided)
			if err := there.Void(t.Context(), c.void); err != nil { // it is on the list that both read
				t.Fatal(err)
			}
			if n := len(all.heard()); n != 0 {
				t.Errorf("what was heard was told %d times", n)
			}
			// It is kept there as well, and so outlives a restart of an instance whose state is its own.
			again := open(t, core.Config{Voids: keptVoids{shelves[1]}}, store)
			want(t, again.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonVoided)
		})
	}
}

func TestAReplacedPlanIsReplacedThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all village
		store := newStore(sells(func(token string) *core.Purchase {
			p := vip(token, 90*24*time.Hour)
			if token == "vip-plus" {
				p.LinkedToken = "vip-basic"
			}
			return p
		}))
		here, there := all.move(t, core.Config{}, store), all.move(t, core.Config{}, store)
		want(t, there.Check(t.Context(), subscription("vip"), by("alice", "vip-basic")), core.Granted, core.ReasonActive)
		all.fail(errNoFleet)
		want(t, here.Check(t.Context(), subscription("vip"), by("alice", "vip-plus")), core.Granted, core.ReasonActive)
		synctest.Wait()
		want(t, there.Check(t.Context(), subscription("vip"), by("alice", "vip-basic")), core.Granted, core.ReasonActive)
		all.fail(nil)
		time.Sleep(5*time.Minute + time.Second) // it is read again, and told again
		want(t, here.Check(t.Context(), subscription("vip"), by("alice", "vip-plus")), core.Granted, core.ReasonActive)
		synctest.Wait()
		want(t, there.Check(t.Context(), subscription("vip"), by("alice", "vip-basic")), core.Denied, core.ReasonSuperseded)
		if s := here.Stats().Peers; s.Told != 1 || s.Untold != 1 {
			t.Errorf("here: %+v", s)
		}
	})
}

// A look-up that learns of a replaced plan does not wait for a fleet that hangs, and the gate does not end
// before it was told.
func TestNoPlayerWaitsForTheFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := village{hangs: true}
		store := newStore(sells(func(token string) *core.Purchase {
			p := vip(token, 90*24*time.Hour)
			p.LinkedToken = "vip-of-old-" + token
			return p
		}))
		gate := all.move(t, core.Config{}, store)
		began := time.Now()
		want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-1")), core.Granted, core.ReasonActive)
		if took := time.Since(began); took != 0 {
			t.Errorf("the check took %v", took)
		}
		if err := gate.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("closing took %v, want the time that telling may take", took)
		}
		if s := gate.Stats().Peers; s.Untold != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// More tellings than may be under way are not made, and counted.
func TestANumberOfTellingsIsUnderWayAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 300
		all := village{hangs: true}
		store := newStore(sells(func(token string) *core.Purchase {
			p := vip(token, 90*24*time.Hour)
			p.LinkedToken = "old-" + token
			return p
		}))
		gate := all.move(t, core.Config{Guard: core.Guard{MaxInFlight: many}}, store)
		for i := range many {
			want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-"+string(rune('a'+i/26))+string(rune('a'+i%26)))), core.Granted, core.ReasonActive)
		}
		if s := gate.Stats().Peers; s.Untold != many-256 {
			t.Errorf("%+v, want %d", s, many-256)
		}
		time.Sleep(4 * time.Second)
		if s := gate.Stats().Peers; s.Untold != many {
			t.Errorf("%+v, want %d", s, many)
		}
	})
}

func TestWhatCannotBeToldIsInForceHereAndAnError(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(context.Context, *core.Gate) error
		then core.Reason // of alice's next check; empty: it is not checked
	}{
		{"Invalidate", func(ctx context.Context, g *core.Gate) error { return g.Invalidate(ctx, inApp("skin"), "skin-1") }, core.ReasonNotFound},
		{"Void", func(ctx context.Context, g *core.Gate) error {
			return g.Void(ctx, core.Void{Store: "shop", Token: "skin-1"})
		}, core.ReasonVoided},
		{"Unbind", func(ctx context.Context, g *core.Gate) error { return g.Unbind(ctx, "shop", "skin-1") }, core.ReasonOwned},
		{"Bind", func(ctx context.Context, g *core.Gate) error { return g.Bind(ctx, "alice", inApp("skin"), "skin-1") }, core.ReasonOwned},
	} {
		for _, hangs := range []bool{false, true} {
			name := c.name
			if hangs {
				name += ", and the fleet hangs"
			}
			bubble(name, t, func(t *testing.T) {
				var all village
				store := newStore(sells(skin))
				gate := all.move(t, core.Config{}, store)
				want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
				store.script(fails(errNotFound))
				all.fail(errNoFleet)
				all.hangs = hangs
				began := time.Now()
				err := c.do(t.Context(), gate)
				if cause := map[bool]error{false: errNoFleet, true: context.DeadlineExceeded}[hangs]; !errors.Is(err, cause) {
					t.Errorf("got %v", err)
				}
				if took, most := time.Since(began), map[bool]time.Duration{true: 3 * time.Second}[hangs]; took != most {
					t.Errorf("it took %v, want %v", took, most)
				}
				if d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")); d.Reason != c.then {
					t.Errorf("here it is %s, want %s", d.Reason, c.then)
				}
				all.mu.Lock()
				all.hangs, all.failing = false, nil
				all.mu.Unlock()
				if err := c.do(t.Context(), gate); err != nil { // brought again, it is told
					t.Error(err)
				}
				if n := len(all.heard()); n != 1 {
					t.Errorf("it was told %d times", n)
				}
			})
		}
	}
}

// Many voids are told in parts, of which each has the time that one may take; those that were told are not
// told again.
func TestManyVoidsAreToldInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all village
		here, there := all.move(t, core.Config{}, newStore(sells(skin))), all.move(t, core.Config{}, newStore(sells(skin)))
		voids := make([]core.Void, 600)
		for i := range voids {
			voids[i] = core.Void{Store: "shop", Token: fmt.Sprint("skin-", i)}
		}
		if err := here.Void(t.Context(), voids[:10]...); err != nil {
			t.Fatal(err)
		}
		if err := here.Void(t.Context(), voids...); err != nil {
			t.Fatal(err)
		}
		var told []int
		for _, n := range all.heard() {
			told = append(told, len(n.Voids))
		}
		if !slices.Equal(told, []int{10, 256, 256, 78}) {
			t.Errorf("told were %d at once", told)
		}
		if n := shop(t, there).Voids; n != len(voids) {
			t.Errorf("%d of them stand", n)
		}
	})
}

// What Config.Shared could not be told to forget, whoever hears of it does not take from there.
func TestWhatTheTierMayStillHaveIsNotTakenFromIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m market
		var all village
		tier := newWire()
		cut := &wire{Shared: tier.Shared}
		here := all.move(t, core.Config{Shared: cut}, newStore(m.lookup))
		there := all.move(t, core.Config{Shared: tier}, newStore(m.lookup))
		m.set(0, sells(skin))
		want(t, there.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		synctest.Wait() // it is in the tier
		m.set(0, fails(errNotFound))
		cut.fails(errWire)
		if err := here.InvalidateToken(t.Context(), "shop", "skin-1"); !errors.Is(err, errWire) {
			t.Errorf("got %v", err)
		}
		want(t, there.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonNotFound)
	})
}

// How far a list was read is kept only when the others know what was on it.
func TestAListThatWasNotToldIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all village
		store := &listing{scripted: newStore(sells(skin)), voids: []core.Void{{Token: "skin-1"}}}
		s := newShelf()
		here := all.move(t, core.Config{Voids: keptVoids{s}}, store)
		there := all.move(t, core.Config{}, newStore(sells(skin)))
		read := time.Now()
		follow := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, _, err := here.ReadVoids(ctx, "shop", time.Time{}, time.Time{}, read)
			return err
		}
		all.fail(errNoFleet)
		if err := follow(); !errors.Is(err, errNoFleet) {
			t.Errorf("got %v", err)
		}
		if at, err := here.VoidsRead(t.Context(), "shop"); err != nil || !at.IsZero() {
			t.Errorf("the list counts as read to %v, %v", at, err)
		}
		kept, err := s.MemoryVoids.Load(t.Context())
		if err != nil || len(kept.Records) != 1 || len(kept.Checkpoints) != 0 {
			t.Errorf("kept are %+v, %v", kept, err)
		}
		all.fail(nil)
		for range 2 {
			if err := follow(); err != nil {
				t.Error(err)
			}
		}
		if n := len(all.heard()); n != 1 {
			t.Errorf("it was told %d times", n)
		}
		if at, err := here.VoidsRead(t.Context(), "shop"); err != nil || !at.Equal(read) {
			t.Errorf("the list counts as read to %v, %v; want %v", at, err, read)
		}
		want(t, there.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonVoided)
	})
}

// Whose a purchase was counts no more there, and what is known of it stays.
func TestAnOwnerChangedHereIsChangedThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all village
		owners := &slowOwners{Owners: core.NewMemoryOwners()}
		stores := []*scripted{newStore(sells(skin)), newStore(sells(skin))}
		here, there := all.move(t, core.Config{Owners: owners}, stores[0]), all.move(t, core.Config{Owners: owners}, stores[1])
		check := func(account string) core.Decision {
			return there.Check(t.Context(), inApp("skin"), by(account, "skin-1"))
		}
		want(t, check("alice"), core.Granted, core.ReasonOwned)
		want(t, check("alice"), core.Granted, core.ReasonOwned)
		// Checks of alice's are under way that have asked the registry before.
		want(t, check("bob"), core.Denied, core.ReasonAccountMismatch)
		owners.wait.Store(int64(time.Second))
		var before sync.WaitGroup
		before.Go(func() { check("alice") })
		synctest.Wait()
		owners.wait.Store(0)
		if err := here.Unbind(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
		if err := here.Bind(t.Context(), "bob", inApp("skin"), "skin-1"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			want(t, check("alice"), core.Denied, core.ReasonAccountMismatch)
			want(t, check("bob"), core.Granted, core.ReasonOwned)
			before.Wait()
		}
		calls(t, stores[1], 1) // nothing was forgotten of the purchase
		said := all.heard()
		if len(said) != 2 || !slices.Equal(said[0].Rebound, []core.TokenRef{{Store: "shop", Token: "skin-1"}}) {
			t.Errorf("told was %+v", said)
		}
	})
}

// The grants that a fact may give past freshness do not start again.
func TestAnOwnerChangedThereGrantsNoMorePastFreshness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore(sells(skin))
		gate := open(t, core.Config{Lifetimes: core.Lifetimes{StaleGrants: 2}}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		want(t, check(), core.Granted, core.ReasonOwned)
		store.script(fails(errDown))
		time.Sleep(time.Hour)
		for i := range 4 {
			if d := check(); d.Granted() != (i < 2) {
				t.Errorf("check %d: %v (%s)", i, d.Outcome, d.Reason)
			}
			if err := gate.Hear(t.Context(), core.News{Rebound: []core.TokenRef{{Store: "shop", Token: "skin-1"}, {Store: "shop", Token: "never-seen"}}}); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestNewsThatIsNoneOfTheGates(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	refs := []core.TokenRef{{Store: "nowhere", Token: "skin-1"}, {Store: "shop", Token: ""}}
	n := core.News{Forgotten: refs, Rebound: refs, Voids: []core.VoidRecord{{Store: "nowhere", Token: "skin-1", Whole: true}, {Store: "shop", Whole: true}}}
	if err := gate.Hear(t.Context(), n); err != nil {
		t.Error(err)
	}
	if s := shop(t, gate); s.Invalidated != 0 || s.Voids != 0 {
		t.Errorf("%+v", s)
	}
	var none *core.Gate
	if none.Hear(t.Context(), n) == nil || none.Resync(t.Context()) == nil || none.Horizon() != 0 {
		t.Error("a nil gate hears")
	}
}

func TestNewsThatCannotBeKeptIsInForceAndAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		gate := open(t, core.Config{Voids: keptVoids{s}}, newStore(sells(skin)))
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
		s.apply = errDisk
		n := core.News{Voids: []core.VoidRecord{{Store: "shop", Token: "skin-1", Whole: true, Seen: time.Now()}}}
		if err := gate.Hear(t.Context(), n); !errors.Is(err, errDisk) {
			t.Errorf("got %v", err)
		}
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonVoided)
		s.apply = nil
		if err := gate.Hear(t.Context(), n); err != nil { // the same again
			t.Error(err)
		}
		if log, err := s.MemoryVoids.Load(t.Context()); err != nil || len(log.Records) != 1 {
			t.Errorf("kept are %+v, %v", log, err)
		}
	})
}

// What was missed may be anything: nothing that stores said is used, and what stands is read again.
func TestAResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m market
		s := newShelf()
		gate := open(t, core.Config{Voids: keptVoids{s}}, newStore(m.lookup))
		check := func(token string) core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", token)) }
		m.set(0, sells(skin))
		want(t, check("skin-1"), core.Granted, core.ReasonOwned)
		want(t, check("skin-2"), core.Granted, core.ReasonOwned)
		want(t, check("none-1"), core.Denied, core.ReasonNotFound)
		m.set(time.Second, sells(skin))
		var before sync.WaitGroup
		before.Go(func() { check("skin-3") })
		synctest.Wait()

		change := core.VoidLog{Records: []core.VoidRecord{{Store: "shop", Token: "skin-2", Whole: true, Seen: time.Now()}}, Checkpoints: map[core.StoreID]time.Time{"shop": time.Now()}}
		if err := s.MemoryVoids.Apply(t.Context(), change); err != nil { // another instance's
			t.Fatal(err)
		}
		s.cannot(errDisk)
		if err := gate.Resync(t.Context()); !errors.Is(err, errDisk) {
			t.Errorf("got %v", err)
		}
		from(t, check("skin-1"), core.Granted, core.ReasonOwned, core.SourceMemory) // nothing was forgotten
		s.cannot(nil)
		m.set(0, sells(func(token string) *core.Purchase {
			p := skin(token)
			p.State = core.StateCanceled
			return p
		}))
		if err := gate.Resync(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			want(t, check("skin-1"), core.Denied, core.ReasonPurchaseCanceled)
			want(t, check("skin-3"), core.Denied, core.ReasonPurchaseCanceled)
			before.Wait() // what was under way has landed
		}
		m.set(0, fails(errNotFound))
		want(t, check("skin-4"), core.Denied, core.ReasonNotFound)
		m.set(0, sells(skin))
		if err := gate.Resync(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(t, check("skin-4"), core.Granted, core.ReasonOwned)
		want(t, check("skin-2"), core.Denied, core.ReasonVoided)
		if read, err := gate.VoidsRead(t.Context(), "shop"); err != nil || !read.Equal(change.Checkpoints["shop"]) {
			t.Errorf("the list was read to %v, %v", read, err)
		}
		if n := gate.Stats().Peers.Resyncs; n != 2 {
			t.Errorf("%d resyncs", n)
		}
	})
}

// What was heard before the kept facts are loaded counts against them.
func TestNewsFromBeforeTheKeptFactsAreLoaded(t *testing.T) {
	for name, hear := range map[string]func(ctx context.Context, g *core.Gate) error{
		"one token": func(ctx context.Context, g *core.Gate) error {
			return g.Hear(ctx, core.News{Forgotten: []core.TokenRef{{Store: "shop", Token: "skin-1"}}})
		},
		"all": func(ctx context.Context, g *core.Gate) error { return g.Resync(ctx) },
	} {
		bubble(name, t, func(t *testing.T) {
			s := newShelf()
			store := newStore(sells(skin))
			gate := open(t, core.Config{Facts: s.MemoryFacts}, store)
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
			if err := gate.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			store.script(fails(errNotFound))
			gate = open(t, core.Config{Facts: unforgetting{s.MemoryFacts}}, store)
			if err := hear(t.Context(), gate); err != nil && name == "all" {
				t.Fatal(err)
			}
			want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Denied, core.ReasonNotFound)
		})
	}
}

// unforgetting cannot forget.
type unforgetting struct{ *core.MemoryFacts }

func (unforgetting) Forget(context.Context, core.StoreID, string) error { return errDisk }

// What stands here and was not kept is not taken for kept because less of it is.
func TestAResyncDoesNotTakeMoreForKeptThanIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		gate := open(t, core.Config{Voids: keptVoids{s}}, newStore(sells(skin)))
		void := func(payment string) error {
			return gate.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1", PurchaseID: payment})
		}
		if err := void("first"); err != nil {
			t.Fatal(err)
		}
		s.apply = errDisk
		if err := void("second"); !errors.Is(err, errDisk) {
			t.Fatalf("got %v", err)
		}
		s.apply = nil
		if err := gate.Resync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := void("second"); err != nil { // brought again
			t.Fatal(err)
		}
		log, err := s.MemoryVoids.Load(t.Context())
		if err != nil || len(log.Records) != 1 || len(log.Records[0].Payments) != 2 {
			t.Errorf("kept are %+v, %v", log, err)
		}
	})
}

func TestTheHorizon(t *testing.T) {
	for _, c := range []struct {
		lifetimes core.Lifetimes
		want      time.Duration
	}{
		{core.Lifetimes{}, 6 * time.Hour},
		{core.Lifetimes{Usable: 9 * time.Hour}, 9 * time.Hour},
		{core.Lifetimes{Usable: time.Hour, Denied: 2 * time.Hour}, 2 * time.Hour},
	} {
		if got := open(t, core.Config{Lifetimes: c.lifetimes}, newStore(sells(skin))).Horizon(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.lifetimes, got, c.want)
		}
	}
}

// listing is a store that lists what it took back.
type listing struct {
	*scripted
	voids []core.Void
}

func (l *listing) Voided(context.Context, time.Time, time.Time) iter.Seq2[core.Void, error] {
	return func(yield func(core.Void, error) bool) {
		for _, v := range l.voids {
			if !yield(v, nil) {
				return
			}
		}
	}
}
