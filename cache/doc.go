// Package cache remembers what a slow source said, and for how long that is worth what. It has two
// parts that know nothing of each other and are used together:
//
//   - A Record holds entries by key, in bounded room. An entry carries the instant at which its read
//     was begun and the ages (Life) up to which it is Fresh, Due or Stale. Choose Config.Entries;
//     everything else has a default, except Config.Clone for struct keys that hold strings.
//   - Flights lets all callers who miss the same key share one read. Choose FlightConfig.Timeout.
//
// The way of a caller, who must not be served what was invalidated before it came:
//
//	after := record.Mark(key)
//	entry, state := record.Get(key, cache.Now())
//	// on a Miss:
//	flight, _, err := flights.Join(key, after, func(ctx context.Context, order cache.Order) (V, error) {
//		// look in the record again, read the source, Put an Entry with this order
//	})
//	value, err := flight.Wait(ctx)
//
// # Guarantees
//
//   - Ages count from when a read was begun, by whichever clock says more. Serving an entry never
//     makes it younger.
//   - An answer never replaces one whose read was begun later. (It may follow one that has already
//     been evicted.)
//   - Once Invalidate or Flush has returned, no Get that begins is served from before it, and no read
//     that was under way can bring the past back, for Invalidate as long as its mark is kept.
//   - Entries set Apart never evict the others, nor the others them.
//   - Keys are compared whole; a hash never decides. What is kept of a key is a copy.
//   - No constructor starts a goroutine. The only goroutines are those of flights under way.
//   - Nothing here depends on eviction callbacks.
//
// Orders and monotonic time mean something in one process only. Nothing in an Entry except its Value
// and Began.Wall may be sent elsewhere.
//
// # Costs
//
// A hit on a hot entry hashes the key, compares it and reads a few words; it takes no lock, writes
// nothing that other cores read, and allocates nothing. An entry becomes hot with its second hit
// within 5 seconds, and a hot one is moved to the young end of its segment at most every 2 seconds.
// Other hits and misses take one shard's lock. The first hit of an entry moves it to another list, which
// allocates 80 bytes: four fifths of a segment are for entries that were hit, so that a crowd which comes once
// does not push them out. Beside key and value, an entry costs about 220 bytes.
package cache
