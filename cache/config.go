package cache

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
)

const (
	maxEntries = 1 << 26
	maxShards  = 1 << 10
	// Below this many entries a shard, uneven filling would evict well before a record is full.
	minPerShard   = 256
	defaultShards = 64
)

// Config says how large a Record is and how it treats keys. A key must be equal to itself (no NaN).
type Config[K comparable] struct {
	// Entries is how many entries the main segment holds, at least 1 and at most 67,108,864. It is
	// divided among the shards, each of which evicts for itself, so a record may begin to evict a
	// little before it is full. It never holds more.
	Entries int
	// Apart is the same for the separate segment (Entry.Apart), on top of Entries. 0 means a
	// sixteenth of Entries, at least 1 a shard.
	Apart int
	// Shards is a power of two, at most 1024, Entries and Apart. 0 means as many as leave 256
	// entries to each, at most 64. One shard evicts in exact order: the
	// oldest of what was not hit, then the least recently used.
	Shards int
	// Hash spreads keys over the shards. It decides nothing else: keys are compared whole. nil means
	// maphash.Comparable. It must be safe for concurrent use.
	Hash func(maphash.Seed, K) uint64
	// Clone returns an equal key that shares no memory with its argument; it is called once for a
	// key that is to be kept. nil is enough for string and for types that hold no strings and no
	// interfaces; for other types it is an error.
	Clone func(K) K
}

// withDefaults returns the configuration in full, or all that is wrong with it.
func (c Config[K]) withDefaults() (Config[K], error) {
	var faults []error
	if c.Entries < 1 || c.Entries > maxEntries {
		faults = append(faults, fmt.Errorf("cache: Config.Entries is %d, want 1 to %d", c.Entries, maxEntries))
	}
	if c.Apart < 0 || c.Apart > maxEntries {
		faults = append(faults, fmt.Errorf("cache: Config.Apart is %d, want 0 (the default) to %d", c.Apart, maxEntries))
	}
	if c.Shards < 0 || c.Shards > maxShards || bits.OnesCount(uint(c.Shards)) > 1 {
		faults = append(faults, fmt.Errorf("cache: Config.Shards is %d, want 0 (the default) or a power of two up to %d", c.Shards, maxShards))
	}
	clone, err := cloneOf(c.Clone)
	if err != nil {
		faults = append(faults, fmt.Errorf("cache: Config.Clone %w", err))
	}
	if len(faults) > 0 {
		return c, errors.Join(faults...)
	}

	c.Clone, c.Hash = clone, hashOf(c.Hash)
	c.Apart = cmp.Or(c.Apart, max(c.Entries/16, c.Shards, 1))
	c.Shards = cmp.Or(c.Shards, powerOfTwo(min(defaultShards, c.Apart, max(c.Entries/minPerShard, 1))))
	if c.Shards > c.Entries {
		faults = append(faults, fmt.Errorf("cache: Config.Shards is %d, want at most Entries, %d", c.Shards, c.Entries))
	}
	if c.Shards > c.Apart {
		faults = append(faults, fmt.Errorf("cache: Config.Shards is %d, want at most Apart, %d", c.Shards, c.Apart))
	}
	return c, errors.Join(faults...)
}

// powerOfTwo returns the largest power of two that is not above n, which is at least 1.
func powerOfTwo(n int) int { return 1 << (bits.Len(uint(n)) - 1) }
