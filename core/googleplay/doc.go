// Package googleplay asks the Google Play Developer API (androidpublisher v3) about purchases. A
// Client is a core.Store, which is all that a gate needs, and has a method for each endpoint besides.
//
//	store, err := googleplay.New(googleplay.Config{
//		PackageName:       "com.example.game",
//		ServiceAccountKey: key, // the JSON file of the service account, read by you
//	})
//	gate, err := core.New(core.Config{Stores: []core.Store{store}})
//	vip := core.Entitlement("vip", googleplay.Subscription("vip_monthly"), googleplay.InApp("vip_forever"))
//
// Google has no sandbox: a licence tester's purchase looks like any other but for one member. Such a
// purchase grants nothing unless Config.AllowTestPurchases says so. Purchases by promotion code, and
// those earned by watching a video, count.
//
// A refund may leave a purchase standing, with a refundable quantity below the quantity. What was
// refunded does not count: core.Purchase.Quantity is the rest, and with no rest the purchase grants
// nothing. A game that lets players keep what was refunded says so in its own core.Config.Rule.
//
// Such a refund is no core.Void, which would take all of the purchase: Voided leaves it out, although Google
// lists it with a voidedQuantity. It takes effect with the next look-up, so within core.Lifetimes.Refresh,
// or at once if package notify hears of it.
//
// # Whose purchase it is
//
// A purchase is the account's that its obfuscatedExternalAccountId names, as a ONE store purchase is the
// one's that its developerPayload names: the game sets Gate.Label(account) at both stores, and the gate
// binds both by the same core.Labels. Google takes 64 characters at most, and blocks purchases that name a
// person there in clear text, such as by an address; core.HMACLabels makes labels that fit. A purchase
// without a label is its first account's, as core.Config.Binding says. A subscription that replaces
// another belongs to the other's owner, and the other token grants nothing from then on.
//
// # Calls
//
// A call ends by its context's deadline, or after 10 s if there is none; what settles an acknowledgement
// or a consumption is one look-up more. All calls of a client share this:
//
//   - A look-up or a page that failed in a way that may pass (no answer, 5xx, 408, 409, 429) is repeated
//     once, after 25 to 75 ms at random. Repetitions are at most a twelfth of the calls plus ten: never
//     more than 10 % of 600 calls or more. What changes a purchase is repeated only after a 409 or 429,
//     which say that it was not made.
//   - A refused access token is renewed once and the call repeated, outside that quota.
//   - While the store wants to be left alone nothing is sent: calls return ErrPaused at once. It says so
//     by Retry-After with 503, 429 or a quota's 403; a minute counts at most. Then one call is let
//     through, and the others when that was answered.
//
// No such purchase, a refusal, and a success that is none are never repeated.
//
// What the store answers is believed only as far as it is whole: a look-up without the members that
// decide, with a member twice, or with a value of the wrong type is ErrMalformedAnswer, never a purchase.
package googleplay
