package core_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

// wire is a Shared that can fail, hang, and say what it has not.
type wire struct {
	core.Shared
	fault  atomic.Pointer[error]
	hangs  atomic.Bool
	change func(*core.SharedAnswer)
	before func() // each Get, Put or Release
	asked  atomic.Int64
}

func newWire() *wire { return &wire{Shared: core.NewMemoryShared()} }

func (w *wire) fails(err error) { w.fault.Store(&err) }

func (w *wire) pass() error {
	w.asked.Add(1)
	if w.before != nil {
		w.before()
	}
	if w.hangs.Load() {
		time.Sleep(time.Hour) // whatever the context says
	}
	if err := w.fault.Load(); err != nil && *err != nil {
		return *err
	}
	return nil
}

func (w *wire) Get(ctx context.Context, q core.SharedQuestion) (core.SharedAnswer, error) {
	if err := w.pass(); err != nil {
		return core.SharedAnswer{}, err
	}
	a, err := w.Shared.Get(ctx, q)
	if w.change != nil {
		w.change(&a)
	}
	return a, err
}

func (w *wire) Put(ctx context.Context, q core.SharedQuestion, ticket string, f core.SharedFact) error {
	if err := w.pass(); err != nil {
		return err
	}
	return w.Shared.Put(ctx, q, ticket, f)
}

func (w *wire) Release(ctx context.Context, q core.SharedQuestion, ticket string) error {
	if err := w.pass(); err != nil {
		return err
	}
	return w.Shared.Release(ctx, q, ticket)
}

func (w *wire) Forget(ctx context.Context, t core.SharedToken) error {
	if err := w.pass(); err != nil {
		return err
	}
	return w.Shared.Forget(ctx, t)
}

var errWire = errors.New("the wire is cut")

// fleet is some gates that share a tier, each with a store of its own, which sells from the same shop.
type fleet struct {
	*testing.T
	wire   *wire
	stores []*scripted
	gates  []*core.Gate
}

func newFleet(t *testing.T, n int, c core.Config) *fleet {
	f := &fleet{T: t, wire: newWire()}
	for range n {
		f.join(c)
	}
	return f
}

// join starts one more gate.
func (f *fleet) join(c core.Config) {
	f.Helper()
	store := newStore(sells(skin))
	if n := len(f.stores); n > 0 {
		store.script(f.stores[n-1].answer)
	}
	c.Shared = f.wire
	f.stores, f.gates = append(f.stores, store), append(f.gates, open(f.T, c, store))
}

// script makes the shop answer all gates.
func (f *fleet) script(a answer) {
	for _, s := range f.stores {
		s.script(a)
	}
}

// calls is how often stores were asked since the last time.
func (f *fleet) calls() (n int) {
	for _, s := range f.stores {
		n += len(s.took())
	}
	return n
}

func (f *fleet) check(gate int, p core.Product, account, token string) core.Decision {
	d := f.gates[gate].Check(f.Context(), p, by(account, token))
	synctest.Wait() // until what it found is shared
	return d
}

// asked fails unless the stores were asked n times since the last time.
func (f *fleet) askedStores(n int) {
	f.Helper()
	if got := f.calls(); got != n {
		f.Fatalf("the stores were asked %d times, want %d", got, n)
	}
}

func TestWhatOneInstanceReadTheOthersTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		first := f.check(0, inApp("skin"), "alice", "skin-1")
		from(t, first, core.Granted, core.ReasonOwned, core.SourceStore)
		time.Sleep(time.Minute)
		second := f.check(1, inApp("skin"), "alice", "skin-1")
		from(t, second, core.Granted, core.ReasonOwned, core.SourceShared)
		f.askedStores(1)
		if !second.VerifiedAt.Equal(first.VerifiedAt) {
			t.Errorf("verified at %v by one, and at %v by the other", first.VerifiedAt, second.VerifiedAt)
		}
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceMemory)

		// It is as old here as there: four minutes later it is fresh nowhere.
		time.Sleep(4*time.Minute - time.Nanosecond)
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceMemory)
		time.Sleep(time.Nanosecond)
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStale)
		f.askedStores(1)
		// The first one's refresh takes what the second one's read.
		from(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStale)
		from(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceMemory)
		f.askedStores(0)
		if s := f.gates[1].Stats().Shared; s.Hits != 1 || s.Misses != 1 || s.Failed != 0 {
			t.Errorf("counted %+v", s)
		}
	})
}

func TestNoSuchPurchaseIsSharedForItsShortLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		from(t, f.check(0, inApp("skin"), "alice", "junk"), core.Denied, core.ReasonNotFound, core.SourceStore)
		time.Sleep(3 * time.Second)
		from(t, f.check(1, inApp("skin"), "alice", "junk"), core.Denied, core.ReasonNotFound, core.SourceShared)
		f.askedStores(1)
		time.Sleep(2 * time.Second) // five since it was read
		from(t, f.check(1, inApp("skin"), "alice", "junk"), core.Denied, core.ReasonNotFound, core.SourceStore)
		f.askedStores(1)
		f.join(core.Config{Lifetimes: core.Lifetimes{Absent: 3 * time.Second}}) // whose own lifetimes count there
		time.Sleep(3 * time.Second)
		from(t, f.check(2, inApp("skin"), "alice", "junk"), core.Denied, core.ReasonNotFound, core.SourceStore)
		f.askedStores(1)
	})
}

func TestADeniedPurchaseIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		canceled := skin("skin-1")
		canceled.State = core.StateCanceled
		f.script(says(*canceled))
		want(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Denied, core.ReasonPurchaseCanceled)
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Denied, core.ReasonPurchaseCanceled, core.SourceShared)
		f.askedStores(1)
	})
}

func TestWhatCouldNotBeFoundOutIsNotShared(t *testing.T) {
	for _, c := range []struct {
		name string
		says answer
		want core.Outcome
	}{
		{"a store that is down", fails(errDown), core.Undetermined},
		{"a store that refuses us", fails(&core.StoreError{Fault: core.FaultMisconfigured}), core.Undetermined},
		{"a purchase whose state is missing", says(core.Purchase{}), core.Undetermined},
		{"a token that the store refuses", fails(&core.StoreError{Fault: core.FaultTokenRefused}), core.Denied},
		{"a store client that panics", func(context.Context, core.Product, string) (*core.Purchase, error) { panic("oh") }, core.Undetermined},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			f := newFleet(t, 2, core.Config{})
			f.script(c.says)
			for gate := range 2 {
				before := time.Now()
				if d := f.check(gate, inApp("skin"), "alice", "skin-1"); d.Outcome != c.want {
					t.Errorf("got %v", d.Outcome)
				}
				if took := time.Since(before); took != 0 { // the lease ended with the failure
					t.Errorf("gate %d waited %v", gate, took)
				}
			}
			f.askedStores(2)
		})
	}
}

func TestAColdKeyIsAskedForOncePerFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, core.Config{})
		f.script(after(200*time.Millisecond, sells(skin)))
		var wg sync.WaitGroup
		for _, gate := range f.gates {
			for range 100 {
				wg.Go(func() {
					want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
				})
			}
		}
		wg.Wait()
		f.askedStores(1)
		var s core.SharedStats
		for _, gate := range f.gates {
			one := gate.Stats().Shared
			s.Hits, s.Misses, s.Waited, s.TookOver = s.Hits+one.Hits, s.Misses+one.Misses, s.Waited+one.Waited, s.TookOver+one.TookOver
		}
		if s.Hits != 2 || s.Misses != 1 || s.Waited != 2 || s.TookOver != 0 {
			t.Errorf("counted %+v", s)
		}
	})
}

func TestIfTheOneWhoAsksIsGoneTheOthersGoOn(t *testing.T) {
	for _, c := range []struct {
		timeout, wait time.Duration
	}{{0, 500 * time.Millisecond}, {300 * time.Millisecond, 100 * time.Millisecond}} {
		inBubble(t, c.wait.String(), func(t *testing.T) {
			f := newFleet(t, 1, core.Config{Timeout: c.timeout})
			q := core.SharedQuestion{
				SharedToken: core.SharedToken{Store: "shop", Origin: f.stores[0].Describe(), Token: "skin-1"},
				Kind:        core.KindInApp, Product: "skin",
			}
			if a, err := f.wire.Shared.Get(t.Context(), q); err != nil || a.Busy {
				t.Fatalf("got %+v, %v", a, err)
			}
			before := time.Now()
			from(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStore)
			if took := time.Since(before); took < c.wait || took > c.wait+50*time.Millisecond {
				t.Errorf("it took %v, want %v", took, c.wait)
			}
			if s := f.gates[0].Stats().Shared; s.Waited != 1 || s.TookOver != 1 {
				t.Errorf("counted %+v", s)
			}
			f.join(core.Config{}) // and what it read is shared
			from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceShared)
		})
	}
}

func TestNobodyWaitsForAStoreThatIsNotAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{Guard: core.Guard{TripAfter: 1}})
		f.stores[1].script(fails(errDown))
		want(t, f.check(1, inApp("skin"), "alice", "skin-2"), core.Undetermined, core.ReasonUpstreamUnavailable)
		f.stores[0].script(after(time.Second, sells(skin)))
		go f.gates[0].Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		synctest.Wait()
		before := time.Now()
		want(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Undetermined, core.ReasonBreakerOpen)
		if took := time.Since(before); took != 0 {
			t.Errorf("it waited %v", took)
		}
		time.Sleep(time.Second)
	})
}

func TestATierThatFailsRefusesNobody(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(*wire)
		most time.Duration // that it holds a check up
	}{
		{"one that is down", func(w *wire) { w.fails(errWire) }, 0},
		{"one that hangs, whatever its context says", func(w *wire) { w.hangs.Store(true) }, 250 * time.Millisecond},
		{"one that panics", func(w *wire) { w.before = func() { panic("skin-1") } }, 0},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			f := newFleet(t, 2, core.Config{})
			c.with(f.wire)
			for gate := range 2 {
				before := time.Now()
				from(t, f.check(gate, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStore)
				if took := time.Since(before); took != c.most {
					t.Errorf("it took %v, want %v", took, c.most)
				}
				from(t, f.check(gate, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceMemory)
			}
			f.askedStores(2)
			if n := f.wire.asked.Load(); n != 2 { // what could not be asked is not written to
				t.Errorf("the tier was asked %d times, want 2", n)
			}
			if s := f.gates[0].Stats().Shared; s.Failed != 1 || s.Misses != 1 {
				t.Errorf("counted %+v", s)
			}
			time.Sleep(2 * time.Hour) // until what hangs is over
		})
	}
}

func TestADecisionEndsInTimeThoughEverythingHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, core.Config{Timeout: 300 * time.Millisecond})
		f.wire.hangs.Store(true)
		f.script(hangs)
		before := time.Now()
		want(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Undetermined, core.ReasonDeadline)
		if took := time.Since(before); took > 350*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestAnOlderAnswerOfAnotherInstanceServesWhileTheStoreIsDown(t *testing.T) {
	for _, c := range []struct {
		name string
		down answer
		took time.Duration
	}{
		{"a store that fails", fails(errDown), 0},
		{"a store that hangs", hangs, 3 * time.Second},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			f := newFleet(t, 1, core.Config{})
			first := f.check(0, inApp("skin"), "alice", "skin-1")
			time.Sleep(6*time.Hour - 10*time.Second)
			f.join(core.Config{})
			f.script(c.down)
			before := time.Now()
			d := f.check(1, inApp("skin"), "alice", "skin-1")
			from(t, d, core.Granted, core.ReasonOwned, core.SourceOutage)
			if took := time.Since(before); took != c.took {
				t.Errorf("it took %v, want %v", took, c.took)
			}
			if !d.VerifiedAt.Equal(first.VerifiedAt) {
				t.Errorf("verified at %v, want %v", d.VerifiedAt, first.VerifiedAt)
			}
			want(t, f.check(1, inApp("skin"), "mallory", "skin-1"), core.Denied, core.ReasonAccountMismatch)
			time.Sleep(time.Until(first.VerifiedAt.Add(6 * time.Hour)))
			if d := f.check(1, inApp("skin"), "alice", "skin-1"); d.Outcome != core.Undetermined {
				t.Errorf("past the outage grace it is %v", d.Outcome)
			}
		})
	}
}

func TestARouteThatOnlyAttachesDoesNotTakeAnOldAnswerForAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, core.Config{})
		f.check(0, inApp("skin"), "alice", "skin-1")
		time.Sleep(time.Hour)
		f.join(core.Config{})
		f.script(after(time.Second, sells(skin)))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel) // the caller hangs up
		want(t, f.gates[1].Check(ctx, inApp("skin"), by("alice", "skin-1")), core.Undetermined, core.ReasonCallerGone)
		time.Sleep(time.Second)
	})
}

func TestAnOldAnswerOfAnotherProductIsNoOutageGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, core.Config{})
		f.check(0, inApp("skin"), "alice", "skin-1")
		time.Sleep(time.Hour)
		f.join(core.Config{})
		f.script(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) { return nil, errDown })
		either := core.AnyOf(inApp("hat"), inApp("skin"))
		from(t, f.gates[1].Check(t.Context(), either, by("alice", "skin-1")), core.Granted, core.ReasonOwned, core.SourceOutage)
		want(t, f.gates[1].Check(t.Context(), inApp("hat"), by("alice", "skin-1")), core.Denied, core.ReasonProductMismatch)
	})
}

func TestWhatIsInvalidatedOnOneInstanceIsNotTakenByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, core.Config{})
		f.check(0, inApp("skin"), "alice", "skin-1")
		f.check(1, inApp("skin"), "alice", "skin-1")
		if err := f.gates[0].Invalidate(t.Context(), inApp("skin"), "skin-1"); err != nil {
			t.Fatal(err)
		}
		f.askedStores(1)
		from(t, f.check(2, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStore)
		from(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceShared)
	})
}

func TestALookUpFromBeforeAnInvalidationIsNotWrittenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		f.script(after(time.Second, sells(skin)))
		go f.gates[0].Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		time.Sleep(100 * time.Millisecond)
		if err := f.gates[1].InvalidateToken(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // the look-up ended
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStore)
		f.askedStores(2)
	})
}

func TestNothingOfATokenIsTakenThatCouldNotBeForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		f.check(1, inApp("skin"), "alice", "skin-1")
		f.askedStores(1)
		f.wire.fails(errWire)
		err := f.gates[0].InvalidateToken(t.Context(), "shop", "skin-1")
		if !errors.Is(err, errWire) || !strings.Contains(err.Error(), "forgotten here, and not in Config.Shared") {
			t.Fatalf("got %v", err)
		}
		from(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStore)
		if s := f.gates[0].Stats().Shared; s.Unforgotten != 1 {
			t.Errorf("counted %+v", s)
		}

		// The tier is back with what it had. Before it is asked it is told.
		f.wire.fails(nil)
		if err := f.gates[1].Invalidate(t.Context(), inApp("skin"), "other"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute) // here it is due, and refreshed
		f.askedStores(1)
		from(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStale)
		f.askedStores(1)
		if s := f.gates[0].Stats().Shared; s.Unforgotten != 0 {
			t.Errorf("counted %+v", s)
		}
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStale)
		f.askedStores(0) // its refresh took what the other one read
	})
}

// A look-up begins just before an invalidation, and the tier's answer from before comes just after it.
func TestAnAnswerThatOvertakesAnInvalidationIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		f.check(1, inApp("skin"), "alice", "skin-1")
		release := make(chan struct{})
		f.wire.change = func(*core.SharedAnswer) { <-release }
		got := make(chan core.Decision)
		go func() { got <- f.gates[0].Check(t.Context(), inApp("skin"), by("alice", "skin-1")) }()
		synctest.Wait()
		if err := f.gates[0].InvalidateToken(t.Context(), "shop", "skin-1"); err != nil {
			t.Fatal(err)
		}
		f.wire.change = nil
		close(release)
		from(t, <-got, core.Granted, core.ReasonOwned, core.SourceShared) // who asked before
		synctest.Wait()
		f.askedStores(1)
		from(t, f.check(0, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStore)
		f.askedStores(1)
	})
}

func TestWhatMayBeConsumedIsForgottenByAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gems := inApp("gems").Consumable()
		store, tier := gatetest.NewStore("shop"), core.NewMemoryShared()
		store.Put(gems, gatetest.Owned(gems, "gems-1", "alice"))
		f := fleet{T: t, gates: []*core.Gate{open(t, core.Config{Shared: tier}, store), open(t, core.Config{Shared: tier}, store), open(t, core.Config{Shared: tier}, store)}}
		f.check(0, gems, "alice", "gems-1")
		from(t, f.check(1, gems, "alice", "gems-1"), core.Granted, core.ReasonUnconsumed, core.SourceShared)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // whoever consumes is gone, and nobody knows what became of it
		f.gates[0].Consume(ctx, gems, "gems-1")
		from(t, f.check(2, gems, "alice", "gems-1"), core.Granted, core.ReasonUnconsumed, core.SourceStore)
		want(t, f.gates[0].Consume(t.Context(), gems, "gems-1"), core.Granted, core.ReasonUnconsumed)
		want(t, f.check(0, gems, "alice", "gems-1"), core.Denied, core.ReasonConsumed)
	})
}

func TestVoidsStandAboveWhatIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		f.check(0, inApp("skin"), "alice", "skin-1")
		if err := f.gates[1].Void(t.Context(), core.Void{Store: "shop", Token: "skin-1"}); err != nil {
			t.Fatal(err)
		}
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Denied, core.ReasonVoided, core.SourceShared)
	})
}

func TestWhatCannotBeIsNotTaken(t *testing.T) {
	for _, c := range []struct {
		name        string
		change      func(*core.SharedFact)
		implausible uint64
	}{
		{"from the future, by more than clocks differ", func(f *core.SharedFact) { f.VerifiedAt = time.Now().Add(6 * time.Minute) }, 1},
		{"from no time at all", func(f *core.SharedFact) { f.VerifiedAt = time.Time{} }, 1},
		{"from the end of time", func(f *core.SharedFact) { f.VerifiedAt = time.Unix(1<<40, 0) }, 1},
		{"of an age below zero", func(f *core.SharedFact) { f.Age = -1 }, 1},
		{"of a great age", func(f *core.SharedFact) { f.Age = 1 << 62 }, 1},
		{"of another token", func(f *core.SharedFact) { f.Purchase.Token = "skin-2" }, 1},
		{"of no purchase's time", func(f *core.SharedFact) { f.Purchase.ExpiresAt = time.Unix(12345, 0) }, 1},
		{"of a store whose clock is years off", func(f *core.SharedFact) { f.StoreTime = f.StoreTime.AddDate(-2, 0, 0) }, 1},
		{"verified too long ago", func(f *core.SharedFact) { f.VerifiedAt = f.VerifiedAt.Add(-5 * time.Minute) }, 0},
		{"kept for too long by the tier's clock", func(f *core.SharedFact) { f.Age = 5 * time.Minute }, 0},
		{"that grants nothing for certain", func(f *core.SharedFact) { f.Purchase.State = core.StateMissing }, 0},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			f := newFleet(t, 2, core.Config{})
			f.check(0, inApp("skin"), "alice", "skin-1")
			f.wire.change = func(a *core.SharedAnswer) {
				purchase := *a.Fact.Purchase
				a.Fact.Purchase = &purchase
				c.change(a.Fact)
			}
			from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStore)
			if s := f.gates[1].Stats().Shared; s.Implausible != c.implausible || s.Hits != 0 || s.Misses != 1 {
				t.Errorf("counted %+v", s)
			}
		})
	}
}

func TestAnAnswerFromAClockAheadIsNotYoungerForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		f.check(0, inApp("skin"), "alice", "skin-1")
		time.Sleep(time.Minute)
		f.wire.change = func(a *core.SharedAnswer) { a.Fact.VerifiedAt = a.Fact.VerifiedAt.Add(4 * time.Minute) } // its own clock says one
		d := f.check(1, inApp("skin"), "alice", "skin-1")
		from(t, d, core.Granted, core.ReasonOwned, core.SourceShared)
		if age := time.Since(d.VerifiedAt); age != time.Minute {
			t.Errorf("it is %v old, want 1m0s", age)
		}
		time.Sleep(4 * time.Minute)
		from(t, f.check(1, inApp("skin"), "alice", "skin-1"), core.Granted, core.ReasonOwned, core.SourceStale)
	})
}

func TestWhatIsInMemoryAndYoungerStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 2, core.Config{})
		f.check(0, inApp("skin"), "alice", "skin-1")
		time.Sleep(time.Minute)
		f.wire.fails(errWire)
		second := f.check(1, inApp("skin"), "alice", "skin-1") // read without the tier, a minute later
		f.wire.fails(nil)
		time.Sleep(5*time.Minute + 30*time.Second)
		f.script(fails(errDown))
		d := f.check(1, inApp("skin"), "alice", "skin-1")
		from(t, d, core.Granted, core.ReasonOwned, core.SourceStale)
		time.Sleep(time.Minute)
		d = f.check(1, inApp("skin"), "alice", "skin-1")
		from(t, d, core.Granted, core.ReasonOwned, core.SourceOutage)
		if !d.VerifiedAt.Equal(second.VerifiedAt) {
			t.Errorf("verified at %v, want %v", d.VerifiedAt, second.VerifiedAt)
		}
	})
}

func TestAConfigurationWithABrokenTierIsRefused(t *testing.T) {
	var none *core.MemoryShared
	_, err := core.New(core.Config{Stores: []core.Store{newStore(nil)}, Shared: none})
	if err == nil || !strings.Contains(err.Error(), "Config.Shared is a nil pointer") {
		t.Errorf("got %v", err)
	}
}

// counting is a tier that counts, and panics when asked twice.
type counting struct {
	core.Shared
	asked int
}

func (c *counting) TierStats() core.TierStats {
	if c.asked++; c.asked > 1 {
		panic("again")
	}
	return core.TierStats{Calls: 7, Breaker: "closed"}
}

func TestWhatTheTierCountsIsShown(t *testing.T) {
	gate := open(t, core.Config{Shared: &counting{Shared: core.NewMemoryShared()}}, newStore(sells(skin)))
	if s := gate.Stats().Shared.Tier; s.Calls != 7 || s.Breaker != "closed" {
		t.Errorf("got %+v", s)
	}
	if s := gate.Stats().Shared.Tier; s != (core.TierStats{}) {
		t.Errorf("after a panic it shows %+v", s)
	}
}
