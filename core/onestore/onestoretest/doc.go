// Package onestoretest is a fake ONE store: the In-App Purchase server API V7 with purchases that
// live on a clock of their own, for tests and for programs that run without an account.
//
//	store := onestoretest.Start(t, onestoretest.Config{})
//	client, err := onestore.New(onestore.Config{
//		ClientID: store.ClientID(), ClientSecret: store.ClientSecret(),
//		Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: store.URL(),
//	})
//	token := store.Buy(onestoretest.Subscription("vip"), onestoretest.Label("player-1"))
//	// … the player may use it
//	store.FailPayment(token)
//	store.Advance(5 * time.Minute) // a month of the sandbox: now in the grace period
//	store.Fail(onestoretest.Fault{Op: onestoretest.OpSubscriptionDetail, Times: 2, Effect: onestoretest.Hang()})
//
// A program calls New and Listen instead of Start. A test inside a testing/synctest bubble calls New
// and gives RoundTripper to its http.Client; no socket is involved then, and time is the bubble's.
//
// # Strict
//
// A request must have exactly the documented form: method, escaped path, "Bearer " and a token, a
// Content-Type on GET too, a percent-encoded secret in a form, a query where a list takes one, a body
// where an endpoint takes one. Anything else is refused with the documented code and remembered in
// Malformed, and makes a test that used Start fail. The market code is part of the form only where it
// must be sent; a wrong one finds no purchase, as does a product or a kind that the purchase is not of.
// A window of a list that the store's clock forbids is refused with InvalidRequest and not malformed:
// a client whose clock is wrong sends one.
//
// # Unkind
//
// Within what the documents and measurements allow the store is as inconvenient as it can be, unless
// Config.Gentle is set: members are shuffled, without a value missing or null, numbers sometimes
// strings, unknown members appear; what the document leaves open or contradicts itself about is said in
// every Dialect in turn; pages of lists are small, their rows shuffled; the same access token is issued
// again until less than 600 seconds of it are left, and every third one dies after a quarter of its
// advertised life. All of it follows from Config.Seed.
//
// # What it rests on
//
// Documented (003_cae853c17ba7f40e.txt): paths, headers, fields, codes, statuses, the life of access
// tokens, the cancellation of what is not acknowledged within 3 days (on by default, on the store's
// clock; Config.KeepUnacknowledged switches it off), what becomes of a cancelled, failing or paused
// subscription, the lengths of the sandbox's month, grace period and hold; the parameters of the lists,
// their default of 100 rows, the size of a continuationKey, an endTime not after now, a startTime within
// the last month; the unit and range of deferPeriod. Everything that a Dialect is about stands in the
// document in more than one way, or not at all.
//
// Measured on the real store by others: a purchase of the global market asked for without a market
// code is NoSuchData with 404; developerPayload of an unlabelled purchase is "" in the sandbox and
// null in the commercial environment; an encoded slash gets an HTML page with 404. The shape of
// purchase tokens and ids is that of published samples.
//
// Assumed: a product id that the token was not bought for is NoSuchData, and for acknowledgePurchase
// and consumePurchase InvalidPurchaseState; another app's client id is UnauthorizedAccess; a purchase
// token of more than 20 bytes is InvalidRequest; wrong credentials at the token endpoint are a 401
// {"error":"invalid_client"} or UnauthorizedAccess; the 3 days are 72 hours; a consumed purchase reports
// acknowledgeState 1; a monthly product has no grace period; a changed plan ends the old subscription at
// once. Periods are exact durations: the real store rounds to local midnight.
//
// Assumed of the lists: a month is a calendar month of the market, hence 28 days at its shortest, and a
// window is no wider; both ends are inside; without a window the last month is meant; a startTime alone
// reaches to now; maxResults is at most 100 in both lists; rows come oldest first; a continuationKey is
// good for ever, in its own list, with the window of its first page or none; the unconfirmed list answers
// ResourceNotFound to the global market, which it does not serve yet; its row names the first payment.
// The voided list has a row for each payment that was refunded, revoked or cancelled for want of an
// acknowledgement, of every kind of product, and purchaseTime is that payment's.
//
// Assumed of renewals: cancel, reactivate and defer answer InvalidPurchaseState to a purchase whose
// state forbids them, and NoSuchData to one of another kind; the API cancels at the customer's wish
// (cancelReason 0); the sandbox defers by up to a year of minutes.
//
// # Notifications
//
// The store makes and signs what ONE store would send (PaymentNotification, SubscriptionNotification);
// the test sends it. LicenceKey is the key that verifies it, and SDK receipts.
//
// # What it cannot do
//
// Send notifications by itself. A plan change that takes effect later (paymentState 3), a subscription that was never paid: use Edit;
// several apps or markets in one store: start several; rate limits: use Fail; TLS and HTTP/2.
package onestoretest
