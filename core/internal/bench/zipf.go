package main

import (
	"math"
	"math/rand/v2"
)

// zipf draws 0 to n-1, the k-th with a weight of 1/(k+1)^s.
func zipf(s float64, n int, seed uint64) func() int {
	z := rand.NewZipf(rand.New(rand.NewPCG(seed, seed)), s, 1, uint64(n-1))
	return func() int { return int(z.Uint64()) }
}

// best is the hit ratio of a cache that always holds the most popular.
func best(s float64) float64 {
	var top, all float64
	for k := range payers {
		w := math.Pow(float64(k+1), -s)
		all += w
		if k < room {
			top += w
		}
	}
	return top / all
}
