package histories_test

import (
	"context"
	"sync"

	"github.com/skugate/skugate/core"
)

// bug is something broken on purpose at a public seam, to see that it is found.
type bug string

const (
	sound         bug = ""
	ignoresVoids  bug = "a rule that ignores voids"
	mixesTokens   bug = "a store client that gives one player's purchase to another's token"
	answersOld    bug = "a store client that answers from the past"
	forgetsOwners bug = "a registry that forgets"
	firstSecond   bug = "a rule that lets an expired purchase in for a second more"
	faultIsNo     bug = "a store client to which every fault is a no"
)

func (b bug) rule() core.Rule {
	switch b {
	case ignoresVoids:
		return func(in core.RuleInput) core.Verdict {
			in.Voided = false
			return core.DefaultRule(in)
		}
	case firstSecond:
		return func(in core.RuleInput) core.Verdict {
			in.Now = in.Now.Add(-1e9)
			return core.DefaultRule(in)
		}
	}
	return core.DefaultRule
}

func (b bug) owners(sound core.Owners) core.Owners {
	if b == forgetsOwners {
		return forgetful{sound}
	}
	return sound
}

// forgetful takes every claim and keeps none.
type forgetful struct{ core.Owners }

func (forgetful) Claim(_ context.Context, o core.Ownership) (core.Ownership, error) { return o, nil }

func (b bug) store(sound core.Store) core.Store {
	switch b {
	case mixesTokens, answersOld, faultIsNo:
		return &broken{Store: sound, bug: b, seen: map[string]*core.Purchase{}}
	}
	return sound
}

// broken is a store client with a bug in its look-up.
type broken struct {
	core.Store
	bug  bug
	mu   sync.Mutex
	seen map[string]*core.Purchase
	last *core.Purchase
}

func (s *broken) Lookup(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
	got, err := s.Store.Lookup(ctx, p, token)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.bug {
	case mixesTokens:
		if err != nil && s.last != nil {
			mixed := *s.last
			mixed.Token = token
			return &mixed, nil
		}
		s.last = got
	case answersOld:
		if old := s.seen[token]; err == nil && old != nil {
			return old, nil
		}
		s.seen[token] = got
	case faultIsNo:
		if err != nil {
			return nil, &core.StoreError{Fault: core.FaultNotFound}
		}
	}
	return got, err
}
