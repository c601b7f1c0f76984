// Package notify receives what ONE store tells a game server unasked: payment notifications (PNS) and
// subscription notifications (SNS). A refund or a revocation then takes effect with the next request,
// not minutes later when the gate would have asked by itself.
//
//	h, err := notify.New(notify.Config{
//		Gate: gate,
//		App: notify.App{
//			ClientID: id, Market: onestore.MarketGlobal, Environment: onestore.Commercial, // as in onestore.Config
//			LicenceKey: key, // of the developer centre
//		},
//		Secret: secret, // openssl rand -hex 32
//		Worker: worker, // of package reconcile, if there is one
//	})
//	mux.Handle("/onestore/", http.StripPrefix("/onestore", h))                          // net/http
//	r.Any("/onestore/*path", gin.WrapH(http.StripPrefix("/onestore", h)))               // gin
//	app.All("/onestore/*", adaptor.HTTPHandler(http.StripPrefix("/onestore", h)))       // fiber
//
// Then register the URLs in the developer centre, those of the sandbox and of the commercial environment
// each at a handler of its own, because a handler accepts one environment only:
//
//	PNS  https://game.example/onestore/payments
//	SNS  https://game.example/onestore/subscriptions/<secret>
//
// Several apps or markets take one Handler each, at different paths.
//
// # What a notification does
//
// It makes the gate forget one purchase token, and the next request asks the store. It never grants and
// never denies: a message can be old, come twice, in the wrong order or not at all, and one of the two
// kinds can be written by anybody. ONE store itself advises against granting on a notification. For the
// same reason nothing is lost for good if one does not arrive; the gate notices with its next look-up.
// What is forgotten cannot be served while the store is down, either: that purchase loses its outage
// grace until the store answers again.
//
// One that says that a payment was cancelled or a subscription revoked also nudges Config.Worker, which then
// reads the store's own list of voided purchases: what stands there is refused for good, whatever a later
// look-up says. The message voids nothing by itself, because a forged one would lock a payer out.
//
// A notification reaches one instance of a server. The memories of the others notice with their next
// look-up, unless Config.Gate passes the token on to them.
//
// # What protects it
//
// A payment notification is signed with the app's licence key, over its exact text. Its client id,
// environment and market must be the configured ones. An event is applied once: the events are (purchase
// id, state), so that a payment which is completed and later cancelled is two.
//
// A subscription notification carries no signature. Only the secret in its URL protects it, so that one
// is required; it also stands in the access logs of whatever sees the URL. Serve it by TLS, and let the
// proxy admit only the store's addresses if you know them. Whoever has the secret can make the gate look
// purchases up again, within limits, and cost them their outage grace while the store is down; nothing
// else. Its events are (token, type, time).
//
// The limits, per token and overall, also hold for genuine messages. A message beyond them is answered
// with 503 and applied when it comes again.
//
// # What ONE store does
//
// Only a 200 counts as received. Otherwise it repeats the message up to 30 times within 3 days, after
// 30·n² seconds: 30, 120, 270, … So whatever could not be applied, because of a limit, a gate that is
// closed or an OnPayment that failed, is not queued here: it is refused, and comes back.
//
// To receive messages by another way than HTTP, or to look into them, make a Verifier. For tests,
// onestoretest.Store makes the messages of its purchases and signs them.
package notify
