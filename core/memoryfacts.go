package core

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"
)

// MemoryFacts is a Facts in this process's memory, for tests: what a restart needs is elsewhere.
type MemoryFacts struct {
	mu    sync.Mutex
	facts map[ownerKey]SavedFact
}

var _ Facts = (*MemoryFacts)(nil)

// NewMemoryFacts returns an empty snapshot.
func NewMemoryFacts() *MemoryFacts { return &MemoryFacts{facts: map[ownerKey]SavedFact{}} }

// Save implements Facts.
func (m *MemoryFacts) Save(_ context.Context, facts []SavedFact) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range facts {
		m.facts[ownerKey{f.Store, f.Token}] = f
	}
	return nil
}

// Forget implements Facts.
func (m *MemoryFacts) Forget(_ context.Context, store StoreID, token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.facts, ownerKey{store, token})
	return nil
}

// Load implements Facts.
func (m *MemoryFacts) Load(context.Context) iter.Seq2[SavedFact, error] {
	return func(yield func(SavedFact, error) bool) {
		m.mu.Lock()
		facts := slices.Collect(maps.Values(m.facts))
		m.mu.Unlock()
		for _, f := range facts {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// Prune implements Facts.
func (m *MemoryFacts) Prune(_ context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	had := len(m.facts)
	maps.DeleteFunc(m.facts, func(_ ownerKey, f SavedFact) bool { return f.VerifiedAt.Before(before) })
	return had - len(m.facts), nil
}
