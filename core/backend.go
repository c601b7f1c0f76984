package core

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/cache"
)

// backend is one store with all that the gate keeps for it.
type backend struct {
	id    StoreID
	store Store
	lives Lifetimes
	rule  Rule
	log   *slog.Logger

	guard    *guard
	facts    *cache.Record[string, *fact]
	absences *cache.Record[absence, struct{}]
	flights  *cache.Flights[absence, answer]
	voids    voidSet

	// keepMarks is how long an invalidation is remembered: longer than anything begun before it can
	// take to land, or be kept.
	keepMarks time.Duration

	// bindings changes whenever an owner is changed by hand: what a fact remembers about whom it
	// is bound to counts only for the value it was learned under.
	bindings atomic.Uint64

	said alarms
	counted
}

// absence is a token that is no purchase of a product. It also names a look-up under way.
type absence struct {
	token string
	kind  Kind
	id    string
}

// clone copies what came with a request; kind and id are configuration.
func (a absence) clone() absence {
	a.token = strings.Clone(a.token)
	return a
}

// answer is what a look-up under way ends with.
type answer struct {
	fact   *fact
	source Source
	err    *StoreError
}

// isNilStore also finds a nil *Client in a non-nil interface, the usual end of an ignored error.
func isNilStore(s Store) bool {
	if s == nil {
		return true
	}
	v := reflect.ValueOf(s)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

func newBackend(s Store, c *Config) (*backend, error) {
	b := &backend{id: s.ID(), store: s, lives: c.Lifetimes.forStore(s.Describe()), rule: c.Rule, log: c.Logger, guard: newGuard(c.Guard)}
	b.keepMarks = max(b.lives.Usable, b.lives.Denied, b.lives.Absent, 2*c.Timeout)
	var errFacts, errAbsences, errFlights error
	b.facts, errFacts = cache.NewRecord[string, *fact](cache.Config[string]{Entries: c.Memory.Purchases, Apart: c.Memory.Refusals})
	b.absences, errAbsences = cache.NewRecord[absence, struct{}](cache.Config[absence]{Entries: c.Memory.Refusals, Clone: absence.clone})
	b.flights, errFlights = cache.NewFlights[absence, answer](cache.FlightConfig[absence]{Timeout: c.Timeout, Clone: absence.clone})
	return b, errors.Join(errFacts, errAbsences, errFlights)
}

// lookup joins the look-up under way for (p, token), or starts one. after is the order of the last
// invalidation that the caller knows of: a look-up from before it is not joined.
// A refresh asks the store even while memory holds a fact that may still be served.
func (b *backend) lookup(p *Product, token string, after cache.Order) (*cache.Flight[answer], bool, error) {
	token = strings.Clone(token) // the look-up outlives the request
	key := absence{token, p.Kind, p.ID}
	product := *p
	return b.flights.Join(key, after, func(ctx context.Context, order cache.Order) (answer, error) {
		// The flight that was under way when our caller looked may have landed since.
		now := cache.Now()
		switch e, state := b.facts.Get(token, now); {
		case state == cache.Fresh && e.Value.product.sameSKU(&product):
			return answer{fact: e.Value, source: SourceMemory}, nil
		case state == cache.Miss && b.absent(key, now):
			return answer{err: &StoreError{Fault: FaultNotFound}}, nil
		}
		return b.read(ctx, product, token, order), nil
	})
}

// absent tells whether memory knows that there is no such purchase.
func (b *backend) absent(a absence, now cache.Instant) bool {
	e, state := b.absences.Get(a, now)
	return state == cache.Fresh && e.Order > b.facts.Mark(a.token)
}

// read asks the store and remembers what it said.
func (b *backend) read(ctx context.Context, p Product, token string, order cache.Order) answer {
	var (
		began, ended cache.Instant
		purchase     *Purchase
	)
	err := b.guard.do(ctx, func(ctx context.Context) (err error) {
		b.calls.Add(1)
		began = cache.Now()
		purchase, err = b.store.Lookup(ctx, p, token)
		ended = cache.Now()
		if err == nil && purchase == nil {
			err = &StoreError{Reason: ReasonMalformedUpstream, Err: errors.New("the store client returned neither a purchase nor an error")}
		}
		if err == nil && purchase.Token != token { // voids and owners go by it
			err = &StoreError{Reason: ReasonMalformedUpstream, Err: errors.New("the store client returned the purchase of another token")}
		}
		return err
	})
	if err != nil {
		se := asStoreError(err)
		b.countFailure(se)
		switch se.Fault {
		case FaultNotFound:
			if e, state := b.facts.Get(token, cache.Now()); state != cache.Miss && e.Value.product.sameSKU(&p) {
				b.facts.Remove(token, order)
			}
			b.absences.Put(absence{token, p.Kind, p.ID}, &cache.Entry[struct{}]{
				Began: began, Order: order, Life: cache.Life{Fresh: b.lives.Absent, Refresh: b.lives.Absent, Usable: b.lives.Absent},
			})
		case FaultMisconfigured:
			b.alarm(slog.LevelError, "the store refuses our configuration", se.reason(), se)
		}
		return answer{err: se}
	}

	b.found.Add(1)
	f := &fact{product: p, purchase: purchase, began: began, storeBegan: began.Wall + skew(purchase.StoreTime, began, ended)}
	verdict := b.judge(f, &p, began, false)
	if verdict.Outcome == Granted && purchase.LinkedToken != "" && purchase.LinkedToken != token {
		b.voids.supersede(purchase.LinkedToken)
	}
	if verdict.Outcome != Undetermined { // what decides nothing replaces nothing
		b.facts.Put(token, &cache.Entry[*fact]{
			Value: f, Began: began, Order: order, Life: f.life(&p, verdict, &b.lives), Apart: verdict.Outcome != Granted,
		})
		b.absences.Remove(absence{token, p.Kind, p.ID}, order)
	}
	return answer{fact: f, source: SourceStore}
}

// judge runs the rule on a fact at an instant. With outage it applies the renewal grace.
func (b *backend) judge(f *fact, p *Product, now cache.Instant, outage bool) Verdict {
	in := RuleInput{Product: *p, Purchase: f.purchase, Now: f.storeNow(now)}
	in.Voided, in.Superseded = b.voids.flags(f.purchase.Token, f.purchase.ID)
	if grace := b.lives.RenewalGrace; outage && grace > 0 && f.purchase.AutoRenewing {
		if end := f.purchase.ExpiresAt; in.Now.After(end) && within(in.Now, end.Add(grace)) {
			in.Now = end
		}
	}
	return b.rule(in)
}

// refresh asks the store behind a fact that is being served. Joining makes it one at a time.
func (b *backend) refresh(p *Product, token string) {
	_, _, _ = b.lookup(p, token, b.facts.Mark(token)) // refused only by a gate that is closing
}

// alarm logs a cause once a minute.
func (b *backend) alarm(level slog.Level, what string, reason Reason, err error, more ...slog.Attr) {
	if b.said.due(reason, time.Now()) {
		b.log.LogAttrs(context.Background(), level, "skugate: "+what, append(more,
			slog.String("store", string(b.id)), slog.String("reason", string(reason)), slog.Any("error", err))...)
	}
}
