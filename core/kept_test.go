package core_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// shelf is a Voids and a Facts that can fail.
type shelf struct {
	*core.MemoryVoids
	*core.MemoryFacts
	load  atomic.Pointer[error] // a load may be under way when it changes
	apply error
}

// cannot makes loads fail, until err is nil.
func (s *shelf) cannot(err error) { s.load.Store(&err) }

func newShelf() *shelf {
	return &shelf{MemoryVoids: core.NewMemoryVoids(), MemoryFacts: core.NewMemoryFacts()}
}

type keptVoids struct{ s *shelf }

func (k keptVoids) Load(ctx context.Context) (core.VoidLog, error) {
	if err := k.s.load.Load(); err != nil && *err != nil {
		return core.VoidLog{}, *err
	}
	return k.s.MemoryVoids.Load(ctx)
}

func (k keptVoids) Apply(ctx context.Context, change core.VoidLog) error {
	if k.s.apply != nil {
		return k.s.apply
	}
	return k.s.MemoryVoids.Apply(ctx, change)
}

func (k keptVoids) Forget(ctx context.Context, before time.Time) (int, error) {
	return k.s.MemoryVoids.Forget(ctx, before)
}

var errDisk = errors.New("the disk is gone")

func TestAGateThatCannotLoadItsVoidsAnswersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.cannot(errDisk)
		store := newStore(sells(skin))
		gate := open(t, core.Config{Voids: keptVoids{s}}, store)
		check := func() core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }
		for range 3 {
			if d := check(); d.Outcome != core.Undetermined || d.Reason != core.ReasonLookupFailed || d.RetryAfter != time.Second || !errors.Is(d.Err, errDisk) {
				t.Fatalf("got %+v", d)
			}
		}
		if err := gate.Ready(t.Context()); !errors.Is(err, errDisk) {
			t.Errorf("ready: %v", err)
		}
		if n := store.count(); n != 0 {
			t.Errorf("the store was asked %d times, for nothing", n)
		}
		s.cannot(nil)
		time.Sleep(time.Second)
		want(t, check(), core.Granted, core.ReasonOwned)
		if err := gate.Ready(t.Context()); err != nil {
			t.Errorf("not ready: %v", err)
		}
	})
}

// farVoids are on another machine.
type farVoids struct{ keptVoids }

func (farVoids) Remote() bool { return true }

// hungVoids cannot be loaded, and it takes a while to find out.
type hungVoids struct{ farVoids }

func (h hungVoids) Load(ctx context.Context) (core.VoidLog, error) {
	time.Sleep(250 * time.Millisecond)
	return h.farVoids.Load(ctx)
}

func TestAGateDoesNotWaitForVoidsElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.cannot(errDisk)
		if err := s.MemoryVoids.Apply(t.Context(), core.VoidLog{Records: []core.VoidRecord{{Store: "shop", Token: "skin-2", Whole: true, Seen: time.Now()}}}); err != nil {
			t.Fatal(err)
		}
		store := &listing{scripted: newStore(sells(skin)), voids: []core.Void{{Token: "skin-1"}}}
		gate := open(t, core.Config{Voids: hungVoids{farVoids{keptVoids{s}}}}, store)
		check := func(token string) core.Decision { return gate.Check(t.Context(), inApp("skin"), by("alice", token)) }
		began := time.Now()
		want(t, check("skin-1"), core.Granted, core.ReasonOwned)
		if took := time.Since(began); took != 250*time.Millisecond {
			t.Errorf("the first check took %v, want one attempt", took)
		}
		if err := gate.Ready(t.Context()); err != nil {
			t.Errorf("not ready: %v", err)
		}
		if read, err := gate.VoidsRead(t.Context(), "shop"); err != nil || !read.IsZero() {
			t.Errorf("the list was read to %v, %v", read, err)
		}
		for range 5 {
			time.Sleep(2 * time.Second)
			began = time.Now()
			want(t, check("skin-2"), core.Granted, core.ReasonOwned)
			if took := time.Since(began); took != 0 {
				t.Errorf("a later check took %v", took)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, _, err := gate.ReadVoids(ctx, "shop", time.Time{}, time.Time{}, time.Now()); err != nil {
			t.Error(err)
		}
		want(t, check("skin-1"), core.Denied, core.ReasonVoided) // the store's own list
		time.Sleep(time.Second)
		synctest.Wait() // no attempt is under way
		s.cannot(nil)
		time.Sleep(2 * time.Second)
		check("other-1")
		time.Sleep(time.Second)
		want(t, check("skin-2"), core.Denied, core.ReasonVoided)
	})
}

func TestAGateIsReadyWhenNothingIsAwaited(t *testing.T) {
	gate := open(t, core.Config{}, newStore(sells(skin)))
	done := gate.Await("the list was not read yet")
	if err := gate.Ready(t.Context()); err == nil || err.Error() != "core: not ready: the list was not read yet" {
		t.Errorf("ready: %v", err)
	}
	done()
	if err := gate.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	if err := (*core.Gate)(nil).Ready(t.Context()); err == nil {
		t.Error("a nil gate is ready")
	}
}

func TestWhatStandsAgainstATokenOutlivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		store := newStore(sells(func(token string) *core.Purchase {
			p := vip(token, 90*24*time.Hour)
			if token == "vip-plus" {
				p.LinkedToken = "vip-basic"
			}
			return p
		}))
		start := func() *core.Gate { return open(t, core.Config{Voids: keptVoids{s}}, store) }
		gate := start()
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "vip-refunded", PurchaseID: "p-vip-refunded"}, core.Void{Store: "shop", Token: "vip-older", PurchaseID: "p-0"}); err != nil {
			t.Fatal(err)
		}
		want(t, gate.Check(t.Context(), subscription("vip"), by("alice", "vip-plus")), core.Granted, core.ReasonActive)
		for range 3 {
			gate = start()
			for token, reason := range map[string]core.Reason{"vip-refunded": core.ReasonVoided, "vip-basic": core.ReasonSuperseded, "vip-older": core.ReasonActive, "vip-other": core.ReasonActive} {
				if d := gate.Check(t.Context(), subscription("vip"), by("alice", token)); d.Reason != reason {
					t.Errorf("%s is %s, want %s", token, d.Reason, reason)
				}
			}
			if n := gate.Stats().Stores[0].Voids; n != 3 {
				t.Errorf("%d tokens have something standing against them, want 3", n)
			}
			// It is kept as long as facts of the token are read.
			time.Sleep(20 * 24 * time.Hour)
			if err := gate.Save(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestWhatCannotBeKeptIsInForceAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.apply = errDisk
		store := newStore(sells(func(token string) *core.Purchase {
			p := vip(token, 90*24*time.Hour)
			if token == "vip-plus" {
				p.LinkedToken = "vip-basic"
			}
			return p
		}))
		gate := open(t, core.Config{Voids: keptVoids{s}}, store)
		check := func(token string, o core.Outcome, r core.Reason) {
			t.Helper()
			want(t, gate.Check(t.Context(), subscription("vip"), by("alice", token)), o, r)
		}
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "vip-refunded"}); !errors.Is(err, errDisk) {
			t.Errorf("got %v", err)
		}
		check("vip-refunded", core.Denied, core.ReasonVoided)
		check("vip-plus", core.Granted, core.ReasonActive)
		check("vip-basic", core.Denied, core.ReasonSuperseded)
		s.apply = nil
		time.Sleep(6 * time.Minute) // the facts are read again
		check("vip-plus", core.Granted, core.ReasonActive)
		check("vip-refunded", core.Denied, core.ReasonVoided)
		time.Sleep(6 * time.Hour)
		check("vip-refunded", core.Denied, core.ReasonVoided)
		log, err := s.MemoryVoids.Load(t.Context())
		if err != nil || len(log.Records) != 2 {
			t.Errorf("kept are %+v, %v", log, err)
		}
	})
}

// A restart during an outage locks nobody out, and nothing lasts longer for it.
func TestFactsOutliveARestart(t *testing.T) {
	start := func(t *testing.T, s *shelf, store core.Store, change func(*core.Config)) *core.Gate {
		c := core.Config{Facts: s.MemoryFacts, Guard: core.Guard{TripAfter: 1_000_000}}
		if change != nil {
			change(&c)
		}
		return open(t, c, store)
	}
	check := func(t *testing.T, gate *core.Gate, token string) core.Decision {
		t.Helper()
		return gate.Check(t.Context(), inApp("skin"), core.Credentials{Account: "alice", Tokens: []core.Token{{Value: token, Known: true}}})
	}
	stop := func(t *testing.T, gate *core.Gate) {
		t.Helper()
		if err := gate.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	bubble("to the instant at which they would have ended", t, func(t *testing.T) {
		s, store := newShelf(), newStore(sells(skin))
		gate := start(t, s, store, nil)
		verified := time.Now()
		want(t, check(t, gate, "skin-1"), core.Granted, core.ReasonOwned)
		store.script(fails(errDown))
		for i := range 6 {
			stop(t, gate)
			time.Sleep(time.Hour - time.Duration(i))
			gate = start(t, s, store, nil)
			d := check(t, gate, "skin-1")
			if age := time.Since(verified); age < 6*time.Hour {
				if !d.Granted() || d.Source != core.SourceOutage || !d.VerifiedAt.Equal(verified) {
					t.Fatalf("after %v: %+v", age, d)
				}
			}
		}
		time.Sleep(6*time.Hour - time.Since(verified))
		want(t, check(t, gate, "skin-1"), core.Undetermined, core.ReasonUpstreamUnavailable)
		stop(t, gate)
		gate = start(t, s, store, nil)
		want(t, check(t, gate, "skin-1"), core.Undetermined, core.ReasonUpstreamUnavailable)
	})
	for _, c := range []struct {
		name   string
		spoil  func(t *testing.T, gate *core.Gate, s *shelf, store *scripted)
		change func(*core.Config)
	}{
		{"not if they were invalidated", func(t *testing.T, gate *core.Gate, s *shelf, _ *scripted) {
			if err := gate.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := gate.InvalidateToken(t.Context(), "shop", "skin-1"); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"not if the store took the purchase back since", func(t *testing.T, gate *core.Gate, s *shelf, store *scripted) {
			if err := gate.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			store.script(sells(func(token string) *core.Purchase { p := skin(token); p.State = core.StateCanceled; return p }))
			time.Sleep(10 * time.Minute)
			want(t, check(t, gate, "skin-1"), core.Denied, core.ReasonPurchaseCanceled)
		}, nil},
		{"not if the store knows no such purchase since", func(t *testing.T, gate *core.Gate, s *shelf, store *scripted) {
			if err := gate.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			store.script(fails(&core.StoreError{Fault: core.FaultNotFound}))
			time.Sleep(10 * time.Minute)
			want(t, check(t, gate, "skin-1"), core.Denied, core.ReasonNotFound)
		}, nil},
		{"not if they are another account's of the market", func(t *testing.T, _ *core.Gate, _ *shelf, store *scripted) { store.sandbox = true }, nil},
		{"not from the future, which a clock that is wrong makes them", func(t *testing.T, gate *core.Gate, s *shelf, _ *scripted) {
			stop(t, gate)
			rewrite(t, s, func(f *core.SavedFact) { f.VerifiedAt = f.VerifiedAt.Add(time.Hour) })
		}, nil},
		{"not if they cannot be read", func(*testing.T, *core.Gate, *shelf, *scripted) {}, func(c *core.Config) { c.Facts = brokenFacts{c.Facts} }},
		{"not if they are nonsense", func(t *testing.T, gate *core.Gate, s *shelf, _ *scripted) {
			stop(t, gate)
			rewrite(t, s, func(f *core.SavedFact) { f.Purchase.PurchasedAt = time.Unix(1, 0) })
		}, nil},
		{"not of a store that there is no more", func(t *testing.T, gate *core.Gate, s *shelf, _ *scripted) {
			stop(t, gate)
			rewrite(t, s, func(f *core.SavedFact) { f.Store = "other" })
		}, nil},
	} {
		bubble(c.name, t, func(t *testing.T) {
			s, store := newShelf(), newStore(sells(skin))
			gate := start(t, s, store, nil)
			want(t, check(t, gate, "skin-1"), core.Granted, core.ReasonOwned)
			c.spoil(t, gate, s, store)
			stop(t, gate)
			store.script(fails(errDown))
			gate = start(t, s, store, c.change)
			want(t, check(t, gate, "skin-1"), core.Undetermined, core.ReasonUpstreamUnavailable)
		})
	}
	bubble("and are dropped when they are too old for anything", t, func(t *testing.T) {
		s, store := newShelf(), newStore(sells(skin))
		gate := start(t, s, store, nil)
		for i := range 600 {
			want(t, check(t, gate, fmt.Sprint("skin-", i)), core.Granted, core.ReasonOwned)
		}
		for hour, kept := range []int{600, 600, 600, 600, 600, 600, 600, 0} {
			if err := gate.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			n := 0
			for range s.MemoryFacts.Load(t.Context()) {
				n++
			}
			if n != kept {
				t.Errorf("after %d hours %d are kept, want %d", hour, n, kept)
			}
			time.Sleep(time.Hour)
		}
	})
	bubble("a clock that is set back a little makes them no younger", t, func(t *testing.T) {
		s, store := newShelf(), newStore(sells(skin))
		gate := start(t, s, store, nil)
		want(t, check(t, gate, "skin-1"), core.Granted, core.ReasonOwned)
		time.Sleep(6*time.Hour - time.Minute)
		want(t, check(t, gate, "skin-2"), core.Granted, core.ReasonOwned) // which shows how late it is
		stop(t, gate)
		store.script(fails(errDown))
		// As if the clock were two minutes back: the first is 6 h old now, and not 5 h 58 min.
		rewrite(t, s, func(f *core.SavedFact) { f.VerifiedAt = f.VerifiedAt.Add(2 * time.Minute) })
		time.Sleep(time.Minute)
		gate = start(t, s, store, nil)
		want(t, check(t, gate, "skin-2"), core.Granted, core.ReasonOwned)
		time.Sleep(time.Minute)
		want(t, check(t, gate, "skin-1"), core.Undetermined, core.ReasonUpstreamUnavailable)
	})
	bubble("a void that is kept stands against a fact that is kept", t, func(t *testing.T) {
		s, store := newShelf(), newStore(sells(skin))
		with := func(c *core.Config) { c.Voids = keptVoids{s} }
		gate := start(t, s, store, with)
		want(t, check(t, gate, "skin-1"), core.Granted, core.ReasonOwned)
		if err := gate.Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}); err != nil {
			t.Fatal(err)
		}
		stop(t, gate)
		store.script(fails(errDown))
		gate = start(t, s, store, with)
		if d := check(t, gate, "skin-1"); d.Granted() {
			t.Errorf("got %+v", d)
		}
	})
}

// rewrite changes every fact that is kept.
func rewrite(t *testing.T, s *shelf, change func(*core.SavedFact)) {
	t.Helper()
	for f, err := range s.MemoryFacts.Load(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.MemoryFacts.Forget(t.Context(), f.Store, f.Token); err != nil {
			t.Fatal(err)
		}
		change(&f)
		if err := s.Save(t.Context(), []core.SavedFact{f}); err != nil {
			t.Fatal(err)
		}
	}
}

type brokenFacts struct{ core.Facts }

func (brokenFacts) Load(context.Context) iter.Seq2[core.SavedFact, error] {
	return func(yield func(core.SavedFact, error) bool) { yield(core.SavedFact{}, errDisk) }
}
