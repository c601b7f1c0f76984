package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/statefile"
)

// scenes are what outlives a server: the store, and the state file.
type scenes struct {
	fake                   *onestoretest.Store
	url                    string
	clientID, clientSecret string
	state                  string
	out                    io.Writer
}

func (s *scenes) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// server is a game server: a gate, its worker and one handler.
type server struct {
	gate    *core.Gate
	worker  *reconcile.Worker
	handler func() error
	say     func(format string, args ...any)
	state   *statefile.File
	stopped func() error // ends the worker; nil while it does not run
}

// start starts a server on the state file, which the one before has closed.
func (s *scenes) start() (*server, error) {
	state, err := statefile.Open(s.state, statefile.Options{})
	if err != nil {
		return nil, err
	}
	client, err := onestore.New(onestore.Config{
		ClientID: s.clientID, ClientSecret: s.clientSecret,
		Market: onestore.MarketGlobal, Environment: onestore.Commercial, BaseURL: s.url,
	})
	if err != nil {
		return nil, errors.Join(err, state.Close())
	}
	gate, err := core.New(core.Config{
		Stores: []core.Store{client},
		Owners: state.Owners(), Outbox: state.Outbox(), Voids: state.Voids(), Facts: state.Facts(),
	})
	if err != nil {
		return nil, errors.Join(err, state.Close())
	}
	// Seconds in a game, milliseconds in a show.
	worker, err := reconcile.New(reconcile.Config{Gate: gate, VoidsEvery: 100 * time.Millisecond, AcknowledgeEvery: 50 * time.Millisecond})
	if err != nil {
		return nil, errors.Join(err, state.Close())
	}

	return &server{gate: gate, worker: worker, handler: func() error { return nil }, say: s.say, state: state}, nil
}

// work lets the worker run beside the requests.
func (s *server) work(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.worker.Run(ctx) }()
	s.stopped = func() error { cancel(); return <-done }
}

// stop ends the server: first the worker, then the gate, which saves, then the file.
func (s *server) stop() {
	var err error
	if s.stopped != nil {
		err = s.stopped()
	}
	if err = errors.Join(err, s.gate.Close(context.Background()), s.state.Close()); err != nil {
		s.say("the server did not stop cleanly: %v", err)
	}
}

// use is a request without HTTP: the gate, the handler, and after its success the delivery. An adapter
// for a web framework does all three.
func (s *server) use(ctx context.Context, token string) core.Decision {
	d := s.gate.Check(ctx, skin, core.Credentials{Account: "alice", Token: token})
	if d.Granted() && s.handler() == nil {
		if err := s.gate.Delivered(ctx, d); err != nil {
			d.Err = err
		}
	}
	return d
}

// eventually waits for the worker.
func eventually(done func() bool) error {
	for range 200 {
		if done() {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("not within 10 s")
}
