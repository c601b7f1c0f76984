// Package fleet is what the instances of one game share on Redis or Valkey, beside the facts that package
// rediscache shares: who owns which purchase, what is to be acknowledged, what stores took back, which
// redemptions are under way, whose turn it is to work for all, and what one instance learned that all have to
// know.
//
//	options, err := redisclient.ParseURL("redis://redis:6379")
//	shared, err := fleet.New(fleet.Config{Client: redis.NewUniversalClient(options)})
//	gate, err := core.New(core.Config{
//		Stores: []core.Store{store},
//		Owners: shared.Owners(), Outbox: shared.Outbox(), Voids: shared.Voids(), Peers: shared.Peers(),
//	})
//	listener, err := shared.Listener(gate)
//	worker, err := reconcile.New(reconcile.Config{Gate: gate, Turns: shared.Turns()})
//	g.Go(func() error { return listener.Run(ctx) }) // of an errgroup
//	g.Go(func() error { return worker.Run(ctx) })
//	ledger, err := shared.Ledger(ctx)
//	redeemer, err := redeem.New(redeem.Config{Gate: gate, Ledger: ledger})
//
// It works with one server, with Sentinels and with a cluster: no call is about keys of two slots. The outbox
// and the voids have one slot each, owners and redemptions are spread. Redis 7.0 or later is needed, or what
// says that it is, as Valkey does.
//
// # What survives
//
// A method that returned without an error has its change on the server that is the master. How long that
// lasts is up to the server's settings:
//
//   - appendonly yes, appendfsync always: whatever crashes, its machine included.
//   - appendonly yes, appendfsync everysec: a crash of the server too; a loss of power forgets the last
//     second, or two.
//   - appendonly no: a restart forgets all, or all since the last snapshot.
//   - A failover forgets what the replica that takes over had not heard of yet, whatever is flushed. With
//     min-replicas-to-write a master that has lost its replicas takes no more changes after
//     min-replicas-max-lag seconds, which bounds that.
//   - A maxmemory-policy that begins with allkeys drops state when memory is short. No key of the state
//     expires, so that noeviction and the volatile policies keep it; when memory is full they refuse changes.
//
// What was forgotten in the end costs: of owners, that the next account to present an unlabelled purchase
// owns it; of the outbox, that the player's next request records the delivery again, or without one the
// store cancels it at its deadline; of voids, that an instance which starts later learns of them by the
// store's list, as far as that is read again (a day, reconcile.Config.Overlap), or when it looks the purchase
// up; of the ledger, that a purchase which was consumed and
// not delivered is refused for ever and has to be made good by hand. That is why Ledger refuses a server
// whose settings lose entries, where the other parts only report it (Check).
//
// # What happens without it
//
// A Redis that is away is an error of the method after Config.Timeout, and nothing else here: nothing is
// queued, nothing is answered from memory. A gate goes on with what it has: see core.Config.Owners, Outbox
// and Voids. Every instance works as if it were alone (Turns). Nothing is redeemed.
//
// The log of what instances tell each other need not survive: who finds that it was lost asks the stores
// again. For all instances at once that is a herd, so that it is worth keeping. Listener states how late news
// can be.
//
// # What is in it
//
// Keys hold hashes of tokens and accounts. Values hold both as they are, because acknowledging takes the
// token: who can read this Redis knows who bought what, and who can write to it can make anybody an owner,
// lift a void and have a purchase redeemed again. Keep it as one keeps the game's database.
package fleet
