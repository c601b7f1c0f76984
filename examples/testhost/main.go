// Command testhost is a game server for testing skugate from outside, in any language: one binary, one
// gate, the adapter of your choice in front of it. Point it at a store that you control (the API of ONE
// store, plain http on loopback will do), send it requests, and judge what comes back.
//
//	testhost -adapter gin -listen 127.0.0.1:0 -store http://127.0.0.1:9000 \
//		-client-id 0000042301 -client-secret … -market MKT_GLB -t-call 300ms -t-pos 2s -t-neg 200ms
//
// The first line of standard output is "listening on HOST:PORT"; the log is JSON on standard error.
//
// A request carries its purchase token in X-Purchase-Token, several in X-Purchase-Tokens, and the
// player in X-Account, which stands for the game's own authentication. The routes, all GET:
//
//	/inapp/gold   a managed product that is consumable
//	/inapp/skin   a managed product that is permanent
//	/auto/pass    a monthly product
//	/sub/vip      a subscription
//	/any          vip or pass; with -play also vip_play, a one-time product of Google Play
//	/all          vip and skin, two tokens in X-Purchase-Tokens
//	/b/sub/vip    a subscription of the second client (-b-store …)
//	/play/skin    a one-time product of Google Play (-play URL)
//	/open         vip is attached, nobody is refused
//	/free         no gate
//	/panic        vip, and then the handler panics
//
// A protected handler answers PREMIUM with the headers X-Source, X-Reason and, unless the right has no
// end, X-Expires-At. /open answers PREMIUM to those who own vip and FREE to everybody else; /free
// answers FREE.
//
//	GET  /runs        how often PREMIUM was answered, or would have been but for the panic
//	POST /invalidate  a form with kind (inapp, auto, subscription), product and token; 204 when it holds
//	POST /notify      a payment notification of the store (PNS, commercial) as its body; with -licence-key
//	POST /notify/…    a subscription notification (SNS), the path ends in the secret; with -notify-secret
//	GET  /metrics     what the gate counted, in the text format of Prometheus
//	GET  /healthz     ok, or degraded and why
//
// What -play URL names has to answer the Google Play Developer API below URL, and POST URL/token, the
// token endpoint of a service account (RFC 7523). The account is one that the host makes up at its start, so
// a fake must take any assertion, or give the host its account's key file by -play-key.
//
// With -state DIR owners, deliveries, voids and facts are kept in a file there, and what was delivered is
// acknowledged; with that or -t-void the list of voided purchases is followed. With -redis URL all hosts that
// are given the same URL share owners, deliveries, voids and what stores said, and tell each other what is
// invalidated or taken back; each follows the list, and of -state only the facts are used. The Redis may be down
// at any time, at the start too.
//
// SIGTERM stops it gracefully within -t-drain; a second one ends it at once.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	o, err := parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "testhost:", err)
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "testhost:", err)
		os.Exit(1)
	}
}
