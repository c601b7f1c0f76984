// Package fleet is what the instances of one game share on Redis or Valkey, beside the facts that package
// rediscache shares: who owns which purchase, what is to be acknowledged, what was taken back, which
// redemptions are under way.
//
//	options, err := redisclient.ParseURL("redis://redis:6379")
//	f, err := fleet.New(fleet.Config{Client: redis.NewUniversalClient(options)})
//	gate, err := core.New(core.Config{Stores: stores, Owners: f.Owners(), Outbox: f.Outbox(), Voids: f.Voids()})
//	ledger, err := f.Ledger(ctx)
//
// One server, a Sentinel and a cluster work alike: no call is about keys of two slots. Version 7.0 or later is
// needed.
//
// # What survives
//
// A call returns when the server has done it. What that is worth is up to the server's settings:
//
//   - appendonly yes and appendfsync always: what returned survives a crash of the server's machine.
//   - appendonly yes and appendfsync everysec: it survives a crash of the server; a power failure loses the
//     last second.
//   - appendonly no: a restart forgets it, or all since the last snapshot.
//   - A failover to a replica loses what the replica had not heard yet, whatever else is set.
//   - A maxmemory-policy that begins with allkeys drops state when memory is short. The state's keys never
//     expire, so that noeviction and the volatile policies keep them.
//
// Fleet.Check names the settings that lose state; Fleet.Ledger refuses them, because of a redemption that
// was forgotten half-way nobody knows whose it was.
//
// # What is in it
//
// Tokens and accounts are hashed in keys and readable in values: acknowledging needs the token. Whoever can
// write to this Redis can make accounts owners, lift voids and redeem again; keep it as one keeps a database.
package fleet
