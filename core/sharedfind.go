package core

import (
	"context"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/skugate/skugate/cache"
)

// find looks at what instances share before it asks the store. While another instance asks it, it waits
// for that one's answer, a while.
func (b *backend) find(ctx context.Context, p Product, token string, order cache.Order) answer {
	t := b.tier
	if t == nil {
		return b.read(ctx, p, token, order, errand{})
	}
	e := errand{tier: t, question: SharedQuestion{SharedToken: b.sharedToken(token), Kind: p.Kind, Product: p.ID}}
	began := cache.Now()
	waited := false
	for pause := firstTierPause; ; pause = min(2*pause, maxTierPause) {
		got, err := t.get(ctx, e.question)
		e.ticket = got.Ticket
		if err != nil {
			break
		}
		now := cache.Now()
		if got.Fact != nil {
			if a, ok := b.take(ctx, &p, got.Fact, token, now, order); ok {
				t.hits.Add(1)
				return a
			}
		}
		// A store that is not asked now will not answer the other instance either.
		if !got.Busy || now.Since(began) >= t.wait || b.guard.breaker.State() == gobreaker.StateOpen {
			break
		}
		if !waited {
			waited = true
			t.waited.Add(1)
		}
		select {
		case <-time.After(min(pause, t.wait-now.Since(began))):
		case <-ctx.Done():
		}
	}
	t.misses.Add(1)
	if waited {
		t.tookOver.Add(1)
	}
	return b.read(ctx, p, token, order, e)
}

// take makes an answer of the tier's one of this gate's, as old as it is; false if it does not settle the
// question. One past freshness goes to memory, for the time that the store cannot answer.
func (b *backend) take(ctx context.Context, p *Product, s *SharedFact, token string, now cache.Instant, order cache.Order) (answer, bool) {
	began, ok := s.began(now)
	if !ok || s.Purchase != nil && (s.Purchase.credible(token) != nil || s.StoreTime.Sub(s.VerifiedAt).Abs() > maxSkew) {
		b.tier.implausible.Add(1)
		return answer{}, false
	}
	if s.Purchase == nil {
		if now.Since(began) >= b.lives.Absent {
			return answer{}, false
		}
		b.rememberAbsence(ctx, absence{token, p.Kind, p.ID}, errAbsent, began, order)
		return answer{err: errAbsent, source: SourceShared}, true
	}
	purchase := *s.Purchase
	f := &fact{product: b.share(p), purchase: &purchase, began: began, storeBegan: s.StoreTime.UnixNano()}
	f.owed = b.state.owes(b.id, p, &purchase)
	var verdict Verdict
	b.judge(&verdict, f, p, began, false)
	life := f.life(p, verdict, &b.lives)
	state := (&cache.Entry[*fact]{Began: began, Life: life}).State(now)
	if state == cache.Miss {
		return answer{}, false
	}
	// What was read from the store later stays, in whichever order it came here.
	if e, have := b.facts.Get(token, now); have != cache.Miss && now.Since(e.Value.began) <= now.Since(began) {
		return answer{}, false
	}
	b.remember(ctx, f, &verdict, life, order)
	return answer{fact: f, source: SourceShared}, state == cache.Fresh
}

// began is when the read of the fact began, by this machine's clocks; false if that cannot be.
func (s *SharedFact) began(now cache.Instant) (cache.Instant, bool) {
	if s.VerifiedAt.Before(earliest) || !s.VerifiedAt.Before(latest) || s.Age < 0 || s.Age > maxDuration {
		return cache.Instant{}, false
	}
	since := now.Time().Sub(s.VerifiedAt)
	if since < -clockTolerance || since > maxDuration {
		return cache.Instant{}, false
	}
	age := int64(max(since, s.Age, 0))
	return cache.Instant{Wall: now.Wall - age, Mono: now.Mono - age}, true
}
