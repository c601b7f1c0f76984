package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/redisclient"
	"github.com/skugate/skugate/nethttpmw"
)

const (
	// nodeVariable in the environment makes the program one of the processes.
	nodeVariable = "SKUGATE_FLEET_NODE"

	// Short, so that much happens within a few seconds. In production keep the defaults: minutes.
	fresh      = 2 * time.Second
	voidsEvery = time.Second
)

// node is one process of the game. It serves until its standard input ends, as it does when the parent ends.
func node(args []string) error {
	var c onestore.Config
	fs := flag.NewFlagSet("node", flag.ContinueOnError)
	fs.StringVar(&c.BaseURL, "store", "", "")
	fs.StringVar(&c.ClientID, "client-id", "", "")
	fs.StringVar(&c.ClientSecret, "client-secret", "", "")
	market := fs.String("market", "", "")
	address := fs.String("redis", "", "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	c.Market, c.Environment = onestore.Market(*market), onestore.Commercial
	store, err := onestore.New(c)
	if err != nil {
		return err
	}
	config := core.Config{
		Stores:    []core.Store{store},
		Lifetimes: core.Lifetimes{Fresh: fresh, Refresh: -1},
	}
	background := reconcile.Config{VoidsEvery: voidsEvery}
	var together *fleet.Fleet
	if *address != "" {
		options, err := redisclient.ParseURL(*address)
		if err != nil {
			return err
		}
		client := redis.NewUniversalClient(options)
		defer client.Close()
		facts, errFacts := rediscache.New(rediscache.Config{Client: client})
		f, errFleet := fleet.New(fleet.Config{Client: client})
		if err := errors.Join(errFacts, errFleet); err != nil {
			return err
		}
		together = f
		config.Shared, config.Peers = facts, f.Peers()
		config.Owners, config.Voids = f.Owners(), f.Voids()
		background.Turns = f.Turns() // one reads the list for all
	}
	gate, err := core.New(config)
	if err != nil {
		return err
	}
	background.Gate = gate
	worker, err := reconcile.New(background)
	if err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var work sync.WaitGroup
	if together != nil {
		listener, err := together.Listener(gate)
		if err != nil {
			return err
		}
		work.Go(func() { _ = listener.Run(ctx) }) // nil, once ctx ended
	}
	work.Go(func() { _ = worker.Run(ctx) })
	err = serve(gate)
	cancel()
	work.Wait()
	return errors.Join(err, gate.Close(context.Background()))
}

// serve serves players until standard input ends.
func serve(gate *core.Gate) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for err := gate.Ready(ctx); err != nil; err = gate.Ready(ctx) {
		if ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	vip := onestore.Subscription("vip")
	who := nethttpmw.TokenHeader("X-Purchase-Token", func(r *http.Request) string { return r.Header.Get("X-Player") })
	mux := http.NewServeMux()
	mux.Handle("GET /", nethttpmw.Require(gate, vip, who)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	// In production package notify receives what the store sends; this is what it does with it.
	mux.HandleFunc("POST /notify", func(w http.ResponseWriter, r *http.Request) {
		token, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<10))
		if err := errors.Join(err, gate.InvalidateToken(r.Context(), vip.Store, string(token))); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable) // the store notifies again
		}
	})
	server := http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: mux}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case err := <-failed:
		return err
	case <-ended:
		return server.Close()
	}
}
