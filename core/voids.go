package core

import (
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

// keepVoids is how long a void is kept beyond the last instant at which a fact of its token can be used:
// longer than any store goes on listing it, which is 30 days at most. When such a fact was read last is
// noted once in seeEvery, which comes on top.
const keepVoids = 35 * 24 * time.Hour

// voidSet is what has been taken back or replaced at one store. It is sticky, and it is asked when a
// fact is read: however late an older answer arrives, and from whichever tier, it grants nothing.
type voidSet struct {
	tokens sync.Map // token -> *voidRecord
	count  atomic.Int64
	mu     sync.Mutex // one writer at a time
	swept  time.Time
	keep   time.Duration // longer than a fact is used: what was forgotten must not grant again
	alone  bool          // there is nobody to tell
}

// voidRecord is immutable but for how far it came; a change replaces it.
type voidRecord struct {
	superseded bool
	whole      bool      // the token, whichever payment
	payments   []string  // these payments
	seen       time.Time // when it was last learned of, or a fact of the token was last read

	kept, told atomic.Bool // in Config.Voids too, and to Config.Peers
}

// concern tells whether anything stands against the purchase. Where nothing ever did it costs one atomic
// read, and the purchase is not looked at.
func (s *voidSet) concern(p *Purchase) bool {
	if s.count.Load() == 0 {
		return false
	}
	voided, superseded := s.flags(p.Token, p.ID)
	return voided || superseded
}

// flags tells what stands against the purchase. Where nothing ever did it costs one atomic read.
func (s *voidSet) flags(token, purchaseID string) (voided, superseded bool) {
	r, ok := s.record(token)
	if !ok {
		return false, false
	}
	voided = r.whole
	for _, id := range r.payments {
		voided = voided || id == purchaseID
	}
	return voided, r.superseded
}

// merge adds what r knows of a token, and returns what stands then and whether r was news. It keeps r's
// strings. kept is whether r is what Config.Voids has.
func (s *voidSet) merge(r *VoidRecord, kept bool) (stands *voidRecord, news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := &voidRecord{}
	old, had := s.tokens.Load(r.Token)
	if had {
		have = old.(*voidRecord)
	}
	now := VoidRecord{Whole: have.whole, Payments: have.payments, Superseded: have.superseded, Seen: have.seen}
	now.Merge(*r)
	news = now.Whole != have.whole || now.Superseded != have.superseded || len(now.Payments) != len(have.payments)
	stands = &voidRecord{superseded: now.Superseded, whole: now.Whole, payments: now.Payments, seen: now.Seen}
	kept = kept && now.Whole == r.Whole && now.Superseded == r.Superseded && len(now.Payments) == len(r.Payments)
	stands.kept.Store(kept)
	stands.told.Store(s.alone || !news && have.told.Load())
	s.tokens.Store(r.Token, stands)
	if !had {
		s.count.Add(1)
	}
	s.sweep(time.Now())
	return stands, news
}

// record is what stands against token, and whether that is kept; false if nothing does.
func (s *voidSet) record(token string) (*voidRecord, bool) {
	if s.count.Load() == 0 {
		return nil, false
	}
	v, ok := s.tokens.Load(token)
	if !ok {
		return nil, false
	}
	return v.(*voidRecord), true
}

// sweep drops what is older than any fact can be, at most once an hour.
func (s *voidSet) sweep(now time.Time) {
	if now.Sub(s.swept) < time.Hour {
		return
	}
	s.swept = now
	s.tokens.Range(func(k, v any) bool {
		if now.Sub(v.(*voidRecord).seen) > s.keep {
			s.tokens.Delete(k)
			s.count.Add(-1)
		}
		return true
	})
}
