package main

import (
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/skugate/skugate/core"
)

// options are the command line.
type options struct {
	adapter, listen string
	a, b            account
	play            play
	binding         string

	licenceKey, notifySecret string

	call, fresh, denied, refresh, stale time.Duration
	open                                time.Duration
	trip, inFlight                      int
	drain                               time.Duration

	state, redis          string
	void, sync, redisTime time.Duration
}

// account is one client of ONE store.
type account struct{ store, clientID, clientSecret, market string }

func (a *account) flags(fs *flag.FlagSet, prefix, what string) {
	fs.StringVar(&a.store, prefix+"store", "", "base `URL` of "+what)
	fs.StringVar(&a.clientID, prefix+"client-id", "", "client id of "+what)
	fs.StringVar(&a.clientSecret, prefix+"client-secret", "", "client secret of "+what)
	fs.StringVar(&a.market, prefix+"market", "", "market of "+what+": MKT_ONE or MKT_GLB")
}

var bindings = map[string]core.Binding{
	"record":  core.BindingRecord,
	"require": core.BindingRequire,
	"off":     core.InsecureBindingOff,
}

// parse reads the command line. The knobs default to the library's own defaults, save -t-swr.
func parse(args []string) (*options, error) {
	var o options
	fs := flag.NewFlagSet("testhost", flag.ContinueOnError)
	fs.StringVar(&o.adapter, "adapter", "nethttp", "nethttp, gin or fiber")
	fs.StringVar(&o.listen, "listen", "127.0.0.1:0", "`address` to listen on")
	o.a.flags(fs, "", "the ONE store API")
	o.b.flags(fs, "b-", "the second client's store (default: no second client)")
	o.play.flags(fs)
	fs.StringVar(&o.binding, "binding", "record", "what an unlabelled purchase needs: record, require or off")

	fs.StringVar(&o.licenceKey, "licence-key", "", "licence `key` of the app, which enables POST /notify (default: 501)")
	fs.StringVar(&o.notifySecret, "notify-secret", "", "`secret` that enables POST /notify/SECRET, 16 characters or more (default: 501)")

	fs.DurationVar(&o.call, "t-call", 3*time.Second, "most that one decision takes, the store's time included")
	fs.DurationVar(&o.fresh, "t-pos", 5*time.Minute, "how long a yes is fresh")
	fs.DurationVar(&o.denied, "t-neg", 5*time.Second, "how long a no is remembered")
	fs.DurationVar(&o.refresh, "t-swr", 0, "how much longer a yes is served while one refresh runs behind")
	fs.DurationVar(&o.stale, "t-stale", 6*time.Hour-5*time.Minute, "how much longer a yes is used while the store cannot answer; consumables have none of it")
	fs.DurationVar(&o.open, "t-open", 5*time.Second, "how long the circuit breaker stays open")
	fs.IntVar(&o.trip, "n-trip", 5, "failures in a row that open the breaker")
	fs.IntVar(&o.inFlight, "c-max", 64, "most store calls under way, for each client")
	fs.DurationVar(&o.drain, "t-drain", 5*time.Second, "most that a graceful stop takes")
	fs.DurationVar(&o.void, "t-void", 0, "period of the void list, which is read if this, -state or -redis is set (default then: 1m)")
	fs.StringVar(&o.state, "state", "", "`directory` of the durable state; what was delivered is acknowledged (default: no state)")
	fs.StringVar(&o.redis, "redis", "", "`URL` of a Redis that the hosts of a game share: the state, and what stores said (default: none); with -state that has the facts of this host")
	fs.DurationVar(&o.sync, "t-sync", 0, "period at which the log of the fleet is read (default: 250ms)")
	fs.DurationVar(&o.redisTime, "t-redis", 0, "most that one call of Redis may add to a request (default: 25ms)")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}

	var faults []error
	if fs.NArg() > 0 {
		faults = append(faults, errors.New("there are arguments that are no flags"))
	}
	if servers[o.adapter] == nil {
		faults = append(faults, fmt.Errorf("-adapter is %q; it must be nethttp, gin or fiber", o.adapter))
	}
	if _, ok := bindings[o.binding]; !ok {
		faults = append(faults, fmt.Errorf("-binding is %q; it must be record, require or off", o.binding))
	}
	if o.play.url == "" && o.play != (play{packageName: defaultPackage}) {
		faults = append(faults, errors.New("-play-package and -play-key say something of -play, which is not given"))
	}
	if o.drain <= 0 {
		faults = append(faults, fmt.Errorf("-t-drain is %v; it must be positive", o.drain))
	}
	if o.void < 0 {
		faults = append(faults, fmt.Errorf("-t-void is %v; it must not be negative", o.void))
	}
	if o.refresh < 0 || o.stale < 0 {
		faults = append(faults, errors.New("-t-swr and -t-stale must not be negative"))
	}
	return &o, errors.Join(faults...)
}
