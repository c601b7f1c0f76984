package core

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// MemoryVoids is a Voids in this process's memory: for tests, and for several gates in one process. A
// restart forgets it, checkpoints included, so that the lists are read in full again.
type MemoryVoids struct {
	mu          sync.Mutex
	records     map[ownerKey]VoidRecord
	checkpoints map[StoreID]time.Time
}

var _ Voids = (*MemoryVoids)(nil)

// NewMemoryVoids returns an empty log.
func NewMemoryVoids() *MemoryVoids {
	return &MemoryVoids{records: map[ownerKey]VoidRecord{}, checkpoints: map[StoreID]time.Time{}}
}

// Load implements Voids.
func (m *MemoryVoids) Load(context.Context) (VoidLog, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	log := VoidLog{Records: slices.Collect(maps.Values(m.records)), Checkpoints: maps.Clone(m.checkpoints)}
	for i := range log.Records {
		log.Records[i].Payments = slices.Clone(log.Records[i].Payments)
	}
	return log, nil
}

// Apply implements Voids.
func (m *MemoryVoids) Apply(_ context.Context, change VoidLog) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, more := range change.Records {
		key := ownerKey{more.Store, more.Token}
		r, ok := m.records[key]
		if !ok {
			r = VoidRecord{Store: more.Store, Token: more.Token}
		}
		r.Merge(more)
		m.records[key] = r
	}
	maps.Copy(m.checkpoints, change.Checkpoints)
	return nil
}

// Forget implements Voids.
func (m *MemoryVoids) Forget(_ context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	had := len(m.records)
	maps.DeleteFunc(m.records, func(_ ownerKey, r VoidRecord) bool { return r.Seen.Before(before) })
	return had - len(m.records), nil
}
