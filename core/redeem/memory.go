package redeem

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skugate/skugate/core"
)

// MemoryLedger is a Ledger in this process's memory, for tests: a restart loses what was consumed and
// not yet delivered. Make it with NewMemoryLedger.
type MemoryLedger struct {
	mu      sync.Mutex
	entries map[purchase]Entry
}

// purchase names an entry.
type purchase struct {
	store core.StoreID
	token string
}

var (
	_ Ledger = (*MemoryLedger)(nil)
	_ Pruner = (*MemoryLedger)(nil)
)

// NewMemoryLedger returns an empty ledger.
func NewMemoryLedger() *MemoryLedger { return &MemoryLedger{entries: map[purchase]Entry{}} }

// Entry implements Ledger.
func (m *MemoryLedger) Entry(_ context.Context, store core.StoreID, token string) (Entry, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[purchase{store, token}]
	return e, ok, nil
}

// Swap implements Ledger.
func (m *MemoryLedger) Swap(_ context.Context, e Entry) (Entry, bool, error) {
	if err := e.Check(); err != nil {
		return Entry{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := purchase{e.Store, strings.Clone(e.Token)}
	have := m.entries[key]
	if have.Version != e.Version {
		return have, false, nil
	}
	e.Version++
	m.entries[key] = e
	return e, true, nil
}

// Prune implements Pruner. It looks at every entry.
func (m *MemoryLedger) Prune(_ context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	had := len(m.entries)
	maps.DeleteFunc(m.entries, func(_ purchase, e Entry) bool { return e.Finished() && e.FinishedAt().Before(before) })
	return had - len(m.entries), nil
}

// Unfinished implements Ledger. It looks at every entry.
func (m *MemoryLedger) Unfinished(_ context.Context, account string) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Entry
	for _, e := range m.entries {
		if e.Account == account && !e.Finished() {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b Entry) int { return a.Began.Compare(b.Began) })
	return found, nil
}
