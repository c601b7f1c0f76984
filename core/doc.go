// Package core decides whether a player owns a product right now.
//
// Start with New, which makes a Gate of store clients (package onestore has the first), and a
// Requirement: a product, an Entitlement, AnyOf or AllOf. Web servers hand both to an adapter
// (nethttpmw.Require); everything else calls Gate.Check:
//
//	store, err := onestore.New(onestore.Config{
//		ClientID: id, ClientSecret: secret,
//		Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
//	})
//	gate, err := core.New(core.Config{Stores: []core.Store{store}})
//	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"), onestore.InApp("vip_forever"))
//	err = gate.Validate(vip)
//
//	d := gate.Check(ctx, vip, core.Credentials{Account: player, Token: token})
//	if d.Granted() { … }
//
// # What holds
//
// A decision is granted, denied or undetermined, and the zero value is undetermined. What could not be
// found out is never remembered as a "no" and never answered as one.
//
// The gate remembers what a store said, not what followed from it: the rule runs on every check
// against the store's clock, so an expiry takes effect at its millisecond. Only a successful answer
// of the store makes a fact younger, and its age counts from the instant at which it was asked.
// With a store down for ever, access ends at the earlier of Lifetimes.Usable after the last successful
// answer and the purchase's own expiry.
//
// Possession of a token is not ownership: see Binding.
//
// Work that several callers share runs on its own bounded context, and each caller leaves on its
// own. Nothing runs until a check needs it; Gate.Close waits for what is under way.
//
// Beside checks a gate records who hands a purchase in (Gate.HandIn), forgets and takes back purchases when
// it is told to (Gate.InvalidateToken, Gate.Void), switches what a requirement enforces (Gate.SetMode) and
// counts (Gate.Stats).
//
// # The way of a check
//
// Memory first. What memory does not know is asked of the stores: one look-up for all who want the
// same (token, product), behind a bulkhead and a circuit breaker for each store. Then the rule judges
// the purchase, binding judges whose it is, and the parts of the requirement combine.
//
// The files follow that way: gate.go, check.go (the hit), inquiry.go, remember.go (memory), ask.go
// (stores), read.go and guard.go (one store), rule.go, binding.go, combine.go, reply.go.
//
// # Where to look
//
// This package has many names, because adapters, store clients and states are made of public parts, here
// and elsewhere. Few of them concern one reader, who
//
//   - gates routes: Config, New, Entitlement, AnyOf, AllOf, Product, Gate.Validate; in handlers Decision,
//     FromContext, Find
//   - has no adapter: Gate.Check, Credentials, Token, Gate.Delivered
//   - says whose a purchase is: Binding, Labels, HMACLabels, Gate.Label, Gate.Bind, Gate.HandIn
//   - runs it: Gate.Ready, Stats, SetMode with Shadow and HoldOpen, Close; Lifetimes, Memory, Guard, UnknownTokens
//   - hears of refunds: Gate.InvalidateToken, Gate.Void
//   - refines what counts: Rule, RuleInput, Verdict, DefaultRule, Config.Override
//   - keeps state: Owners, Outbox, Voids, Facts and what they hold; those of this package are in memory
//   - writes an adapter: Route, RouteConfig, Admission, ParseToken, ParseTokens, KnownTokens, Reply
//   - writes a store client: Store, StoreInfo, StoreError, Purchase; if it can, Acknowledger, Consumer,
//     VoidLister, UnconfirmedLister, StatsReporter
//   - writes a worker, as packages reconcile and redeem are: the other methods of Gate
//   - answers clients by himself: Answer, Problem, IAPCode
package core
