package main

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// bought is what the floor and the prototype keep of a purchase.
type bought struct {
	account string
	expires int64 // U: monotonic nanoseconds
	until   time.Time
}

// origin is that of the floor's monotonic clock.
var origin = time.Now()

// frozen is a map that nobody writes to: U is one hit of it with one reading of a clock, and H one
// without.
type frozen map[string]*bought

func newFrozen(n int) frozen {
	m := make(frozen, n)
	for i := range n {
		m[tokenOf(i)] = &bought{account: account, expires: int64(time.Since(origin) + 24*time.Hour)}
	}
	return m
}

func (m frozen) hit(token string) bool {
	b := m[token]
	return b != nil && int64(time.Since(origin)) < b.expires
}

// straight is prototype A, what one writes first: one golang-lru, keyed by three strings, and time.Now.
type straight struct {
	lru *lru.Cache[straightKey, *bought]
}

type straightKey struct{ store, product, token string }

func newStraight(size, n int) *straight {
	c, err := lru.New[straightKey, *bought](size)
	if err != nil {
		panic(err)
	}
	for i := range n {
		c.Add(straightKey{"shop", "skin", tokenOf(i)}, &bought{account: account, until: time.Now().Add(24 * time.Hour)})
	}
	return &straight{c}
}

func (s *straight) hit(token string) *bought {
	b, ok := s.lru.Get(straightKey{"shop", "skin", token})
	if !ok || b.account != account || !time.Now().Before(b.until) {
		return nil
	}
	return b
}

// byHand is the map that one writes when one trusts no library.
type byHand struct {
	mu sync.RWMutex
	m  map[string]*bought
}

func (h *byHand) hit(token string) *bought {
	h.mu.RLock()
	b := h.m[token]
	h.mu.RUnlock()
	if b == nil || !time.Now().Before(b.until) {
		return nil
	}
	return b
}
