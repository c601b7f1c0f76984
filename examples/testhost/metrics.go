package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/promstats"
)

// metrics answers with what the gate counted, and with what the process holds.
func metrics(gate *core.Gate) (http.Handler, error) {
	collector, err := promstats.New(promstats.Config{Gate: gate})
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector, collectors.NewGoCollector())
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), nil
}
