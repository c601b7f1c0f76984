// Package googleplaytest is a fake Google Play: the part of the Google Play Developer API
// (androidpublisher v3) that is about purchases, with purchases that live on a clock of their own, and
// the token endpoint, for tests and for programs that run without an account.
//
//	store := googleplaytest.Start(t, googleplaytest.Config{})
//	client, err := googleplay.New(googleplay.Config{
//		PackageName: store.PackageName(), ServiceAccountKey: store.ServiceAccountKey(), BaseURL: store.URL(),
//	})
//	token := store.Buy(googleplaytest.Subscription("vip"), googleplaytest.Label("player-1"))
//	// … the player may use it
//	store.FailPayment(token)
//	store.Advance(30 * 24 * time.Hour) // now in the grace period
//	store.Fail(googleplaytest.Fault{Op: googleplaytest.OpSubscriptionGet, Times: 2, Effect: googleplaytest.Hang()})
//
// A program calls New and Listen instead of Start. A test inside a testing/synctest bubble calls New
// and gives RoundTripper to its http.Client; no socket is involved then, and time is the bubble's.
//
// # Strict
//
// A request must have exactly the documented form: method, escaped path, verb, query, "Bearer " and a
// token, a body only where there is one. An assertion must be signed with RS256 by the key of
// ServiceAccountKey, live for an hour at most, and name issuer, audience, scope and key. Anything else
// is refused and remembered in Malformed, and makes a test that used Start fail.
//
// # Unkind
//
// Within what the documents and observations allow the store is as inconvenient as it can be, unless
// Config.Gentle is set: members are shuffled, without a value missing or null, integers sometimes
// strings, unknown members appear, productId, purchaseToken and quantity may be absent; errors carry
// documented reasons or those that were seen instead; pages of the voided list are small, and its times
// earlier than what windows go by; every third access token dies after a quarter of its advertised
// life. All of it follows from Config.Seed.
//
// # What it rests on
//
// Documented: paths, parameters and members (Google's REST reference), states, reasons and statuses
// (002_14922676bb3a4460.txt, 004_eda03f688089c052.txt), the list's window of 30 days, its page of 1,000
// and its quota, the refund of what is not acknowledged within 3 days, what becomes of a cancelled,
// failing or paused subscription, the 60 days for which an ended one is answered.
//
// Seen of the real API by others: the shape of errors, the reasons invalid,
// purchaseTokenDoesNotMatchProductId, purchaseTokenNotFound and purchaseTokenNoLongerValid (410).
//
// Assumed: a made-up token is a 404 or a 400; a token of another kind of product is a mismatch;
// acknowledging twice, and consuming twice, is invalidPurchaseState; an exhausted quota is 429 or 403
// rateLimitExceeded; a tester's unacknowledged purchase is refunded after 5 minutes; a changed plan ends
// the old subscription at once. Periods are exact durations.
//
// # What it cannot do
//
// Send notifications by itself: the test posts what SubscriptionNotification and the others make; free
// trials, price changes and changes of plan that take effect later: use Edit; several apps in one store:
// start several; general rate limits: use Fail; TLS and HTTP/2.
package googleplaytest
