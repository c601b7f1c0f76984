package redeem_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

var gems = core.Product{Store: "market", Kind: core.KindInApp, ID: "gems_100"}.Consumable()

// world is what outlasts an instance: the market, the ledger and the game's database.
type world struct {
	ledger *redeem.MemoryLedger

	mu        sync.Mutex
	purchases map[string]*core.Purchase
	granted   map[string]int // redemption id -> quantity, a unique index
	runs      []redeem.Redemption
	consumes  int
}

func newWorld() *world {
	return &world{
		ledger: redeem.NewMemoryLedger(), purchases: map[string]*core.Purchase{},
		granted: map[string]int{},
	}
}

// buy makes a paid purchase of three at once.
func (w *world) buy(token, label string, change ...func(*core.Purchase)) {
	p := &core.Purchase{
		Token: token, ID: "payment of " + token, Label: label, State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Unacknowledged, Quantity: 3, PurchasedAt: time.Now().Add(-time.Minute),
	}
	for _, c := range change {
		c(p)
	}
	w.edit(token, func(*core.Purchase) *core.Purchase { return p })
}

func (w *world) edit(token string, change func(*core.Purchase) *core.Purchase) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.purchases[token] = change(w.purchases[token])
}

func canceled(p *core.Purchase) *core.Purchase {
	q := *p
	q.State = core.StateCanceled
	return &q
}

func consumed(p *core.Purchase) *core.Purchase {
	q := *p
	q.Consumption = core.Consumed
	return &q
}

func (w *world) entry(t *testing.T, token string) redeem.Entry {
	t.Helper()
	e, _, err := w.ledger.Entry(context.Background(), gems.Store, token)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// untouched checks that nothing was consumed, granted or recorded of token.
func (w *world) untouched(t *testing.T, token string) {
	t.Helper()
	if e := w.entry(t, token); e.Version != 0 {
		t.Errorf("recorded: %+v", e)
	}
	if w.consumes != 0 || len(w.runs) != 0 || len(w.granted) != 0 {
		t.Errorf("%d consumed, %d runs of the handler, granted %v", w.consumes, len(w.runs), w.granted)
	}
}

// instance is one process of the game: a gate and a redeemer, on the world's market and ledger, each of
// whose steps passes step first.
type instance struct {
	world    *world
	ledger   *redeem.MemoryLedger // the world's
	gate     *core.Gate
	redeemer *redeem.Redeemer
	// step lets one step of the world happen, or not. Nil lets all happen.
	step func(name string, happen func() error) error
	// spent is told of a purchase that the store consumed.
	spent func(token string)
}

const lease = 20 * time.Second

func (w *world) start(t *testing.T, change ...func(*core.Config)) *instance {
	t.Helper()
	in := &instance{world: w, ledger: w.ledger}
	c := core.Config{
		Stores: []core.Store{market{in}}, Guard: core.Guard{TripAfter: 1000},
		Memory: core.Memory{Purchases: 16, Refusals: 16}, // the tests make thousands
	}
	for _, ch := range change {
		ch(&c)
	}
	var err error
	if in.gate, err = core.New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.gate.Close(context.Background()) })
	in.redeemer, err = redeem.New(redeem.Config{Gate: in.gate, Ledger: ledger{in}, Lease: lease})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (in *instance) do(name string, happen func() error) error {
	if in.step == nil {
		return happen()
	}
	return in.step(name, happen)
}

// redeem spends token for account, with a handler that commits the redemption's id and the grant at once.
func (in *instance) redeem(account, token string) (redeem.Redemption, error) {
	return in.redeemer.Redeem(context.Background(), gems, core.Credentials{Account: account, Token: token}, in.grant)
}

func (in *instance) grant(_ context.Context, r redeem.Redemption) error {
	return in.do("handler", func() error {
		w := in.world
		w.mu.Lock()
		defer w.mu.Unlock()
		w.runs = append(w.runs, r)
		w.granted[r.ID] = r.Quantity
		return nil
	})
}

// market is the store, as one instance reaches it. It tells who consumed, as ONE store does.
type market struct{ in *instance }

var _ core.Consumer = market{}

func (market) ID() core.StoreID                { return gems.Store }
func (market) Describe() core.StoreInfo        { return core.StoreInfo{Platform: "market"} }
func (market) CheckProduct(core.Product) error { return nil }
func (market) CheckToken(string) error         { return nil }

func (m market) Lookup(_ context.Context, p core.Product, token string) (found *core.Purchase, err error) {
	err = m.in.do("look up", func() error {
		w := m.in.world
		w.mu.Lock()
		defer w.mu.Unlock()
		if found = w.purchases[token]; found == nil || p.ID != gems.ID {
			found = nil
			return &core.StoreError{Fault: core.FaultNotFound}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func (m market) Consume(_ context.Context, _ core.Product, token string) error {
	return m.in.do("consume", func() error {
		w := m.in.world
		w.mu.Lock()
		defer w.mu.Unlock()
		p := w.purchases[token]
		switch {
		case p == nil:
			return &core.StoreError{Fault: core.FaultNotFound}
		case p.State != core.StatePurchased:
			return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonPurchaseCanceled}
		case p.Consumption != core.Unconsumed:
			return &core.StoreError{Fault: core.FaultTokenRefused, Reason: core.ReasonConsumed}
		}
		w.purchases[token] = consumed(p)
		w.consumes++
		if m.in.spent != nil {
			m.in.spent(token)
		}
		return nil
	})
}

// ledger is the ledger, as one instance reaches it.
type ledger struct{ in *instance }

func (l ledger) Entry(ctx context.Context, store core.StoreID, token string) (e redeem.Entry, ok bool, err error) {
	err = l.in.do("read", func() (err error) {
		e, ok, err = l.in.ledger.Entry(ctx, store, token)
		return err
	})
	return e, ok, err
}

func (l ledger) Swap(ctx context.Context, e redeem.Entry) (stands redeem.Entry, swapped bool, err error) {
	err = l.in.do("write", func() (err error) {
		stands, swapped, err = l.in.ledger.Swap(ctx, e)
		return err
	})
	return stands, swapped, err
}

func (l ledger) Unfinished(ctx context.Context, account string) (es []redeem.Entry, err error) {
	err = l.in.do("list", func() (err error) {
		es, err = l.in.ledger.Unfinished(ctx, account)
		return err
	})
	return es, err
}

// wantRefused checks that err is a refusal with the reason.
func wantRefused(t *testing.T, err error, want core.Reason) core.Decision {
	t.Helper()
	var refused *redeem.Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal with %s", err, want)
	}
	if refused.Decision.Reason != want || refused.Decision.Granted() {
		t.Errorf("refused with %s, %s; want %s", refused.Decision.Outcome, refused.Decision.Reason, want)
	}
	return refused.Decision
}
