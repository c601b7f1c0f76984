package examples_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/statefile"
)

// A server is restarted while its store is down, and knows what it knew.
func Example_state() {
	fake, store := openShop()
	dir, err := os.MkdirTemp("", "skugate")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "skugate.db")

	skin := onestore.InApp("dragon_skin")
	token := fake.Buy(onestoretest.InApp("dragon_skin")) // without a label: whoever comes first owns it
	run := func(players ...string) {
		ctx, stop := context.WithCancel(context.Background())

		state, err := statefile.Open(path, statefile.Options{})
		if err != nil {
			log.Fatal(err)
		}
		gate, err := core.New(core.Config{
			Stores: []core.Store{store},
			Owners: state.Owners(), Outbox: state.Outbox(), Voids: state.Voids(), Facts: state.Facts(),
		})
		if err != nil {
			log.Fatal(err)
		}
		worker, err := reconcile.New(reconcile.Config{Gate: gate})
		if err != nil {
			log.Fatal(err)
		}
		var background sync.WaitGroup
		background.Go(func() { worker.Run(ctx) }) // until ctx ends; from cron: worker.RunOnce(ctx)

		for _, player := range players {
			d := gate.Check(ctx, skin, core.Credentials{Account: player, Token: token})
			fmt.Println(player, d.Outcome)
		}
		stop()
		background.Wait()
		if err := errors.Join(gate.Close(context.Background()), state.Close()); err != nil {
			log.Fatal(err)
		}
	}
	run("mina")
	fake.Down(true)
	run("mallory", "mina")
	// Output:
	// mina granted
	// mallory denied
	// mina granted
}
