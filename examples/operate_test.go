package examples_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/health"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/oteltrace"
	"github.com/skugate/skugate/core/promstats"
	"github.com/skugate/skugate/core/status"
)

// What an operator mounts, and what it says after one request was let in.
func Example_operate() {
	fake := onestoretest.New(onestoretest.Config{})
	clientID, clientSecret := fake.ClientID(), fake.ClientSecret()
	transport := fake.RoundTripper()
	behindLogin := func(h http.Handler) http.Handler { return h }
	mux := http.NewServeMux()
	vip := onestore.Subscription("vip_monthly")

	store, err := onestore.New(onestore.Config{
		ClientID: clientID, ClientSecret: clientSecret, Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: oteltrace.NewTransport(oteltrace.Config{Base: transport})},
	})
	if err != nil {
		log.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{store}, Carry: oteltrace.Carry})
	if err != nil {
		log.Fatal(err)
	}
	metrics, err := promstats.New(promstats.Config{Gate: gate})
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics)
	probes, err := health.New(health.Config{Gate: gate})
	if err != nil {
		log.Fatal(err)
	}
	page, err := status.New(status.Config{Gate: gate, Requirements: []core.Requirement{vip}})
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("GET /livez", probes.Live())
	mux.Handle("GET /readyz", probes.Ready())
	mux.Handle("/ops/skugate", behindLogin(page)) // it has no login of its own

	token := fake.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label(gate.Label("mina")))
	gate.Check(context.Background(), vip, core.Credentials{Account: "mina", Token: token})
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	for line := range strings.Lines(get("/metrics").Body.String()) {
		if strings.HasPrefix(line, "skugate_decisions_total") {
			fmt.Print(line)
		}
	}
	fmt.Println(get("/readyz").Code, get("/livez").Code, get("/ops/skugate").Code)
	// Output:
	// skugate_decisions_total{mode="normal",outcome="granted",product="vip_monthly",reason="active",source="store",store="onestore"} 1
	// 200 200 200
}
