package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Gate answers whether accounts own products. Make it with New, once, and share it: it is safe for
// concurrent use and starts no goroutine until it is asked something. A nil or zero Gate answers
// every check with an undetermined decision (ReasonMisconfigured).
type Gate struct {
	config   Config
	log      *slog.Logger
	backends []*backend
	budgets  *budgets
	tally    *tally
	state    *state
	tier     *tier
	crier    *crier
	said     alarms
	works    works
	checkers []checked
	closed   atomic.Bool

	heard, resyncs atomic.Uint64

	plans  sync.Map // Requirement -> *plan
	nPlans atomic.Int64
	few    [fewPlans]atomic.Pointer[plan] // the first of plans: most gates have no more

	inquiries sync.Pool

	mu     sync.Mutex
	routes []*Route

	misused sync.Once
}

// New makes a gate. It reports every fault of the configuration at once, and makes no call.
func New(config Config) (*Gate, error) {
	c := config.withDefaults()
	identities, err := c.check()
	if err != nil {
		return nil, err
	}
	c.Stores = append([]Store(nil), c.Stores...)
	g := &Gate{log: c.Logger, tally: newTally(), budgets: newBudgets(c.UnknownTokens.Burst, c.UnknownTokens.Every)}
	g.checkers = checkersOf(g, &c)
	c.Owners = bounded(g, c.Owners)
	g.config = c
	if g.state, err = newState(g); err != nil {
		return nil, fmt.Errorf("core: %w", err)
	}
	if g.tier, err = newTier(g); err != nil {
		return nil, fmt.Errorf("core: %w", err)
	}
	if g.crier, err = newCrier(g); err != nil {
		return nil, fmt.Errorf("core: %w", err)
	}
	for i, s := range c.Stores {
		b, err := newBackend(s, identities[i], &c, g.state)
		if err != nil {
			return nil, fmt.Errorf("core: Config.Stores[%d]: %w", i, err)
		}
		g.backends = append(g.backends, b)
	}
	return g, nil
}

// usable tells whether the gate was made by New.
func (g *Gate) usable() bool { return g != nil && len(g.backends) > 0 }

func (g *Gate) backend(id StoreID) *backend {
	for _, b := range g.backends {
		if b.id == id {
			return b
		}
	}
	return nil
}

// maxPlans bounds the plans kept for requirements that were not built once, at start.
const maxPlans = 4096

// fewPlans is how many plans are looked through before the map is asked, which hashes what it is asked for.
const fewPlans = 4

// plan returns the requirement made ready, compiled at its first use.
func (g *Gate) plan(r Requirement) *plan {
	for i := range g.few {
		p := g.few[i].Load()
		if p == nil {
			break
		}
		if p.requirement == r {
			return p
		}
	}
	if p, ok := g.plans.Load(r); ok {
		return p.(*plan)
	}
	p := g.compile(r)
	if g.nPlans.Load() >= maxPlans {
		if g.said.due(tooManyPlans{}, time.Now()) {
			g.log.Error("skugate: requirements are built on each request, which costs time on each; build each once", slog.Int("limit", maxPlans), slog.Any("fault", p.fault))
		}
		return p
	}
	if p.fault != nil {
		g.log.Error("skugate: a requirement cannot be evaluated and answers undetermined", slog.Any("error", p.fault))
	}
	have, loaded := g.plans.LoadOrStore(r, p)
	if !loaded {
		if n := g.nPlans.Add(1); n <= fewPlans {
			g.few[n-1].Store(p)
		}
	}
	return have.(*plan)
}

// tooManyPlans is a cause that is logged.
type tooManyPlans struct{}

// Check decides whether the account of c owns what r asks for. It never panics, returns within
// Config.Timeout however the stores and the owners' registry behave (250 ms later under HoldOpen), and
// allocates nothing when memory knows the answer. ctx may end it earlier; work that others share goes
// on without it.
func (g *Gate) Check(ctx context.Context, r Requirement, c Credentials) (d Decision) {
	if !g.usable() {
		return *g.misuse(r)
	}
	g.check(ctx, g.plan(r), &c, nil, toGate).write(&d)
	return d
}

// CheckEach decides each requirement for the same credentials, in order.
func (g *Gate) CheckEach(ctx context.Context, rs []Requirement, c Credentials) []Decision {
	ds := make([]Decision, len(rs))
	for i, r := range rs {
		ds[i] = g.Check(ctx, r, c)
	}
	return ds
}

var (
	errNotMade = errors.New("core: the gate is nil or was not made by core.New")
	errClosed  = errors.New("core: the gate is closed")
)

// misuse is the answer of a gate that was not made by New. There may be no logger: it says so once
// where Go logs by default, because a program that serves only 503 must say why.
func (g *Gate) misuse(r Requirement) *Decision {
	say := func() {
		slog.Default().Error("skugate: every check answers undetermined", slog.Any("error", errNotMade))
	}
	if g == nil {
		nilGate.Do(say)
	} else {
		g.misused.Do(say)
	}
	d := &Decision{Reason: ReasonMisconfigured, Err: errNotMade, requirement: r}
	if !isNil(r) {
		if t := r.tree(); len(t.leaves) > 0 {
			d.Product = t.leaves[0]
		}
	}
	return d
}

// nilGate makes the nil gate's complaint appear once in a process.
var nilGate sync.Once

// Label is what to set at the store when account starts a purchase (ONE store: developerPayload), so
// that the purchase is tied to the account from its first moment.
func (g *Gate) Label(account string) string {
	if !g.usable() {
		return account
	}
	return g.config.Labels.Label(account)
}

// known returns the store's backend or an error that lists what there is.
func (g *Gate) known(id StoreID) (*backend, error) {
	if !g.usable() {
		return nil, errNotMade
	}
	if b := g.backend(id); b != nil {
		return b, nil
	}
	have := make([]StoreID, len(g.backends))
	for i, b := range g.backends {
		have[i] = b.id
	}
	return nil, fmt.Errorf("core: the gate has no store %q; it has %q", id, have)
}

// Close refuses new checks, waits for the store calls under way until ctx ends, and closes idle
// connections of stores that have a CloseIdleConnections method. What Config.Facts has to keep is saved.
// Afterwards every check answers
// undetermined (ReasonClosed). It may be called more than once.
func (g *Gate) Close(ctx context.Context) error {
	if !g.usable() {
		return nil
	}
	g.closed.Store(true)
	var errs []error
	for _, b := range g.backends {
		errs = append(errs, b.flights.Close(ctx), b.probes.Close(ctx))
		if idle, ok := b.store.(interface{ CloseIdleConnections() }); ok {
			idle.CloseIdleConnections()
		}
	}
	errs = append(errs, g.crier.close(ctx), g.tier.close(ctx), g.state.close(ctx))
	return errors.Join(errs...)
}
