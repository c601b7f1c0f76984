package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/skugate/skugate/core"
)

// server is what the three frameworks have in common. stop lets the requests under way finish until
// ctx ends.
type server interface {
	serve(net.Listener) error
	stop(ctx context.Context) error
}

// servers makes the game with a framework.
var servers = map[string]func(gate *core.Gate, routes []gated, admin []endpoint, g *game, log *slog.Logger) server{
	"nethttp": newNetHTTP,
	"gin":     newGin,
	"fiber":   newFiber,
}

// run serves until it is told to stop.
func run(o *options) (err error) {
	ctx, again := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer again()

	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	kept, err := openState(o, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	gate, err := newGate(o, &kept, log)
	if err != nil {
		return err
	}
	worker, stopWork, err := work(o, &kept, gate, log)
	if err != nil {
		return err
	}
	defer stopWork()
	notifications, err := receiver(gate, worker, o, log)
	if err != nil {
		return err
	}
	counted, err := metrics(gate)
	if err != nil {
		return err
	}
	g := &game{}
	s := servers[o.adapter](gate, routes(o), endpoints(gate, g, notifications, counted), g, log)
	if err := gate.Validate(); err != nil { // knows the routes that were built on the gate
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	fmt.Printf("listening on %s\n", listener.Addr())

	failed := make(chan error, 1)
	go func() { failed <- s.serve(listener) }()
	select {
	case err := <-failed:
		return errors.Join(err, gate.Close(context.Background()))
	case <-ctx.Done():
	}
	again() // the next signal ends the process, as signals do
	closing, cancel := context.WithTimeout(context.Background(), o.drain)
	defer cancel()
	stopped := s.stop(closing)
	stopWork()
	return errors.Join(stopped, gate.Close(closing))
}
