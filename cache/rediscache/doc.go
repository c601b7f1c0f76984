// Package rediscache keeps what stores said in Redis, for all instances of a game: a core.Shared.
//
//	options, err := redisclient.ParseURL("redis://redis:6379")
//	tier, err := rediscache.New(rediscache.Config{Client: redis.NewUniversalClient(options)})
//	gate, err := core.New(core.Config{Stores: stores, Shared: tier})
//
// One server, a Sentinel and a cluster work alike: each call is about one key. Redis 5 or later is needed,
// with scripts and writes allowed. A maxmemory-policy that evicts is fine, whichever it is.
//
// # A sick Redis
//
// No call is waited for longer than Config.Timeout, 25 ms, whatever the client does. While one hangs, few
// others are begun, and after two failures in a row none are for half a second; then one call, which no
// player waits for, tries whether Redis works again. What could not be asked is not written to either.
//
// # What is in it
//
// A key is Config.Prefix and a SHA-256 of store, market, environment and purchase token. Under it is a hash
// with one value for each product that was asked about, which goes when the last of them may be used no
// longer. A value repeats its key and its environment as digests, and holds what the store reported: the
// order id, the label (the account, as core.Config.Labels writes it), states, times, and, after a change of
// plan, the token of the purchase before. The token itself is not in it. Real purchase tokens can be
// guessed: without a MACKey, whoever reads Redis can try guesses against the keys.
//
// # A hostile Redis
//
// A value that is damaged, under another key, for another environment or written by a newer version is
// not used, and counted. That keeps accidents out. Whoever can write to Redis on purpose, and knows this
// package, can make purchases up, unless Config.MACKey is set. With it, who does not know that key can
// still do this: read the values; put back a value that was there, for its token, its product and as long
// as it could be used anyway, though it was forgotten meanwhile; drop values, which costs look-ups; and
// refuse service, which the gate works without. Voids stand above whatever is in Redis.
//
// A failover can lose what the old server did last. A token that was forgotten just before may be back
// with what was known of it, until that is past freshness.
package rediscache
