package reconcile_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
)

// rig is a fake store and what outlives the process; a process of it is a gate and a worker.
type rig struct {
	*testing.T
	store  *onestoretest.Store
	outbox core.Outbox
	voids  core.Voids
	facts  core.Facts
	log    journal

	transport http.RoundTripper       // in place of the store's
	gate      func(*core.Config)      // changes the gate's configuration
	worker    func(*reconcile.Config) // changes the worker's
	now       *process
}

// process is one that runs.
type process struct {
	gate   *core.Gate
	worker *reconcile.Worker
	route  *core.Route
}

// bubble runs a test on the fake clock, with a store of a market.
func bubble(name string, t *testing.T, market string, f func(*rig)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &rig{T: t, outbox: core.NewMemoryOutbox(), voids: core.NewMemoryVoids(), facts: core.NewMemoryFacts(),
				store: onestoretest.New(onestoretest.Config{Market: market, Environment: onestoretest.Commercial})}
			f(r)
			r.stop()
			r.store.Check(t)
		})
	})
}

// products are what the rig's route lets in with.
func products() core.Requirement {
	return core.Entitlement("any", onestore.InApp("skin"), onestore.Recurring("pass"), onestore.Subscription("vip"))
}

// start starts a process in the place of the one that runs.
func (r *rig) start() *process {
	r.Helper()
	r.stop()
	r.now = r.another()
	return r.now
}

// another starts one more process, which the caller closes.
func (r *rig) another() *process {
	r.Helper()
	transport := r.transport
	if transport == nil {
		transport = r.store.RoundTripper()
	}
	client, err := onestore.New(onestore.Config{
		ClientID: r.store.ClientID(), ClientSecret: r.store.ClientSecret(), Market: onestore.Market(r.store.Market()),
		Environment: onestore.Commercial, HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		r.Fatal(err)
	}
	c := core.Config{Stores: []core.Store{client}, Outbox: r.outbox, Voids: r.voids, Facts: r.facts, Logger: r.log.logger()}
	if r.gate != nil {
		r.gate(&c)
	}
	p := &process{}
	if p.gate, err = core.New(c); err != nil {
		r.Fatal(err)
	}
	w := reconcile.Config{Gate: p.gate, Logger: r.log.logger()}
	if r.worker != nil {
		r.worker(&w)
	}
	if p.worker, err = reconcile.New(w); err != nil {
		r.Fatal(err)
	}
	p.route = core.NewRoute(p.gate, products(), core.RouteConfig{})
	return p
}

// stop closes the gate of the process that runs, if one does.
func (r *rig) stop() {
	if r.now != nil {
		if err := r.now.gate.Close(context.Background()); err != nil {
			r.Error(err)
		}
		r.now = nil
	}
}

// run lets the worker run until the function that is returned stops it.
func (r *rig) run(p *process) (stop func()) {
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error, 1)
	go func() { done <- p.worker.Run(ctx) }()
	return func() {
		r.Helper()
		cancel()
		if err := <-done; err != nil {
			r.Errorf("Run: %v", err)
		}
	}
}

func (r *rig) once(p *process) reconcile.Report {
	r.Helper()
	report, err := p.worker.RunOnce(r.Context())
	if err != nil {
		r.Errorf("RunOnce: %v", err)
	}
	return report
}

// request takes a player's request to a handler that answers with a status.
func (p *process) request(ctx context.Context, token string, status int) core.Decision {
	a := p.route.Admit(ctx, func() (core.Credentials, error) {
		return core.Credentials{Account: "alice", Tokens: []core.Token{{Value: token, Known: true}}}, nil
	})
	if a.Open() && a.Observed() {
		a.Handled(ctx, status)
	}
	return a.Decision()
}

func (r *rig) grants(p *process, token string) {
	r.Helper()
	if d := p.request(r.Context(), token, 200); !d.Granted() {
		r.Errorf("got %v (%s, %v), want a grant", d.Outcome, d.Reason, d.Err)
	}
}

func (r *rig) denies(p *process, token string, reason core.Reason) {
	r.Helper()
	if d := p.request(r.Context(), token, 200); d.Outcome != core.Denied || d.Reason != reason {
		r.Errorf("got %v (%s, %v), want %s", d.Outcome, d.Reason, d.Err, reason)
	}
}

// journal is a log.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

func (j *journal) says(text string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(j.buf.String(), text)
}

const (
	korea  = "MKT_ONE"
	global = "MKT_GLB"
	day    = 24 * time.Hour
)
