package core

import (
	"hash/maphash"
	"maps"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// budgets limits, per account, how many tokens may be looked up that turn out to name no purchase, or
// to be none at all.
// Whoever guesses tokens runs dry; a buyer who polls for a purchase that has not landed is charged
// once, however often it asks.
type budgets struct {
	burst    int
	every    time.Duration
	seed     maphash.Seed
	accounts *lru.Cache[string, *budget]
}

// budgetAccounts bounds the memory: the accounts seen longest ago start afresh.
const budgetAccounts = 65536

type budget struct {
	limiter *rate.Limiter
	mu      sync.Mutex
	asking  map[uint64]int // tokens being looked up, each of which may cost one, and by how many checks
	charged [32]uint64     // hashes of the tokens charged last; a collision saves somebody one charge
	next    int
}

func newBudgets(burst int, every time.Duration) *budgets {
	accounts, _ := lru.New[string, *budget](budgetAccounts) // fails for a size below 1 only
	return &budgets{burst: burst, every: every, seed: maphash.MakeSeed(), accounts: accounts}
}

// of returns the account's budget, a full one for an account not seen lately.
func (b *budgets) of(account string) *budget {
	if have, ok := b.accounts.Get(account); ok {
		return have
	}
	fresh := &budget{limiter: rate.NewLimiter(rate.Every(b.every), b.burst), asking: map[uint64]int{}}
	if have, ok, _ := b.accounts.PeekOrAdd(strings.Clone(account), fresh); ok {
		return have
	}
	return fresh
}

// enter asks leave to look token up. If it is not given, wait says when it may be.
func (b *budgets) enter(account, token string, now time.Time) (leave func(unknown bool, now time.Time), wait time.Duration) {
	if b.burst < 0 {
		return func(bool, time.Time) {}, 0
	}
	acct, hash := b.of(account), maphash.String(b.seed, token)
	acct.mu.Lock()
	defer acct.mu.Unlock()
	if acct.asking[hash] == 0 && !acct.paid(hash) && acct.limiter.TokensAt(now)-float64(len(acct.asking)) < 1 {
		return nil, b.every
	}
	acct.asking[hash]++
	return func(unknown bool, now time.Time) {
		acct.mu.Lock()
		defer acct.mu.Unlock()
		if acct.asking[hash]--; acct.asking[hash] <= 0 {
			delete(acct.asking, hash)
		}
		if unknown && !acct.paid(hash) {
			acct.limiter.AllowN(now, 1)
			acct.charged[acct.next%len(acct.charged)] = hash
			acct.next++
		}
	}, 0
}

// copyOf is the budgets with a copy of the account's, in which nothing that is done counts.
func (b *budgets) copyOf(account string, now time.Time) *budgets {
	c := newBudgets(b.burst, b.every)
	c.seed = b.seed
	have, ok := b.accounts.Peek(account)
	if !ok || b.burst < 0 {
		return c
	}
	have.mu.Lock()
	defer have.mu.Unlock()
	own := c.of(account)
	own.asking, own.charged, own.next = maps.Clone(have.asking), have.charged, have.next
	own.limiter.AllowN(now, b.burst-int(have.limiter.TokensAt(now))) // a part of one buys nothing
	return c
}

// left is how many tokens the account may present that name no purchase, -1 if there is no limit.
func (b *budgets) left(account string, now time.Time) int {
	if b.burst < 0 {
		return -1
	}
	own := b.copyOf(account, now).of(account)
	return max(int(own.limiter.TokensAt(now))-len(own.asking), 0)
}

func (a *budget) paid(hash uint64) bool {
	for _, h := range a.charged {
		if h == hash {
			return true
		}
	}
	return false
}
