package examples_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/redisclient"
)

// An instance of a fleet starts while its Redis is down, and lets in who bought.
func Example_fleet() {
	redis.SetLogger(quiet{})
	fake, store := openShop()
	redisURL := "redis://127.0.0.1:1" // where nobody answers
	ctx, stop := context.WithCancel(context.Background())
	defer stop()

	options, err := redisclient.ParseURL(redisURL)
	if err != nil {
		log.Fatal(err)
	}
	client := redis.NewUniversalClient(options)
	facts, err := rediscache.New(rediscache.Config{Client: client})
	if err != nil {
		log.Fatal(err)
	}
	shared, err := fleet.New(fleet.Config{Client: client})
	if err != nil {
		log.Fatal(err)
	}
	gate, err := core.New(core.Config{
		Stores: []core.Store{store}, Shared: facts,
		Owners: shared.Owners(), Outbox: shared.Outbox(), Voids: shared.Voids(), Peers: shared.Peers(),
	})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := shared.Listener(gate)
	if err != nil {
		log.Fatal(err)
	}
	worker, err := reconcile.New(reconcile.Config{Gate: gate, Turns: shared.Turns()})
	if err != nil {
		log.Fatal(err)
	}
	var background sync.WaitGroup
	background.Go(func() { listener.Run(ctx) })
	background.Go(func() { worker.Run(ctx) })

	vip := onestore.Subscription("vip_monthly")
	token := fake.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label(gate.Label("mina")))
	d := gate.Check(ctx, vip, core.Credentials{Account: "mina", Token: token})
	fmt.Println(d.Outcome, d.Source)
	stop()
	background.Wait()
	if err := errors.Join(gate.Close(context.Background()), client.Close()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// granted store
}

// quiet keeps what the client prints of a server that is down out of the example.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}
