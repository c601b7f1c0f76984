package core

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
)

// MemoryOutbox is an Outbox in this process's memory: for tests, and where a restart may forget what
// was delivered. It keeps one entry of some 300 bytes for each purchase until it is pruned.
type MemoryOutbox struct {
	mu      sync.Mutex
	entries map[ownerKey]*OutboxEntry
	held    map[ownerKey]time.Time
}

var _ Outbox = (*MemoryOutbox)(nil)

// NewMemoryOutbox returns an empty outbox.
func NewMemoryOutbox() *MemoryOutbox {
	return &MemoryOutbox{entries: map[ownerKey]*OutboxEntry{}, held: map[ownerKey]time.Time{}}
}

// Record implements Outbox.
func (m *MemoryOutbox) Record(_ context.Context, d Debt, delivered bool) (OutboxEntry, error) {
	if err := d.Check(); err != nil {
		return OutboxEntry{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var have OutboxEntry
	if e := m.entries[d.key()]; e != nil {
		have = *e
	}
	e, changed := d.Recorded(have, delivered, time.Now())
	if changed {
		m.entries[d.key()] = &e
	}
	return e, nil
}

// Take implements Outbox.
func (m *MemoryOutbox) Take(_ context.Context, now time.Time, hold time.Duration, limit int) ([]OutboxEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	due := m.sorted(func(e *OutboxEntry) bool {
		return e.State == DebtDelivered && !e.NotBefore.After(now) && !m.held[e.key()].After(now)
	})
	due = due[:min(len(due), max(limit, 0))]
	for i := range due {
		m.held[due[i].key()] = now.Add(hold)
	}
	return due, nil
}

// Finish implements Outbox.
func (m *MemoryOutbox) Finish(_ context.Context, e OutboxEntry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, e.key())
	if have := m.entries[e.key()]; have != nil {
		*have = e.Finished(*have, time.Now())
	}
	return nil
}

// Unsettled implements Outbox.
func (m *MemoryOutbox) Unsettled(context.Context) iter.Seq2[OutboxEntry, error] {
	return func(yield func(OutboxEntry, error) bool) {
		m.mu.Lock()
		open := m.sorted(func(e *OutboxEntry) bool { return e.State != DebtAcknowledged })
		m.mu.Unlock()
		for _, e := range open {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Prune implements Outbox.
func (m *MemoryOutbox) Prune(_ context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for k, e := range m.entries {
		if e.By.Before(before) {
			delete(m.entries, k)
			delete(m.held, k)
			n++
		}
	}
	return n, nil
}

func (m *MemoryOutbox) sorted(which func(*OutboxEntry) bool) []OutboxEntry {
	var found []OutboxEntry
	for _, e := range m.entries {
		if which(e) {
			found = append(found, *e)
		}
	}
	slices.SortFunc(found, func(a, b OutboxEntry) int {
		if c := a.By.Compare(b.By); c != 0 {
			return c
		}
		return strings.Compare(a.Token, b.Token)
	})
	return found
}

func (d Debt) key() ownerKey { return ownerKey{d.Store, d.Token} }
