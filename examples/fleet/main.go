// Command fleet shows what instances of a game gain from sharing a Redis: it starts gate processes in front
// of one fake ONE store, drives load through all of them, refunds purchases, and prints how many calls the
// store had and for how long each process went on serving what was refunded: once when the processes find it
// on the store's list of voids, and once when the store notifies one of them. First every process is on its
// own; then they share what the store said (package rediscache) and tell each other what was taken back
// (package fleet), and one of them at a time reads the list.
//
//	go run ./examples/fleet              # starts a redis-server of its own, which has to be on PATH
//	go run ./examples/fleet -n 3 -redis redis://127.0.0.1:6379
//
// It takes about a quarter of a minute.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func main() {
	log.SetFlags(0)
	if os.Getenv(nodeVariable) != "" {
		if err := node(os.Args[1:]); err != nil {
			log.Fatal("fleet: a process: ", err)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := play(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal("fleet: ", err)
	}
}

// settings are the command line.
type settings struct {
	nodes, players int
	during         time.Duration
	redis          string
}

// play measures the processes without a Redis and with one.
func play(ctx context.Context, out io.Writer, args []string) error {
	var s settings
	fs := flag.NewFlagSet("fleet", flag.ContinueOnError)
	fs.IntVar(&s.nodes, "n", 5, "how many processes")
	fs.IntVar(&s.players, "players", 40, "how many players, each of whom asks every process")
	fs.DurationVar(&s.during, "for", 4*time.Second, "how long to measure, twice")
	fs.StringVar(&s.redis, "redis", "", "`URL` of a Redis; what it holds under \"skugate:\" is used (default: one of its own)")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if s.nodes < 1 || s.players < 1 || s.during <= 0 {
		return fmt.Errorf("-n, -players and -for must be positive")
	}
	if s.redis == "" {
		server, err := startRedis(ctx)
		if err != nil {
			return err
		}
		defer server.stop()
		s.redis = server.url
	}
	fmt.Fprintf(out, "%d processes, %d players; a yes is fresh for %v, and the list of voids is read every %v\n\n", s.nodes, s.players, fresh, voidsEvery)
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\tlook-ups/s\tlists/s\tserved after a refund on the list\tserved after a notification")
	for _, way := range []struct{ name, redis string }{{"each on its own", ""}, {"with Redis", s.redis}} {
		m, err := measure(ctx, &s, way.redis)
		if err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		fmt.Fprintf(table, "%s\t%.0f\t%.1f\t%v\t%v\n", way.name, m.lookups, m.lists, m.listed, m.notified)
	}
	return table.Flush()
}

// measured is what came out.
type measured struct {
	lookups, lists float64 // per second
	// For how long each process served a purchase that was refunded.
	listed, notified []time.Duration
}

// measure starts a store and the processes, and drives them.
func measure(ctx context.Context, s *settings, redis string) (m measured, err error) {
	store := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial})
	url, err := store.Listen("127.0.0.1:0")
	if err != nil {
		return m, err
	}
	defer store.Close()
	f, err := startFleet(ctx, s.nodes, "-store", url, "-client-id", store.ClientID(), "-client-secret", store.ClientSecret(),
		"-market", store.Market(), "-redis", redis)
	if err != nil {
		return m, err
	}
	defer f.stop()
	tokens := make([]string, s.players)
	for i := range tokens {
		tokens[i] = store.Buy(onestoretest.Subscription("vip"), onestoretest.Label(player(i)))
	}
	if err := f.all(tokens); err != nil { // what is cold is not measured
		return m, err
	}

	store.ResetLog()
	began := time.Now()
	if err := f.drive(ctx, tokens, s.during); err != nil {
		return m, err
	}
	seconds := time.Since(began).Seconds()
	m.lookups = float64(store.Count(onestoretest.OpSubscriptionDetail)) / seconds
	m.lists = float64(store.Count(onestoretest.OpVoidedPurchases)) / seconds

	for _, way := range []struct {
		served *[]time.Duration
		notify bool
	}{{&m.listed, false}, {&m.notified, true}} {
		token := store.Buy(onestoretest.Subscription("vip"), onestoretest.Label(player(0)))
		if err := f.all([]string{token}); err != nil {
			return m, err
		}
		store.Refund(token)
		if *way.served, err = f.untilRefused(token, way.notify); err != nil {
			return m, err
		}
		slices.Sort(*way.served)
	}
	return m, nil
}
