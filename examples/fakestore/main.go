// Command fakestore is a fake ONE store with a socket: the In-App Purchase server API V7 for a game
// server in any language, and a second listener that decides what happens to the purchases and to the
// answers. It needs no account and no network. What the fake does, and what that rests on, is said in
// the package core/onestore/onestoretest.
//
//	go run ./examples/fakestore                     # on the ports below
//	go run ./examples/fakestore -h                  # every flag
//
// The first lines that it prints are an environment: where both listen, and the credentials.
//
//	ONESTORE_BASE_URL=http://127.0.0.1:8070
//	FAKESTORE_CONTROL_URL=http://127.0.0.1:8071
//	ONESTORE_CLIENT_ID=0000042301
//	ONESTORE_CLIENT_SECRET=vxIMAGcVz3DAx20uDBr/IDWNJAPN+Fl7YruF4uxB6BI=
//	ONESTORE_MARKET=MKT_GLB
//	ONESTORE_ENVIRONMENT=sandbox
//	ONESTORE_LICENCE_KEY=MIGfMA0GCSqGSIb3DQEBAQUAA4…
//
// Point the game server there, and play:
//
//	curl http://127.0.0.1:8071/
//	curl -d '{"kind":"subscription","product":"vip_monthly","label":"player-1"}' http://127.0.0.1:8071/buy
//	curl -d '{"kind":"inapp","product":"gems","quantity":3,"acknowledged":true}' http://127.0.0.1:8071/buy
//	curl -d '{"purchaseToken":"SANDBOX3000002616002"}' http://127.0.0.1:8071/fail-payment
//	curl -d '{"by":"5m"}' http://127.0.0.1:8071/advance
//	curl 'http://127.0.0.1:8071/facts?purchaseToken=SANDBOX3000002616002'
//	curl -d '{"purchaseToken":"SANDBOX3000002616002"}' http://127.0.0.1:8071/refund
//	curl -d '{"purchaseToken":"SANDBOX3000002616002"}' http://127.0.0.1:8071/notify
//	curl -d '{"purchaseToken":"SANDBOX3000002616002","type":12}' http://127.0.0.1:8071/notify
//	curl -d '{"effect":"maintenance","retryAfter":"2","times":3}' http://127.0.0.1:8071/fail
//	curl -d '{"effect":"hang","op":"getSubscriptionDetail"}' http://127.0.0.1:8071/fail
//	curl -d '{"effect":"answer","status":200,"body":"{}","op":"getPurchaseDetails","every":2}' http://127.0.0.1:8071/fail
//	curl -d '{"effect":"none","delay":"3s"}' http://127.0.0.1:8071/fail
//	curl -X POST http://127.0.0.1:8071/clear
//	curl http://127.0.0.1:8071/counts
//	curl http://127.0.0.1:8071/requests
//	curl -X POST http://127.0.0.1:8071/reset
//
// With -play ADDRESS it is a fake Google Play as well (core/googleplay/googleplaytest), whose verbs begin with
// "play-", and prints three lines more:
//
//	GOOGLEPLAY_BASE_URL=http://127.0.0.1:8072
//	GOOGLEPLAY_PACKAGE_NAME=com.example.game
//	GOOGLEPLAY_KEY_FILE=…/fakestore-1234.json     # gone when the command ends
//
//	curl -d '{"kind":"inapp","product":"skin","label":"player-1"}' http://127.0.0.1:8071/play-buy
//	curl -d '{"by":"72h"}' http://127.0.0.1:8071/play-advance
//
// The control listener answers JSON, its errors {"error":{"verb":…,"message":…}} with 400, 404 or 405.
// GET / lists the verbs and the fields that each takes. "notify" makes a payment notification, or with a
// "type" (1 to 13) a subscription notification, and posts it to "url" once; without one it only shows it.
// All listeners are open to whoever reaches them, so they take loopback addresses only, unless -public
// is given.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		log.Fatal("fakestore: ", err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out, usage io.Writer) (err error) {
	o, err := parse(args, usage)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := newFake(o.store)
	if err != nil {
		return err
	}
	store, err := listen(o.listen, o.public, func(string) http.Handler { return f })
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	defer func() { err = errors.Join(err, store.stop()) }()
	var play *playServer
	if o.play != "" {
		if play, err = f.listenPlay(&o); err != nil {
			return fmt.Errorf("-play: %w", err)
		}
		defer func() { err = errors.Join(err, play.stop()) }()
	}
	control, err := listen(o.control, o.public, func(string) http.Handler { return newControl(f) })
	if err != nil {
		return fmt.Errorf("-control: %w", err)
	}
	defer func() { err = errors.Join(err, control.stop()) }()
	s := f.store()
	fmt.Fprintf(out, "ONESTORE_BASE_URL=%s\nFAKESTORE_CONTROL_URL=%s\n", store.url, control.url)
	fmt.Fprintf(out, "ONESTORE_CLIENT_ID=%s\nONESTORE_CLIENT_SECRET=%s\n", s.ClientID(), s.ClientSecret())
	fmt.Fprintf(out, "ONESTORE_MARKET=%s\nONESTORE_ENVIRONMENT=%s\n", s.Market(), o.environment)
	fmt.Fprintf(out, "ONESTORE_LICENCE_KEY=%s\n", s.LicenceKey())
	var played chan struct{} // nil is never closed
	if play != nil {
		played = play.stopped
		fmt.Fprintf(out, "GOOGLEPLAY_BASE_URL=%s\nGOOGLEPLAY_PACKAGE_NAME=%s\nGOOGLEPLAY_KEY_FILE=%s\n", play.url, f.play.Load().PackageName(), play.keyFile)
	}
	select {
	case <-ctx.Done():
	case <-store.stopped:
	case <-control.stopped:
	case <-played:
	}
	return nil
}
