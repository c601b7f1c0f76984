// Package notify receives Google Play's real-time developer notifications (RTDN), which Pub/Sub posts to a
// game server. A refund or a revocation then takes effect with the next request, not minutes later when
// the gate would have asked by itself.
//
//	h, err := notify.New(notify.Config{
//		Gate:        gate,
//		PackageName: "com.example.game", // as in googleplay.Config
//		Secret:      secret,             // openssl rand -hex 32
//		Verify:      pushed,             // see below
//		Worker:      worker,             // of package reconcile, if there is one
//	})
//	mux.Handle("/play/", http.StripPrefix("/play", h))                   // net/http
//	r.Any("/play/*path", gin.WrapH(http.StripPrefix("/play", h)))        // gin
//	app.All("/play/*", adaptor.HTTPHandler(http.StripPrefix("/play", h))) // fiber
//
// Then create a push subscription on the topic that the Play Console publishes to, with the payload
// wrapped, which is Pub/Sub's default, and this endpoint:
//
//	https://game.example/play/notifications/<secret>
//
// Several apps take one topic and one Handler each.
//
// # What a notification does
//
// It makes the gate forget one purchase token, and the next request asks the store. It never grants and
// never denies: a message can be old, come twice, in the wrong order or not at all. Google itself says
// that one tells no more than that something changed. For the same reason nothing is lost for good if one
// does not arrive; the gate notices with its next look-up. What is forgotten cannot be served while the
// store is down, either: that purchase loses its outage grace until the store answers again.
//
// One that says that a payment was taken back or a subscription revoked also nudges Config.Worker, which
// then reads Google's own list of voided purchases: what stands there is refused for good, whatever a later
// look-up says. The message voids nothing by itself, because a forged one would lock a payer out. A refund
// of some of several is in no such list; the look-up shows what is left.
//
// A message without a purchase token, a test or of a kind that is not documented yet, is acknowledged, and
// changes nothing.
//
// A notification reaches one instance of a server. The memories of the others notice with their next
// look-up, unless Config.Gate passes the token on to them.
//
// # What protects it
//
// Nothing in a message proves that it is Google's. Two things can, and at least one must be configured:
//
//   - Config.Secret, in the URL. It also stands in the access logs of whatever sees the URL.
//   - Config.Verify, which checks the OIDC token that Pub/Sub sends in the Authorization header of a push
//     subscription with authentication. Doing so takes Google's keys and a library that renews them, so
//     it is left to the embedder.
//
// With google.golang.org/api/idtoken:
//
//	func pushed(r *http.Request) error {
//		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
//		payload, err := idtoken.Validate(r.Context(), token, audience) // both as in the subscription
//		if err == nil && (payload.Claims["email"] != account || payload.Claims["email_verified"] != true) {
//			err = errors.New("the token is another account's")
//		}
//		return err
//	}
//
// Whoever gets past both can make the gate look purchases up again, within limits, and cost them their
// outage grace while the store is down; nothing else. The package name must be the configured one, and a
// message id is applied once.
//
// The limits, per token and overall, also hold for genuine messages. A message beyond them is answered
// with 503 and applied when it comes again.
//
// # What Pub/Sub does
//
// It repeats a message until the answer is a success, for 7 days by default. So whatever could not be
// applied, because of a limit, a gate that is closed or an OnNotification that failed, is not queued here:
// it is refused, and comes back. What is malformed or another app's comes back too; give the subscription
// a dead-letter topic, and a backoff.
//
// To pull messages, or to look into them, use Parse and ParsePush. For tests, googleplaytest.Store makes
// the messages of its purchases.
package notify
