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
// One call is one attempt: the gate around the client decides about trying again. The one exception
// is a refused access token, which is renewed once. Times out after 10 s unless the context ends earlier.
//
// What the store answers is believed only as far as it is whole: a look-up without the members that
// decide, with a member twice, or with a value of the wrong type is ErrMalformedAnswer, never a purchase.
package googleplay
