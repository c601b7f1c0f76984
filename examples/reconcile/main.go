// Command reconcile shows the background work of a gate, in front of a fake ONE store that runs in the
// same process: a refund takes effect although the purchase is in memory, a purchase whose server died
// before it could acknowledge it is rescued by the next one, one that nobody delivered is reported, and one
// whose server is killed between the store's consumption and the delivery is resumed. Days pass on the
// store's clock; it takes a few seconds of ours.
//
//	go run ./examples/reconcile
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func main() {
	crash(os.Args)
	log.SetFlags(0)
	if err := play(context.Background(), os.Stdout); err != nil {
		log.Fatal("reconcile: ", err)
	}
}

// play plays the scenes, each of which says what it expects.
func play(ctx context.Context, out io.Writer) error {
	fake := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
	url, err := fake.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer fake.Close()
	dir, err := os.MkdirTemp("", "skugate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	s := &scenes{
		fake: fake, url: url, clientID: fake.ClientID(), clientSecret: fake.ClientSecret(),
		state: filepath.Join(dir, "state.db"), out: out,
	}
	for _, scene := range []func(context.Context) error{s.refund, s.forgotten, s.undelivered, s.killed} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return nil
}

var skin = onestore.InApp("skin")

// refund: the gate has the purchase in memory and would use it for minutes.
func (s *scenes) refund(ctx context.Context) error {
	server, err := s.start()
	if err != nil {
		return err
	}
	defer server.stop()
	server.work(ctx)
	token := s.fake.Buy(onestoretest.InApp("skin"))
	s.say("a player buys a skin and uses it: %v", server.use(ctx, token).Outcome)
	if err := eventually(func() bool { return s.fake.Acknowledged(token) }); err != nil {
		return fmt.Errorf("nobody acknowledged it: %w", err)
	}
	s.say("the handler succeeded, so the worker told the store")

	s.fake.Refund(token)
	if err := eventually(func() bool { return server.use(ctx, token).Reason == core.ReasonVoided }); err != nil {
		return fmt.Errorf("the refund did not take effect: %w", err)
	}
	s.say("the store refunds it, and the worker reads that in its list: %v", server.use(ctx, token).Reason)
	return nil
}

// forgotten: the server dies after the handler and before the acknowledgement. Without it the store takes
// the purchase back after three days.
func (s *scenes) forgotten(ctx context.Context) error {
	server, err := s.start()
	if err != nil {
		return err
	}
	token := s.fake.Buy(onestoretest.InApp("skin"))
	s.say("a player buys a skin and uses it: %v", server.use(ctx, token).Outcome)
	server.stop()
	s.say("the server dies before its worker can acknowledge it; acknowledged: %v", s.fake.Acknowledged(token))

	s.fake.Advance(48 * time.Hour)
	if server, err = s.start(); err != nil {
		return err
	}
	defer server.stop()
	server.work(ctx)
	if err := eventually(func() bool { return s.fake.Acknowledged(token) }); err != nil {
		return fmt.Errorf("nobody rescued it: %w", err)
	}
	s.fake.Advance(48 * time.Hour)
	s.say("two days later a server starts on the same state file and rescues it; after four: %v", server.use(ctx, token).Outcome)
	return nil
}

// undelivered: the handler fails whenever the player comes. The store will refund, and somebody should know
// before.
func (s *scenes) undelivered(ctx context.Context) error {
	server, err := s.start()
	if err != nil {
		return err
	}
	defer server.stop()
	token := s.fake.Buy(onestoretest.InApp("skin"))
	server.handler = func() error { return io.ErrUnexpectedEOF }
	s.say("a player buys a skin, and the handler fails: %v", server.use(ctx, token).Outcome)
	report, err := server.worker.RunOnce(ctx)
	if err != nil {
		return err
	}
	s.say("the worker's report has %d purchase that nobody delivered", len(report.Undelivered))
	s.fake.Advance(73 * time.Hour)
	if err := server.gate.InvalidateToken(ctx, skin.Store, token); err != nil {
		return err
	}
	s.say("nobody looked, and after three days the store took it back: %v", server.use(ctx, token).Reason)
	return nil
}
