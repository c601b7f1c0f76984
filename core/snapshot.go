package core

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/skugate/skugate/cache"
)

// snapshot brings what stores said to Config.Facts: what grants, in batches, and what does no longer at
// once.
type snapshot struct {
	gate  *Gate
	facts Facts // nil: none
	calls *aside
	busy  chan struct{} // a token while facts are saved or forgotten: of the two the later one counts

	mu      sync.Mutex
	pending map[ownerKey]saving    // to be saved
	kept    map[ownerKey]time.Time // when it was verified; may be in facts
}

type saving struct {
	backend *backend
	fact    *fact
}

func (s saving) key() ownerKey { return ownerKey{s.backend.id, s.fact.purchase.Token} }

func newSnapshot(g *Gate, f Facts) snapshot {
	return snapshot{gate: g, facts: f, calls: newAside(g, "Config.Facts"), busy: make(chan struct{}, 1), pending: map[ownerKey]saving{}, kept: map[ownerKey]time.Time{}}
}

// note takes in what was read. Consumables are never used during an outage, so they are not kept.
func (s *snapshot) note(ctx context.Context, b *backend, f *fact, grants bool) {
	if s.facts == nil {
		return
	}
	if grants && !f.product.consumable {
		s.mu.Lock()
		defer s.mu.Unlock()
		if p := (saving{b, f}); len(s.pending) < s.gate.config.Memory.Purchases {
			s.pending[p.key()] = p
		}
		return
	}
	if err := s.forget(ctx, b.id, f.purchase.Token); err != nil {
		b.alarm(slog.LevelWarn, "the snapshot of facts cannot forget", ReasonLookupFailed, err)
	}
}

// forget makes sure that nothing of token is loaded after a restart.
func (s *snapshot) forget(ctx context.Context, store StoreID, token string) error {
	if s.facts == nil || !s.has(ownerKey{store, token}) {
		return nil
	}
	token = strings.Clone(token) // which may be the request's, and the call may outlive it
	key := ownerKey{store, token}
	return s.alone(ctx, func() error {
		s.mu.Lock()
		delete(s.pending, key)
		s.mu.Unlock()
		err := s.calls.do(ctx, func(ctx context.Context) error { return s.facts.Forget(ctx, store, token) })
		if err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.kept, key)
		}
		return err
	})
}

// has tells whether something of a token may be kept, now or soon.
func (s *snapshot) has(key ownerKey) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, kept := s.kept[key]
	_, pending := s.pending[key]
	return kept || pending || !s.gate.state.loaded.Load()
}

// alone does what nothing else is done beside.
func (s *snapshot) alone(ctx context.Context, do func() error) error {
	select {
	case s.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.busy }()
	return do()
}

// saveAtOnce is how many facts are saved before somebody may forget one.
const saveAtOnce = 256

// save saves what is pending. What could not be saved is pending again.
func (s *snapshot) save(ctx context.Context) error {
	for more := s.facts != nil; more; {
		err := s.alone(ctx, func() error {
			batch := s.batch()
			more = len(batch) == saveAtOnce
			return s.saveBatch(ctx, batch)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// batch takes some of what is pending, which may be kept from now on.
func (s *snapshot) batch() []saving {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := make([]saving, 0, min(len(s.pending), saveAtOnce))
	for key, p := range s.pending {
		if len(batch) == saveAtOnce {
			break
		}
		batch = append(batch, p)
		s.kept[key] = p.fact.began.Time()
		delete(s.pending, key)
	}
	return batch
}

func (s *snapshot) saveBatch(ctx context.Context, batch []saving) error {
	if len(batch) == 0 {
		return nil
	}
	facts := make([]SavedFact, len(batch))
	for i, p := range batch {
		facts[i] = p.fact.saved(p.backend)
	}
	err := s.calls.do(ctx, func(ctx context.Context) error { return s.facts.Save(ctx, facts) })
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range batch {
			if _, newer := s.pending[p.key()]; !newer {
				s.pending[p.key()] = p
			}
		}
	}
	return err
}

// prune forgets what no lifetime can use any more.
func (s *snapshot) prune(ctx context.Context, now time.Time) error {
	if s.facts == nil {
		return nil
	}
	var usable time.Duration
	for _, b := range s.gate.backends {
		usable = max(usable, b.lives.Usable)
	}
	before := now.Add(-usable)
	_, err := await(ctx, s.calls, func(ctx context.Context) (int, error) { return s.facts.Prune(ctx, before) })
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		maps.DeleteFunc(s.kept, func(_ ownerKey, verified time.Time) bool { return verified.Before(before) })
	}
	return err
}

// saved is the fact as it is kept.
func (f *fact) saved(b *backend) SavedFact {
	return SavedFact{
		Store: b.id, Origin: b.info, Kind: f.product.Kind, Product: f.product.ID, Token: f.purchase.Token, Purchase: *f.purchase,
		VerifiedAt: f.began.Time(), StoreTime: time.Unix(0, f.storeBegan),
	}
}

// load puts what is kept in memory, as old as it is. order is from before anything was invalidated, so that
// whatever was, or is meanwhile, wins.
func (s *snapshot) load(ctx context.Context, order cache.Order) error {
	if s.facts == nil {
		return nil
	}
	saved, err := await(ctx, s.calls, func(ctx context.Context) (all []SavedFact, err error) {
		for f, err := range s.facts.Load(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
		return all, nil
	})
	if err != nil {
		return err
	}
	now := cache.Now()
	// The latest read was before the process ended: it is now at least that late, whatever the clock
	// says. A clock that is far behind it says nothing of how long ago that was.
	latest := now.Wall
	for i := range saved {
		latest = max(latest, saved[i].VerifiedAt.UnixNano())
	}
	if ahead := time.Duration(latest - now.Wall); ahead > clockTolerance {
		s.gate.log.Error("skugate: the kept facts are from the future and are not used: is the clock wrong?", slog.Duration("ahead", ahead))
		return nil
	}
	for i := range saved {
		s.mu.Lock()
		s.kept[ownerKey{saved[i].Store, saved[i].Token}] = saved[i].VerifiedAt
		s.mu.Unlock()
		if b := s.gate.backend(saved[i].Store); b != nil && b.info == saved[i].Origin {
			b.restore(&saved[i], now, latest, order)
		}
	}
	return nil
}

// restore takes a kept fact in, if it may still be used at all.
func (b *backend) restore(saved *SavedFact, now cache.Instant, latest int64, order cache.Order) {
	began := cache.Instant{Wall: saved.VerifiedAt.UnixNano()}
	began.Mono = now.Mono - (latest - began.Wall)
	purchase := saved.Purchase
	p := Product{Store: b.id, Kind: saved.Kind, ID: saved.Product}
	if purchase.credible(saved.Token) != nil {
		return
	}
	f := &fact{product: b.share(&p), purchase: &purchase, began: began, storeBegan: saved.StoreTime.UnixNano()}
	f.owed = b.state.owes(b.id, &p, &purchase)
	var verdict Verdict
	b.judge(&verdict, f, &p, began, false)
	if verdict.Outcome != Granted {
		return
	}
	e := &cache.Entry[*fact]{Value: f, Began: began, Order: order, Life: f.life(&p, verdict, &b.lives)}
	if e.State(now) != cache.Miss {
		b.facts.Put(strings.Clone(saved.Token), e)
	}
}
