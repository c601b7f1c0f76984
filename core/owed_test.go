package core_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
)

// unpaid is a purchase that nobody acknowledged yet.
func unpaid(token string) *core.Purchase {
	p := skin(token)
	p.Acknowledgement = core.Unacknowledged
	return p
}

// books is an outbox that can fail, hang or panic, and counts.
type books struct {
	*core.MemoryOutbox
	mu      sync.Mutex
	fault   func(ctx context.Context) error
	records int
}

func (b *books) Record(ctx context.Context, d core.Debt, delivered bool) (core.OutboxEntry, error) {
	b.mu.Lock()
	b.records++
	fault := b.fault
	b.mu.Unlock()
	if fault != nil {
		if err := fault(ctx); err != nil {
			return core.OutboxEntry{}, err
		}
	}
	return b.MemoryOutbox.Record(ctx, d, delivered)
}

func (b *books) set(fault func(context.Context) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = fault
}

// has compares what the outbox has with pairs of token and state.
func (b *books) has(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for e, err := range b.Unsettled(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Token+" "+e.State.String())
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the outbox has %q, want %q", got, want)
	}
}

func newBooks() *books { return &books{MemoryOutbox: core.NewMemoryOutbox()} }

// pass takes a request through a route to a handler that ends with a status.
func pass(ctx context.Context, route *core.Route, c core.Credentials, status int) core.Admission {
	a := route.Admit(ctx, func() (core.Credentials, error) { return c, nil })
	if a.Open() && a.Observed() {
		a.Handled(ctx, status)
	}
	return a
}

func TestADeliveryIsRecordedWhenTheHandlerSucceeded(t *testing.T) {
	gone, leave := context.WithCancel(context.Background())
	leave()
	for _, c := range []struct {
		name   string
		status int
		ctx    context.Context
		want   string
	}{
		{"200", 200, nil, "delivered"},
		{"204", 204, nil, "delivered"},
		{"299", 299, nil, "delivered"},
		{"101, a hijacked connection", http.StatusSwitchingProtocols, nil, "delivered"},
		{"100 is no end", 100, nil, "intended"},
		{"302", 302, nil, "intended"},
		{"404", 404, nil, "intended"},
		{"500 (row 54)", 500, nil, "intended"},
		{"a panic (row 54)", 0, nil, "intended"},
		{"a client that is gone (row 54)", 200, gone, "intended"},
	} {
		bubble(c.name, t, func(t *testing.T) {
			outbox := newBooks()
			gate := open(t, core.Config{Outbox: outbox}, newStore(sells(unpaid)))
			route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
			a := route.Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "skin-1"), nil })
			outbox.has(t, "skin-1 intended") // before the handler runs
			if !a.Observed() {
				t.Fatal("nobody observes the handler")
			}
			ctx := c.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			a.Handled(ctx, c.status)
			outbox.has(t, "skin-1 "+c.want)

			// The next success delivers what failed, and nothing is recorded twice.
			for range 3 {
				pass(t.Context(), route, by("alice", "skin-1"), 200)
			}
			outbox.has(t, "skin-1 delivered")
			if outbox.records != 2 {
				t.Errorf("%d records were made, want 2", outbox.records)
			}
			if s := gate.Stats().Outbox; s != (core.OutboxStats{Intended: 1, Delivered: 1}) {
				t.Errorf("counted: %+v", s)
			}
		})
	}
}

func TestWhatIsAcknowledgedOrMerelyAttachedOwesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newBooks()
		gate := open(t, core.Config{Outbox: outbox}, newStore(sells(func(token string) *core.Purchase {
			if token == "paid" {
				return skin(token)
			}
			return unpaid(token)
		})))
		if a := pass(t.Context(), core.NewRoute(gate, inApp("skin"), core.RouteConfig{}), by("alice", "paid"), 200); a.Observed() {
			t.Error("a purchase that is acknowledged is observed")
		}
		attach := core.NewRoute(gate, inApp("skin"), core.RouteConfig{Attach: true})
		for range 2 { // from the store, and from memory
			if a := pass(t.Context(), attach, by("alice", "skin-1"), 200); a.Observed() || a.Decision().AcknowledgeBy.IsZero() {
				t.Errorf("observed %v, by %v", a.Observed(), a.Decision().AcknowledgeBy)
			}
		}
		outbox.has(t)
		without := open(t, core.Config{}, newStore(sells(unpaid)))
		d := without.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		if d.AcknowledgeBy.IsZero() {
			t.Error("without an outbox the decision does not carry the deadline")
		}
		if err := without.Delivered(t.Context(), d); err != nil {
			t.Errorf("delivered without an outbox: %v", err)
		}
	})
}

// What merely opens a route is settled when it is consumed, which nobody tells the outbox; so only a success
// is recorded, after which it is acknowledged like any other.
func TestAConsumableThatOpensARouteIsNoIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newBooks()
		gate := open(t, core.Config{Outbox: outbox}, newStore(sells(unpaid)))
		route := core.NewRoute(gate, inApp("coins").Consumable(), core.RouteConfig{AllowConsumable: true})
		for _, status := range []int{500, 0, 404} { // from the store, and from memory
			if a := pass(t.Context(), route, by("alice", "coins-1"), status); !a.Open() {
				t.Fatalf("refused: %s", a.Decision().Reason)
			}
			outbox.has(t)
		}
		pass(t.Context(), route, by("alice", "coins-1"), 200)
		outbox.has(t, "coins-1 delivered")
		if s := gate.Stats().Outbox; s != (core.OutboxStats{Delivered: 1}) {
			t.Errorf("counted: %+v", s)
		}
	})
}

func TestAllThatARequirementStandsOnIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newBooks()
		gate := open(t, core.Config{Outbox: outbox}, newStore(func(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
			if token[:1] != p.ID {
				return nil, &core.StoreError{Fault: core.FaultNotFound}
			}
			return unpaid(token), nil
		}))
		r := core.AllOf(inApp("a"), core.AnyOf(inApp("b"), inApp("c")), core.AnyOf(inApp("d"), inApp("a")))
		route := core.NewRoute(gate, r, core.RouteConfig{})
		all := core.Credentials{Account: "alice", Tokens: []core.Token{{Value: "a1"}, {Value: "b1"}}}
		for range 2 {
			if a := pass(t.Context(), route, all, 500); !a.Decision().Granted() {
				t.Fatalf("got %+v", a.Decision())
			}
			outbox.has(t, "a1 intended", "b1 intended")
		}
		pass(t.Context(), route, all, 200)
		outbox.has(t, "a1 delivered", "b1 delivered")
		if a := pass(t.Context(), route, all, 200); a.Observed() {
			t.Error("delivered, and still observed")
		}
	})
}

func TestAFailingOutboxRefusesNobody(t *testing.T) {
	down := errors.New("the disk is gone")
	for name, fault := range map[string]func(context.Context) error{
		"an error": func(context.Context) error { return down },
		"a panic":  func(context.Context) error { panic("disk") },
		"a wait":   func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		bubble(name, t, func(t *testing.T) {
			outbox := newBooks()
			outbox.set(fault)
			var log journal
			gate := open(t, core.Config{Outbox: outbox, Timeout: time.Second, Logger: log.logger()}, newStore(sells(unpaid)))
			route := core.NewRoute(gate, inApp("skin"), core.RouteConfig{})
			for range 2 {
				begin := time.Now()
				if a := pass(t.Context(), route, by("alice", "skin-1"), 500); !a.Open() {
					t.Fatalf("got %+v", a.Decision())
				}
				if took := time.Since(begin); took > time.Second {
					t.Errorf("the check took %v, the limit is 1s", took)
				}
			}
			if s := gate.Stats().Outbox; s.Failed != 2 || s.Intended != 0 {
				t.Errorf("counted: %+v", s)
			}
			if err := gate.Delivered(t.Context(), gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))); err == nil {
				t.Error("delivered in a failing outbox")
			}
			outbox.set(nil) // and when it works again, the next success is recorded
			pass(t.Context(), route, by("alice", "skin-1"), 200)
			outbox.has(t, "skin-1 delivered")
		})
	}
}

func TestWithoutHTTPTheProgramDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newBooks()
		gate := open(t, core.Config{Outbox: outbox}, newStore(sells(unpaid)))
		d := gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1"))
		outbox.has(t, "skin-1 intended")
		gone, leave := context.WithCancel(t.Context())
		leave()
		for range 2 { // the player has it, whoever is still there
			if err := gate.Delivered(gone, d); err != nil {
				t.Error(err)
			}
		}
		outbox.has(t, "skin-1 delivered")

		byHand := core.Decision{Outcome: core.Granted, Product: inApp("skin"), Purchase: unpaid("skin-2"), AcknowledgeBy: time.Now().Add(time.Hour)}
		if err := gate.Delivered(t.Context(), byHand); err != nil {
			t.Error(err)
		}
		outbox.has(t, "skin-1 delivered", "skin-2 delivered")
		if err := gate.Delivered(t.Context(), core.Decision{Outcome: core.Denied}); err == nil {
			t.Error("a denial was delivered")
		}
		var none *core.Gate
		if err := none.Delivered(t.Context(), d); err == nil {
			t.Error("a nil gate took a delivery")
		}
	})
}
