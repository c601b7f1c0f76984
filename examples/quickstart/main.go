// Command quickstart is a small game API gated by skugate, in front of a fake ONE store and a fake
// Google Play that run in the same process. It needs no account and no network: it plays a day of the game through over real
// HTTP and prints each request with its answer.
//
//	go run ./examples/quickstart                        # play it through
//	go run ./examples/quickstart -serve 127.0.0.1:8080  # keep serving, and print curl lines
//
// With ONESTORE_CLIENT_ID, ONESTORE_CLIENT_SECRET, ONESTORE_MARKET (MKT_ONE or MKT_GLB) and
// ONESTORE_ENVIRONMENT (sandbox or commercial) set it serves in front of the real ONE store instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func main() {
	log.SetFlags(0)
	serve := flag.String("serve", "", "keep serving on this `address` instead of playing the scenes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	var err error
	if os.Getenv("ONESTORE_CLIENT_ID") != "" {
		err = serveReal(ctx, *serve)
	} else {
		err = withFakes(ctx, *serve)
	}
	if err != nil {
		log.Fatal("quickstart: ", err)
	}
}

// withFakes runs the game in front of the fake stores.
func withFakes(ctx context.Context, serve string) error {
	fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
	url, err := fake.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer fake.Close()
	client, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Commercial,
		BaseURL: url,
	})
	if err != nil {
		return err
	}
	play := googleplaytest.New(googleplaytest.Config{})
	google, err := googleplay.New(googleplay.Config{
		PackageName: play.PackageName(), ServiceAccountKey: play.ServiceAccountKey(),
		HTTPClient: &http.Client{Transport: play.RoundTripper()}, // in process; a real game leaves it out
	})
	if err != nil {
		return err
	}
	gate, err := core.New(core.Config{
		Stores: []core.Store{client, google},
		// Shorter than the defaults (5 min, 5 s), so that the scenes need no patience.
		Lifetimes: core.Lifetimes{Fresh: 500 * time.Millisecond},
		Guard:     core.Guard{OpenFor: time.Second},
	})
	if err != nil {
		return err
	}
	if serve != "" {
		game, err := newGame(gate, vipAnywhere)
		if err != nil {
			return err
		}
		fmt.Print(curlLines(serve, fake, play))
		return listen(ctx, serve, game, gate)
	}
	frameworks, err := startAll(gate)
	if err != nil {
		return err
	}
	err = playThrough(ctx, frameworks, fake, play)
	for _, f := range frameworks {
		err = errors.Join(err, f.stop())
	}
	return errors.Join(err, gate.Close(ctx))
}

// serveReal serves the game in front of the real ONE store.
func serveReal(ctx context.Context, address string) error {
	config, err := onestore.ConfigFromEnv()
	if err != nil {
		return err
	}
	client, err := onestore.New(config)
	if err != nil {
		return err
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}, Logger: slog.Default()})
	if err != nil {
		return err
	}
	game, err := newGame(gate, vip)
	if err != nil {
		return err
	}
	if address == "" {
		address = "127.0.0.1:8080"
	}
	fmt.Printf("Asking the real ONE store. With a purchase token of %q:\n%s%s", vipProduct, curl(address, "you", "YOUR_PURCHASE_TOKEN", "/raids/7"), statusLine(address))
	return listen(ctx, address, game, gate)
}

// listen serves until ctx ends, then lets the requests under way finish.
func listen(ctx context.Context, address string, game http.Handler, gate *core.Gate) error {
	server := &http.Server{Addr: address, Handler: game, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(closing), gate.Close(closing))
}
