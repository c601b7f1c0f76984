package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/redeem"
)

var gems = onestore.InApp("gems_100").Consumable()

// redeemer spends gems, with its ledger in the state file. A claim of a server that died ends after two
// seconds; a game takes the default of a minute.
func (s *server) redeemer() (*redeem.Redeemer, error) {
	return redeem.New(redeem.Config{Gate: s.gate, Ledger: s.state.Ledger(), Lease: 2 * time.Second, Timeout: 500 * time.Millisecond})
}

// killed: a server is killed in the middle of a redemption. The store has consumed the purchase, so the
// player's device has it no more, and nobody has delivered it.
func (s *scenes) killed(ctx context.Context) error {
	token := s.fake.Buy(onestoretest.InApp("gems_100"))
	crashing := exec.CommandContext(ctx, os.Args[0], crashes, s.url, s.state, s.clientID, s.clientSecret, token)
	crashing.Stderr = os.Stderr
	if crashing.Run() == nil {
		return errors.New("the other server was not killed")
	}
	s.say("a player buys gems; the store has consumed them (%v) when the server is killed in its handler", s.fake.Facts(token)["consumptionState"])

	server, err := s.start()
	if err != nil {
		return err
	}
	defer server.stop()
	redeemer, err := server.redeemer()
	if err != nil {
		return err
	}
	balance, granted := 0, map[string]bool{} // in a game both change in one transaction
	grant := func(_ context.Context, r redeem.Redemption) error {
		if !granted[r.ID] {
			granted[r.ID] = true
			balance += 100 * r.Quantity
		}
		return nil
	}
	err = eventually(func() bool {
		delivered, err := redeemer.Resume(ctx, "alice", grant)
		return err == nil && len(delivered) == 1 && delivered[0].Resumed()
	})
	if err != nil {
		return fmt.Errorf("nobody resumed it: %w", err)
	}
	s.say("the next one resumes it when the player signs in: %d gems", balance)
	_, err = redeemer.Redeem(ctx, gems, core.Credentials{Account: "alice", Token: token}, grant)
	s.say("the client, which never got an answer, asks again: %d gems", balance)
	return err
}

// crashes is the first argument of the process that is killed.
const crashes = "crashes"

// crash is that process: a server whose handler kills it. It returns only if it was not asked to.
func crash(args []string) {
	if len(args) != 7 || args[1] != crashes {
		return
	}
	s := &scenes{url: args[2], state: args[3], clientID: args[4], clientSecret: args[5], out: os.Stderr}
	err := s.redeemAndDie(context.Background(), args[6])
	fmt.Fprintln(os.Stderr, "reconcile: the server lives:", err)
	os.Exit(1)
}

func (s *scenes) redeemAndDie(ctx context.Context, token string) error {
	server, err := s.start()
	if err != nil {
		return err
	}
	defer server.stop()
	redeemer, err := server.redeemer()
	if err != nil {
		return err
	}
	_, err = redeemer.Redeem(ctx, gems, core.Credentials{Account: "alice", Token: token}, func(context.Context, redeem.Redemption) error {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		return errors.Join(self.Kill(), waitForIt())
	})
	return err
}

// waitForIt is the time that a signal takes.
func waitForIt() error {
	time.Sleep(time.Minute)
	return errors.New("the kill did not come")
}
