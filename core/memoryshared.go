package core

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/skugate/skugate/cache"
)

// MemoryShared is a Shared in this process's memory, for tests: what instances share is elsewhere.
type MemoryShared struct {
	mu     sync.Mutex
	last   int // version or ticket
	tokens map[SharedToken]*sharedRecord
}

// sharedRecord is what is kept of one token.
type sharedRecord struct {
	version string
	answers map[SharedQuestion]*sharedEntry
}

// sharedEntry is what is kept of one question.
type sharedEntry struct {
	fact    *SharedFact // nil: nothing yet
	began   cache.Instant
	ticket  string // whose lease it is; empty: nobody's
	expires int64  // when that ends, monotonic
}

// sharedLease is how long a MemoryShared lets one caller ask the store.
const sharedLease = time.Second

var _ Shared = (*MemoryShared)(nil)

// NewMemoryShared returns an empty tier.
func NewMemoryShared() *MemoryShared { return &MemoryShared{tokens: map[SharedToken]*sharedRecord{}} }

// Get implements Shared.
func (m *MemoryShared) Get(ctx context.Context, q SharedQuestion) (SharedAnswer, error) {
	if err := ctx.Err(); err != nil {
		return SharedAnswer{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, e := m.entry(q)
	now := cache.Now()
	a := SharedAnswer{Ticket: r.version + " " + m.next()}
	if e.fact != nil {
		f := *e.fact
		f.Age = now.Since(e.began)
		if f.Age < f.Life.Usable {
			a.Fact = &f
		}
		if f.Age < f.Life.Fresh {
			return a, nil
		}
	}
	if a.Busy = e.ticket != "" && now.Mono < e.expires; !a.Busy {
		e.ticket, e.expires = a.Ticket, now.Mono+int64(sharedLease)
	}
	return a, nil
}

// Put implements Shared.
func (m *MemoryShared) Put(ctx context.Context, q SharedQuestion, ticket string, f SharedFact) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, e := m.entry(q)
	if version, _, _ := strings.Cut(ticket, " "); version != r.version {
		return nil
	}
	e.ticket = ""
	began := cache.Now()
	began.Wall -= int64(f.Age)
	began.Mono -= int64(f.Age)
	if e.fact == nil || began.Mono >= e.began.Mono {
		e.fact, e.began = &f, began
	}
	return nil
}

// Release implements Shared.
func (m *MemoryShared) Release(ctx context.Context, q SharedQuestion, ticket string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, e := m.entry(q); e.ticket == ticket {
		e.ticket = ""
	}
	return nil
}

// Forget implements Shared.
func (m *MemoryShared) Forget(ctx context.Context, t SharedToken) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.tokens, t)
	return nil
}

// entry finds what is kept of a question, or makes room for it.
func (m *MemoryShared) entry(q SharedQuestion) (*sharedRecord, *sharedEntry) {
	r := m.tokens[q.SharedToken]
	if r == nil {
		r = &sharedRecord{m.next(), map[SharedQuestion]*sharedEntry{}}
		m.tokens[q.SharedToken] = r
	}
	e := r.answers[q]
	if e == nil {
		e = &sharedEntry{}
		r.answers[q] = e
	}
	return r, e
}

// next is a version or a ticket's own part that was not there before.
func (m *MemoryShared) next() string {
	m.last++
	return strconv.Itoa(m.last)
}
