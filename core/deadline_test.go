package core_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// stuck answers no look-up before release is closed, whatever the context says.
func stuck(release <-chan struct{}) answer {
	return func(context.Context, core.Product, string) (*core.Purchase, error) {
		<-release
		return nil, errDown
	}
}

// hungOwners is a registry that hangs until release is closed; if it heeds contexts, until those end.
type hungOwners struct {
	core.Owners
	release chan struct{}
	heeds   bool
	calls   gauge
	most    gauge
}

func (h *hungOwners) hang(ctx context.Context) error {
	h.most.max(h.calls.add(1))
	defer h.calls.add(-1)
	if !h.heeds {
		ctx = context.Background()
	}
	select {
	case <-h.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hungOwners) Owner(ctx context.Context, s core.StoreID, token string) (core.Ownership, bool, error) {
	if err := h.hang(ctx); err != nil {
		return core.Ownership{}, false, err
	}
	return h.Owners.Owner(ctx, s, token)
}

func (h *hungOwners) Claim(ctx context.Context, o core.Ownership) (core.Ownership, error) {
	if err := h.hang(ctx); err != nil {
		return core.Ownership{}, err
	}
	return h.Owners.Claim(ctx, o)
}

func (h *hungOwners) Owned(ctx context.Context, account string) ([]core.Ownership, error) {
	if err := h.hang(ctx); err != nil {
		return nil, err
	}
	return h.Owners.Owned(ctx, account)
}

func (h *hungOwners) Release(ctx context.Context, s core.StoreID, token string) error {
	if err := h.hang(ctx); err != nil {
		return err
	}
	return h.Owners.Release(ctx, s, token)
}

// Whatever hangs, and whether or not it heeds its context: no answer comes late, and none is a no.
func TestEveryAnswerComesInTime(t *testing.T) {
	const limit = 300 * time.Millisecond
	labelled := says(core.Purchase{ID: "p", Label: "alice", State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Acknowledged, PurchasedAt: time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC)})
	check := func(c core.Credentials) func(context.Context, *core.Gate) core.Decision {
		return func(ctx context.Context, g *core.Gate) core.Decision { return g.Check(ctx, inApp("skin"), c) }
	}
	attach := func(c core.Credentials) func(context.Context, *core.Gate) core.Decision {
		return func(ctx context.Context, g *core.Gate) core.Decision {
			return core.NewRoute(g, inApp("skin"), core.RouteConfig{Attach: true}).Admit(ctx, func() (core.Credentials, error) { return c, nil }).Decision()
		}
	}
	handIn := func(ctx context.Context, g *core.Gate) core.Decision {
		return g.HandIn(ctx, "alice", inApp("skin"), "skin-1")
	}
	eight := core.Credentials{Account: "alice"}
	for i := range 8 {
		eight.Tokens = append(eight.Tokens, core.Token{Value: fmt.Sprint("skin-", i)})
	}
	owned := core.Credentials{Account: "alice", Owned: true}

	for _, c := range []struct {
		name   string
		store  answer // nil: hangs
		owners bool   // they hang
		mode   core.Mode
		ask    func(context.Context, *core.Gate) core.Decision
		within time.Duration
		want   core.Outcome
	}{
		{name: "the store, on a check", ask: check(by("alice", "skin-1")), within: limit},
		{name: "the store, with eight tokens", ask: check(eight), within: limit},
		{name: "the store, on a route that attaches", ask: attach(by("alice", "skin-1")), within: 50 * time.Millisecond},
		{name: "the store, on a hand-in", ask: handIn, within: limit},
		{name: "the registry, of an unlabelled purchase", store: sells(skin), owners: true, ask: check(by("alice", "skin-1")), within: limit},
		{name: "the registry, of a labelled purchase, which needs it for nothing", store: labelled, owners: true, ask: check(by("alice", "skin-1")), within: limit, want: core.Granted},
		{name: "the registry, asked what the account owns", store: sells(skin), owners: true, ask: check(owned), within: limit},
		{name: "the registry, on a route that attaches", store: sells(skin), owners: true, ask: attach(owned), within: 50 * time.Millisecond},
		{name: "the registry, on a hand-in", store: labelled, owners: true, ask: handIn, within: limit},
		{name: "both", owners: true, ask: check(by("alice", "skin-1")), within: limit},
		{name: "both, with the mode that asks the registry at the end", owners: true, mode: core.HoldOpen(time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)),
			ask: check(by("alice", "skin-1")), within: limit + 250*time.Millisecond},
	} {
		for _, heeds := range []bool{true, false} {
			bubble(fmt.Sprintf("%s, heeding its context %v", c.name, heeds), t, func(t *testing.T) {
				release := make(chan struct{})
				answer := c.store
				if answer == nil {
					if answer = hangs; !heeds {
						answer = stuck(release)
					}
				}
				config := core.Config{Timeout: limit}
				if c.owners {
					config.Owners = &hungOwners{Owners: core.NewMemoryOwners(), release: release, heeds: heeds}
				}
				gate := open(t, config, newStore(answer))
				t.Cleanup(func() { close(release) })
				if c.mode != core.Normal() {
					if err := gate.SetMode(inApp("skin"), c.mode); err != nil {
						t.Fatal(err)
					}
				}
				for range 3 {
					began := time.Now()
					d := c.ask(t.Context(), gate)
					if d.Outcome != c.want {
						t.Errorf("got %v (%s), want %v", d.Outcome, d.Reason, c.want)
					}
					if took := time.Since(began); took > c.within {
						t.Errorf("the answer took %v, want at most %v", took, c.within)
					}
				}
			})
		}
	}
}

func TestBindAndUnbindEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		owners := &hungOwners{Owners: core.NewMemoryOwners(), release: make(chan struct{})}
		gate := open(t, core.Config{Owners: owners}, newStore(sells(skin)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := gate.Bind(ctx, "alice", inApp("skin"), "skin-1"); err == nil {
			t.Error("Bind: no error")
		}
		if err := gate.Unbind(ctx, "shop", "skin-1"); err == nil {
			t.Error("Unbind: no error")
		}
		close(owners.release)
		if err := gate.Bind(t.Context(), "alice", inApp("skin"), "skin-1"); err != nil {
			t.Error(err)
		}
		if err := gate.Unbind(t.Context(), "shop", "skin-1"); err != nil {
			t.Error(err)
		}
	})
}

// A thousand players at once, and nothing behind the gate answers or heeds its context.
func TestAHerdInFrontOfWhatHangs(t *testing.T) {
	const callers, slots, limit = 1000, 16, time.Second
	herd := func(t *testing.T, gate *core.Gate) {
		began := time.Now()
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				d := gate.Check(t.Context(), inApp("skin"), by(fmt.Sprint("player-", i), fmt.Sprint("skin-", i)))
				if d.Outcome != core.Undetermined {
					t.Errorf("caller %d: %v (%s)", i, d.Outcome, d.Reason)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took > limit {
			t.Errorf("the last was answered after %v, want at most %v", took, limit)
		}
	}
	bubble("the store", t, func(t *testing.T) {
		var now, most gauge
		release := make(chan struct{})
		store := newStore(func(context.Context, core.Product, string) (*core.Purchase, error) {
			most.max(now.add(1))
			defer now.add(-1)
			<-release
			return nil, errDown
		})
		gate := open(t, core.Config{Timeout: limit, Guard: core.Guard{MaxInFlight: slots, OpenFor: 5 * time.Second}}, store)
		for range 3 {
			herd(t, gate)
			time.Sleep(10 * time.Second)
		}
		if most.load() != slots {
			t.Errorf("%d store calls at once, want %d", most.load(), slots)
		}
		if hung := gate.Stats().Stores[0].InFlight; hung != slots {
			t.Errorf("%d look-ups are left, want those %d that hang", hung, slots)
		}
		close(release)
		store.script(sells(skin))
		time.Sleep(10 * time.Second)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-0")), core.Granted, core.ReasonOwned)
	})
	bubble("the owners' registry", t, func(t *testing.T) {
		owners := &hungOwners{Owners: core.NewMemoryOwners(), release: make(chan struct{})}
		gate := open(t, core.Config{Timeout: limit, Owners: owners}, newStore(sells(skin)))
		before := runtime.NumGoroutine()
		for range 3 {
			herd(t, gate)
		}
		synctest.Wait()
		if owners.most.load() > 256 {
			t.Errorf("the registry had %d calls at once, want at most 256", owners.most.load())
		}
		if left := runtime.NumGoroutine() - before; left > 300 { // the runtime has a few of its own
			t.Errorf("%d goroutines are left, want those 256", left)
		}
		close(owners.release)
		want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-0")), core.Granted, core.ReasonOwned)
	})
}
