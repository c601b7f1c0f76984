package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
	"github.com/skugate/skugate/core"
)

// many is how many tokens take turns where it is not one.
const many = 1 << 12

// floor is what the core's rows are divided by.
const (
	floor     = "U: frozen map, no lock, one clock"
	floorMany = "U, 4,096 tokens"
)

func coreTable(s settings) error {
	rows := coreRows()
	if err := measure(rows, s); err != nil {
		return err
	}
	if err := show(rows, "of U", s); err != nil {
		return err
	}
	fmt.Println("\ntwo cores (lower quartiles)  goal")
	for _, pair := range [][3]string{
		{"gate: entitlement of three", "gate, two goroutines", "1.90"},
		{"gate, 4,096 tokens", "gate, 4,096 tokens, two goroutines", "1.80"},
		{"A: straight", "A, two goroutines", ""},
	} {
		one, two := find(rows, pair[0]).lower(), find(rows, pair[1]).lower()
		if one > 0 && two > 0 {
			fmt.Printf("x %.2f  %s  %s\n", one/two, pair[2], pair[1])
		}
	}
	return nil
}

func find(rows []*row, name string) *row {
	for _, r := range rows {
		if r.name == name {
			return r
		}
	}
	return &row{}
}

// hits is a benchmark of one function over tokens in turn, on one core or on all.
func hits(tokens []string, parallel bool, hit func(token string) bool) func(b *testing.B) {
	mask := len(tokens) - 1 // a power of two
	return func(b *testing.B) {
		b.ReportAllocs()
		if !parallel {
			for i := 0; b.Loop(); i++ {
				if !hit(tokens[i&mask]) {
					b.Fatal("not a hit")
				}
			}
			return
		}
		b.RunParallel(func(pb *testing.PB) {
			for i := rand.IntN(len(tokens)); pb.Next(); i++ {
				if !hit(tokens[i&mask]) {
					b.Error("not a hit")
					return
				}
			}
		})
	}
}

func coreRows() []*row {
	gate := newGate(&shop{}, 1<<16)
	look := warm(gate, many)
	rand.Shuffle(many, func(i, j int) { look[i], look[j] = look[j], look[i] })
	one := look[:1]
	u, a := newFrozen(many), newStraight(1<<16, many)
	lookup, record := warmRecord(many)

	ctx := context.Background()
	check := func(r core.Requirement) func(string) bool {
		return func(token string) bool {
			return gate.Check(ctx, r, core.Credentials{Account: account, Token: token}).Outcome == core.Granted
		}
	}
	route := core.NewRoute(gate, vip, core.RouteConfig{})
	admit := func(token string) bool {
		return route.Admit(ctx, func() (core.Credentials, error) { return core.Credentials{Account: account, Token: token}, nil }).Open()
	}
	straightHit := func(token string) bool { return a.hit(token) != nil }
	return []*row{
		{name: floor, bench: hits(one, false, u.hit), base: floor},
		{name: "record", bench: hits(one, false, lookup), base: floor, goal: "1.05"},
		{name: "record and rule", bench: hits(one, false, record), base: floor, goal: "1.05"},
		{name: "gate: entitlement of three", bench: hits(one, false, check(vip)), base: floor, goal: "1.60"},
		{name: "gate: one product", bench: hits(one, false, check(skin)), base: floor, goal: "1.60"},
		{name: "route: entitlement of three", bench: hits(one, false, admit), base: floor, goal: "1.60"},
		{name: "A: straight", bench: hits(one, false, straightHit), base: floor},
		{name: floorMany, bench: hits(look, false, u.hit), base: floorMany},
		{name: "record, 4,096 tokens", bench: hits(look, false, lookup), base: floorMany, goal: "1.00"},
		{name: "record and rule, 4,096 tokens", bench: hits(look, false, record), base: floorMany, goal: "1.00"},
		{name: "gate, 4,096 tokens", bench: hits(look, false, check(vip)), base: floorMany},
		{name: "A, 4,096 tokens", bench: hits(look, false, straightHit), base: floorMany},
		{name: "gate, two goroutines", bench: hits(one, true, check(vip))},
		{name: "gate, 4,096 tokens, two goroutines", bench: hits(look, true, check(vip))},
		{name: "A, two goroutines", bench: hits(one, true, straightHit)},
	}
}

// warmRecord is the bare look-up with the clock, and with the rule for one product.
func warmRecord(n int) (lookup, judged func(token string) bool) {
	record, err := cache.NewRecord[string, *core.Purchase](cache.Config[string]{Entries: max(2*n, 1<<16)})
	if err != nil {
		panic(err)
	}
	s := &shop{}
	for range 3 {
		for i := range n {
			token := tokenOf(i)
			if e, _ := record.Get(token, cache.Now()); e != nil {
				continue
			}
			p, err := s.Lookup(context.Background(), skin, token)
			if err != nil {
				panic(err)
			}
			record.Put(token, &cache.Entry[*core.Purchase]{
				Value: p, Began: cache.Now(), Order: cache.NextOrder(), Life: cache.Life{Fresh: 24 * time.Hour},
			})
		}
	}
	lookup = func(token string) bool {
		_, state := record.Get(token, cache.Now())
		return state == cache.Fresh
	}
	return lookup, func(token string) bool {
		now := cache.Now()
		e, state := record.Get(token, now)
		return state == cache.Fresh && core.DefaultRule(core.RuleInput{Product: skin, Purchase: e.Value, Now: now.Time()}).Outcome == core.Granted
	}
}
