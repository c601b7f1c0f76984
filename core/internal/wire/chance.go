package wire

import (
	"hash/fnv"
	"math/rand/v2"
)

// Chance is a source of chance that depends on the seed, a name and how often the name was met, never on
// what else goes on: concurrent tests stay repeatable.
func Chance(seed uint64, name string, nth int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed^0x9e3779b97f4a7c15, h.Sum64()+uint64(nth)))
}
