package core

import (
	"cmp"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// DecisionCount is how often checks ended in one way. Hits are those with SourceMemory.
type DecisionCount struct {
	Outcome Outcome
	Reason  Reason
	Source  Source
	Mode    string // "normal", "shadow" or "hold_open"
	// Store and Product (its id) are those of Decision.Product, so that they come from a requirement and
	// never from a request. Past 1,024 products the rest count as the product "other" of no store, and
	// past 512 ways to end the rest count as the reason "other".
	Store   StoreID
	Product string
	Count   uint64
}

const (
	// maxWays is far above the ways to end that exist: a Rule of the embedder's invents reasons.
	maxWays = 512
	// maxProducts is far above what one game gates: requirements that are built by requests invent products.
	maxProducts = 1024
	// maxKinds bounds the combinations of both. What would exceed it is counted as one kind.
	maxKinds = maxPages * kindsPerPage

	kindsPerPage = 512
	maxPages     = 32

	otherKinds = "other"
)

// tally counts decisions without a cache line that two cores fight over: each processor counts in a shard
// of its own, as long as the pool remembers which.
type tally struct {
	shards []tallyShard // a power of two
	next   atomic.Uint32
	pool   sync.Pool // *tallyShard

	kinds    sync.Map // DecisionCount with Count 0 -> int
	mu       sync.Mutex
	names    []DecisionCount
	ways     vocabulary[DecisionCount] // without store and product
	products vocabulary[productName]
}

// tallyShard grows by pages, and what has a number has its page: a count needs no lock.
type tallyShard struct {
	pages [maxPages]atomic.Pointer[tallyPage]
}

type tallyPage [kindsPerPage]atomic.Uint64

type productName struct {
	store StoreID
	id    string
}

func newTally() *tally {
	n := min(2<<bits.Len(uint(runtime.GOMAXPROCS(0)-1)), 64)
	return &tally{
		shards:   make([]tallyShard, n),
		ways:     vocabulary[DecisionCount]{most: maxWays, rest: DecisionCount{Reason: otherKinds}},
		products: vocabulary[productName]{most: maxProducts, rest: productName{id: otherKinds}},
	}
}

// kind numbers a combination.
func (t *tally) kind(d *Decision, mode string) int {
	name := DecisionCount{Outcome: d.Outcome, Reason: d.Reason, Source: d.Source, Mode: mode, Store: d.Product.Store, Product: d.Product.ID}
	if k, ok := t.kinds.Load(name); ok {
		return k.(int)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	name = t.bounded(name)
	if k, ok := t.kinds.Load(name); ok {
		return k.(int)
	}
	k := len(t.names)
	if k%kindsPerPage == 0 {
		for i := range t.shards {
			t.shards[i].pages[k/kindsPerPage].Store(new(tallyPage))
		}
	}
	t.names = append(t.names, name)
	t.kinds.Store(name, k)
	return k
}

// bounded is the name under which a combination is counted.
func (t *tally) bounded(name DecisionCount) DecisionCount {
	p := t.products.word(productName{StoreID(strings.Clone(string(name.Store))), strings.Clone(name.Product)})
	name.Store, name.Product = "", ""
	name = t.ways.word(name)
	name.Store, name.Product = p.store, p.id
	if _, ok := t.kinds.Load(name); !ok && len(t.names) >= maxKinds-1 {
		return DecisionCount{Reason: otherKinds}
	}
	return name
}

func (t *tally) count(kind int) {
	s, _ := t.pool.Get().(*tallyShard)
	if s == nil {
		s = &t.shards[t.next.Add(1)&uint32(len(t.shards)-1)]
	}
	s.pages[kind/kindsPerPage].Load()[kind%kindsPerPage].Add(1)
	t.pool.Put(s)
}

func (t *tally) counts() []DecisionCount {
	t.mu.Lock()
	counts := slices.Clone(t.names)
	t.mu.Unlock()
	for i := range counts {
		for s := range t.shards {
			counts[i].Count += t.shards[s].pages[i/kindsPerPage].Load()[i%kindsPerPage].Load()
		}
	}
	counts = slices.DeleteFunc(counts, func(c DecisionCount) bool { return c.Count == 0 })
	slices.SortFunc(counts, func(a, b DecisionCount) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), strings.Compare(string(a.Reason), string(b.Reason)),
			strings.Compare(string(a.Source), string(b.Source)), strings.Compare(a.Mode, b.Mode),
			strings.Compare(string(a.Store), string(b.Store)), strings.Compare(a.Product, b.Product))
	})
	return counts
}

// vocabulary is the first few different words that were used.
type vocabulary[T comparable] struct {
	known map[T]bool
	most  int
	rest  T // stands for all others
}

func (v *vocabulary[T]) word(w T) T {
	switch {
	case v.known[w]:
	case len(v.known) >= v.most-1:
		return v.rest
	case v.known == nil:
		v.known = map[T]bool{w: true}
	default:
		v.known[w] = true
	}
	return w
}
