package main

import (
	"errors"
	"log/slog"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

// second names the second client; its products say so with On.
const second core.StoreID = "onestore-b"

// newGate makes the gate in front of one client, or of several.
func newGate(o *options, kept *state, log *slog.Logger) (*core.Gate, error) {
	a, err := newClient(onestore.DefaultName, o.a)
	clients := []core.Store{a}
	if o.b != (account{}) {
		b, errB := newClient(second, o.b)
		err = errors.Join(err, errB)
		clients = append(clients, b)
	}
	if o.play.url != "" {
		c, errPlay := o.play.client()
		err = errors.Join(err, errPlay)
		clients = append(clients, c)
	}
	if err != nil {
		return nil, err
	}
	refresh := o.fresh + o.refresh
	if o.refresh == 0 {
		refresh = -1
	}
	config := core.Config{
		Stores:  clients,
		Binding: bindings[o.binding],
		Timeout: o.call,
		Lifetimes: core.Lifetimes{
			Fresh: o.fresh, Refresh: refresh, Usable: o.fresh + max(o.refresh, o.stale),
			Denied: o.denied, Absent: o.denied,
		},
		Guard:  core.Guard{MaxInFlight: o.inFlight, TripAfter: o.trip, OpenFor: o.open},
		Logger: log,
	}
	if kept != nil {
		kept.configure(&config)
	}
	return core.New(config)
}

// newClient always says "commercial": the environment chooses lifetimes and the default host, and both
// are given here.
func newClient(name core.StoreID, a account) (*onestore.Client, error) {
	return onestore.New(onestore.Config{
		Name: name, ClientID: a.clientID, ClientSecret: a.clientSecret,
		Market: onestore.Market(a.market), Environment: onestore.Commercial, BaseURL: a.store,
	})
}
