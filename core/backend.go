package core

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/cache"
)

// backend is one store with all that the gate keeps for it.
type backend struct {
	identity
	store Store
	rule  Rule // nil: the default
	carry func(context.Context) func(context.Context) context.Context
	log   *slog.Logger

	guard    *guard
	facts    *cache.Record[string, *fact]
	absences *cache.Record[absence, *StoreError] // without the error's own text
	flights  *cache.Flights[absence, answer]
	probes   *cache.Flights[absence, answer] // look-ups that are not remembered
	voids    voidSet
	state    *state // the gate's
	tier     *tier  // the gate's; nil: none

	// keepMarks is how long an invalidation is remembered: longer than anything begun before it can
	// take to land, or be kept.
	keepMarks time.Duration

	// bindings changes whenever an owner is changed by hand: what a fact remembers about whom it
	// is bound to counts only for the value it was learned under.
	bindings atomic.Uint64

	products  sync.Map // Product -> *Product, as facts share them
	nProducts atomic.Int64

	said alarms
	counted
	configured
}

// isNilPointer finds a nil *Client in a non-nil interface, the usual end of an ignored error, and nil
// itself.
func isNilPointer(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// identity is what a store says of itself, once, and what follows from it.
type identity struct {
	id    StoreID
	info  StoreInfo
	lives Lifetimes
}

// identify asks a store who it is. It is the first call of a client, so its panic says that the client
// was not made by its constructor.
func identify(s Store, l Lifetimes) (i identity, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{"the store's ID or Describe", typeName(v)}
		}
	}()
	i.id, i.info = s.ID(), s.Describe()
	i.lives, err = l.forStore(i.id, i.info)
	return i, err
}

func newBackend(s Store, i identity, c *Config, st *state) (*backend, error) {
	b := &backend{
		identity: i, store: s, rule: c.Rule, carry: c.Carry, log: c.Logger, guard: newGuard(c.Guard), state: st, tier: st.gate.tier,
	}
	b.voids.keep, b.voids.alone = keepVoids+seeEvery+b.lives.Usable, c.Peers == nil
	b.keepMarks = max(b.lives.Usable, b.lives.Denied, b.lives.Absent, 2*c.Timeout)
	var errFacts, errAbsences, errFlights, errProbes error
	b.facts, errFacts = cache.NewRecord[string, *fact](cache.Config[string]{Entries: c.Memory.Purchases, Apart: c.Memory.Refusals, Clone: asIs[string]})
	b.absences, errAbsences = cache.NewRecord[absence, *StoreError](cache.Config[absence]{Entries: c.Memory.Refusals, Hash: spread, Clone: asIs[absence]})
	b.flights, errFlights = cache.NewFlights[absence, answer](cache.FlightConfig[absence]{Timeout: c.Timeout, Clone: asIs[absence]})
	b.probes, errProbes = cache.NewFlights[absence, answer](cache.FlightConfig[absence]{Timeout: c.Timeout, Clone: asIs[absence]})
	return b, errors.Join(errFacts, errAbsences, errFlights, errProbes)
}

// judge runs the rule on a fact at an instant. With outage it applies the renewal grace. The verdict is
// zero before.
func (b *backend) judge(v *Verdict, f *fact, p *Product, now cache.Instant, outage bool) {
	t := trial{product: p, purchase: f.purchase, now: f.storeNow(now)}
	t.voided, t.superseded = b.voids.flags(f.purchase.Token, f.purchase.ID)
	if grace := b.lives.RenewalGrace; outage && grace > 0 && f.purchase.AutoRenewing {
		if end := f.purchase.ExpiresAt; t.now.After(end) && within(t.now, end.Add(grace)) {
			t.now = end
		}
	}
	if b.rule == nil {
		t.judge(v)
		return
	}
	*v = b.rule(RuleInput{Product: *p, Purchase: t.purchase, Now: t.now, Voided: t.voided, Superseded: t.superseded})
}

// alarm logs a cause once a minute.
func (b *backend) alarm(level slog.Level, what string, reason Reason, err error, more ...slog.Attr) {
	if b.said.due(reason, time.Now()) {
		b.log.LogAttrs(context.Background(), level, "skugate: "+what, append(more,
			slog.String("store", string(b.id)), slog.String("reason", string(reason)), slog.Any("error", err))...)
	}
}
