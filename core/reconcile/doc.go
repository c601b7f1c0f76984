// Package reconcile keeps a gate and its stores in step: it acknowledges what was delivered, and takes
// back what was refunded.
//
//	worker, err := reconcile.New(reconcile.Config{Gate: gate})
//	g, ctx := errgroup.WithContext(ctx)
//	g.Go(func() error { return worker.Run(ctx) })
//
// A program that does not run all the time calls RunOnce from its cron instead.
//
// # Acknowledging
//
// A store cancels and refunds a purchase that nobody acknowledged within 72 hours. A gate with an outbox
// (core.Config.Outbox) records before the handler runs that a purchase is about to be delivered, and after
// its success (2xx or 101; without HTTP: Gate.Delivered) that it was. What was delivered is acknowledged
// here, nearest deadline first, and nothing else is: the order is deliver, then acknowledge. A try that
// fails is made again after a quarter of the time that the entry has waited, half an hour at most. A store
// that refuses for good is asked three times; then the entry is abandoned, logged and reported.
//
// Of a process that is killed, what it recorded as delivered is acknowledged by the next one. Only what was
// under way, Config.Parallel at most, may be acknowledged twice, which stores take. A delivery whose record
// did not survive is recorded by the player's next request that succeeds.
//
// ONE store lists unconfirmed purchases in its Korean market only. There, every sweep compares the list
// with the outbox. Elsewhere the outbox alone tells what nobody delivered, of all that a gate let in,
// but for consumables: those are settled when they are consumed (package redeem), which no outbox hears of.
//
// # Taking back
//
// The list of voided purchases of each store is read every Config.VoidsEvery, overlapping by
// Config.Overlap, and put in force by the gate: from then on the purchase grants nothing, whatever the
// store answers later. A void names one payment: of a product that renews, the refund of an older month
// leaves the present one standing.
//
// With V for VoidsEvery, L for the time that reading the list takes, F and U for the gate's
// Lifetimes.Refresh and Usable, a purchase that the store lists as refunded at an instant works on
//
//	until at most min(1.1·V + 2 s + L, F)   while the store answers,
//	until at most U                         after it answered last, if it does not.
//
// The first bound holds for the list, which is asked for up to a moment ago; the second one for the purchase
// itself, which the store shows as refunded when it is looked up. By default that is 68 seconds and the
// reading of the list.
//
// A receiver of notifications shortens both: the next request after one looks the purchase up, and Nudge
// has the list read within seconds. No notification is believed: a void is what the store's list says.
//
// With Config.Turns one instance reads the lists for all. Each reads them once by itself before it is Ready,
// and again whenever it cannot find out whose turn it is. Between two readings lie at most 2·V then, also if
// the instance that had the turn died; with P for the time in which instances tell each other of a void, the
// bound is min(2·V + 2 s + L + P, F). Where they do not tell each other it is F.
//
// A store tells of voids for 28 days. A gate without core.Config.Voids forgets at a restart how far it had
// read, reads all of it again, and is not Ready before. One that has it goes on where it was; what it
// missed because it was down for more than 28 days is reported as a gap.
package reconcile
