package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/skugate/skugate/core"
)

// draws is how many hits are drawn before anything is measured.
const draws = 1 << 20

// growthTable measures one hit while caches grow, for popular and for equally likely tokens.
func growthTable(s settings) error {
	plot := &plot{title: "One decision from memory, as the cache grows (Zipf 1.1)"}
	for _, likely := range []string{"Zipf 1.1", "uniform"} {
		fmt.Printf("%s: ns a hit; gate of U (goal 1.15 for the look-up alone) and of A (goal 0.70)\n", likely)
		for n := 1000; n <= s.most; n *= 10 {
			rows := growthRows(n, likely == "uniform")
			if err := measure(rows, s); err != nil {
				return err
			}
			u, a, gate, record := rows[0].median(), rows[1].median(), rows[2].median(), rows[3].median()
			fmt.Printf("%9d  U %4.0f  A %4.0f  record %4.0f  gate %4.0f  record of U %.2f  gate of U %.2f  gate of A %.2f\n",
				n, u, a, record, gate, record/u, gate/u, gate/a)
			if likely != "uniform" {
				plot.add(n, "frozen map, no lock (the floor)", u)
				plot.add(n, "golang-lru, as one writes it first", a)
				plot.add(n, "skugate, the whole decision", gate)
			}
		}
	}
	if s.svg == "" {
		return nil
	}
	return os.WriteFile(s.svg, plot.svg(), 0o644)
}

// growthRows are caches of n entries, all of them present, and the same draws for each.
func growthRows(n int, uniform bool) []*row {
	gate := filled(2*n, n/8+1, tokenOf, nobody{}) // twice the room: shards fill unevenly
	for i := range n {
		gate.Check(context.Background(), vip, core.Credentials{Account: account, Token: tokenOf(i)})
	}
	look := make([]string, n)
	for i := range look {
		look[i] = tokenOf(i)
	}
	next := zipf(1.1, n, 3)
	if uniform {
		r := rand.New(rand.NewPCG(3, 3))
		next = func() int { return r.IntN(n) }
	}
	// The popular ones are not neighbours in memory.
	rand.New(rand.NewPCG(4, 4)).Shuffle(n, func(i, j int) { look[i], look[j] = look[j], look[i] })
	drawn := make([]uint32, draws)
	for i := range drawn {
		drawn[i] = uint32(next())
	}
	at := func(hit func(string) bool) func(b *testing.B) {
		return func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if !hit(look[drawn[i&(draws-1)]]) {
					b.Fatal("not a hit")
				}
			}
		}
	}
	u, a := newFrozen(n), newStraight(n, n)
	record, _ := warmRecord(n)
	ctx := context.Background()
	return []*row{
		{name: "U", bench: at(u.hit)},
		{name: "A", bench: at(func(token string) bool { return a.hit(token) != nil })},
		{name: "gate", bench: at(func(token string) bool {
			return gate.Check(ctx, vip, core.Credentials{Account: account, Token: token}).Outcome == core.Granted
		})},
		{name: "record", bench: at(record)},
	}
}
