// Package redeem spends a consumable ("100 gems") once.
//
//	redeemer, err := redeem.New(redeem.Config{Gate: gate, Ledger: ledger})
//	gems := onestore.InApp("gems_100").Consumable()
//
//	mux.Handle("POST /gems", nethttpmw.Redeem(redeemer, gems, who)(addGems)) // or ginmw, fibermw
//
//	func addGems(w http.ResponseWriter, r *http.Request) {
//		redemption, _ := redeem.FromContext(r.Context())
//		// one transaction: INSERT the redemption's ID (unique), add 100 × Quantity gems, COMMIT
//	}
//
// Without HTTP call Redeemer.Redeem, and in both cases Redeemer.Resume when a player signs in.
//
// # What holds
//
// The ledger is asked first. A purchase that it does not know is verified at the gate, label and owner
// included, and the intent is recorded; then it is consumed at its store, which is recorded, the handler
// runs, and that it succeeded is recorded. Whatever breaks at whatever point, a later attempt of the same
// account takes up there.
//
// The handler runs at least once for each purchase that was consumed, always with the same redemption id,
// and is told when an earlier run may have granted already (Redemption.Resumed). The grant happens exactly
// once if the handler commits that id together with it, under a unique index; no library can do better
// from outside the game's database.
//
// One request works on a purchase at a time: in one instance always, across instances while the ledger's
// claim lasts (Config.Lease). The others are told to come back: 409, and 117 of the IAP guide.
//
// A purchase that the store calls consumed and that the ledger does not know is refused ("consumed"):
// somebody else consumed it, or the ledger was lost. A store that tells who consumed (core.Consumer), as
// ONE store does, also keeps instances apart that by mistake have a ledger each, unless its answer is lost;
// they then have the redemption id in common still.
//
// What was refunded after it was consumed is still delivered. Taking back what a player may have spent is
// the game's decision, for which the store's voided purchases give the reason.
//
// An account that core.Config.Override grants the product spends what it bought like any other, and has
// nothing to spend if it bought nothing; one that it denies is refused. No mode of the gate
// (core.HoldOpen) redeems a purchase that cannot be verified.
//
// The ledger grows by an entry for each purchase; Redeemer.Prune, from a daily cron, drops what was
// finished more than Config.Keep ago.
package redeem
