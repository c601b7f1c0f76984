package intake

import (
	"cmp"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Limit is how many may come at once, and how long it takes to earn one back.
type Limit struct {
	// Burst: negative means no limit.
	Burst int
	Every time.Duration
}

func (l Limit) orDefault(d Limit) Limit {
	return Limit{cmp.Or(l.Burst, d.Burst), cmp.Or(l.Every, d.Every)}
}

// limits bounds how often notifications make the gate forget: whoever repeats a genuine message, or
// forges one that nobody signs, could otherwise send every request to the store.
type limits struct {
	each Limit

	mu     sync.Mutex
	all    *rate.Limiter
	tokens *lru.Cache[string, *rate.Limiter]
}

// limitedTokens bounds the memory. More tokens than that within the time in which one is earned back
// meet the overall limit first.
const limitedTokens = 16384

func newLimits(each, all Limit) *limits {
	tokens, _ := lru.New[string, *rate.Limiter](limitedTokens) // fails for a size below 1 only
	return &limits{each: each, all: all.limiter(), tokens: tokens}
}

func (l Limit) limiter() *rate.Limiter {
	if l.Burst < 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Every(l.Every), l.Burst)
}

// take asks leave to forget what is known of token. If wait is positive it was not given; nothing was
// taken from either limit then, and it may be given after wait.
func (l *limits) take(token string, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.tokens.Get(token)
	if !ok {
		one = l.each.limiter()
	}
	if wait = max(until(one, now), until(l.all, now)); wait > 0 {
		return wait
	}
	one.AllowN(now, 1)
	l.all.AllowN(now, 1)
	l.tokens.Add(token, one)
	return 0
}

// until is how long it takes until the limiter lets one through.
func until(l *rate.Limiter, now time.Time) time.Duration {
	if l.Limit() == rate.Inf {
		return 0
	}
	missing := 1 - l.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return max(time.Duration(missing/float64(l.Limit())*float64(time.Second)), 1)
}
