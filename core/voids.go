package core

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Void says that a store took a payment back.
type Void struct {
	Store StoreID
	Token string
	// PurchaseID is the payment that was voided. Of a product that renews only the last payment
	// counts: a refund of an older month leaves the present one standing. Empty voids the token.
	PurchaseID string
	At         time.Time // when the store voided it; informational
}

// keepVoids is longer than any store goes on listing a void, counted from when we last learned of it.
const keepVoids = 63 * 24 * time.Hour

// voidSet is what has been taken back or replaced at one store. It is sticky, and it is asked when a
// fact is read: however late an older answer arrives, and from whichever tier, it grants nothing.
type voidSet struct {
	tokens sync.Map // token -> *voidRecord
	count  atomic.Int64
	mu     sync.Mutex // one writer at a time
	swept  time.Time
	keep   time.Duration // longer than a fact is used: what was forgotten must not grant again
}

// voidRecord is immutable; a change replaces it.
type voidRecord struct {
	superseded bool
	whole      bool     // the token, whichever payment
	payments   []string // these payments
	learned    time.Time
}

// flags tells what stands against the purchase. Where nothing ever did it costs one atomic read.
func (s *voidSet) flags(token, purchaseID string) (voided, superseded bool) {
	if s.count.Load() == 0 {
		return false, false
	}
	v, ok := s.tokens.Load(token)
	if !ok {
		return false, false
	}
	r := v.(*voidRecord)
	voided = r.whole
	for _, id := range r.payments {
		voided = voided || id == purchaseID
	}
	return voided, r.superseded
}

func (s *voidSet) void(token, purchaseID string) {
	s.change(token, func(r *voidRecord) {
		if purchaseID == "" {
			r.whole = true
			return
		}
		if !slices.Contains(r.payments, purchaseID) { // stores list a void for weeks
			r.payments = append(slices.Clip(r.payments), strings.Clone(purchaseID))
		}
	})
}

func (s *voidSet) supersede(token string) {
	s.change(token, func(r *voidRecord) { r.superseded = true })
}

func (s *voidSet) change(token string, f func(*voidRecord)) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	next := &voidRecord{}
	old, had := s.tokens.Load(token)
	if had {
		*next = *old.(*voidRecord)
	}
	f(next)
	next.learned = now
	s.tokens.Store(strings.Clone(token), next)
	if !had {
		s.count.Add(1)
	}
	s.sweep(now)
}

// sweep drops what is older than any fact can be, at most once an hour.
func (s *voidSet) sweep(now time.Time) {
	if now.Sub(s.swept) < time.Hour {
		return
	}
	s.swept = now
	s.tokens.Range(func(k, v any) bool {
		if now.Sub(v.(*voidRecord).learned) > s.keep {
			s.tokens.Delete(k)
			s.count.Add(-1)
		}
		return true
	})
}
