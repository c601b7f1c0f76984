package promstats

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/skugate/skugate/core"
)

// Config configures a Collector. Only Gate has no default.
type Config struct {
	// Gate is whose statistics are shown.
	Gate *core.Gate
	// Name is the value of the label gate, which tells several gates of one program apart. Default: the
	// label is left out.
	Name string
}

// Collector is a prometheus.Collector of one gate. Make it with New. It is safe for concurrent use.
type Collector struct {
	gate      *core.Gate
	decisions *prometheus.Desc
	latency   *prometheus.Desc
	stores    []metric[core.StoreStats]
	works     []metric[core.WorkStats]
	outbox    []metric[core.OutboxStats]
}

var _ prometheus.Collector = (*Collector)(nil)

// New makes a collector. It reports every fault of the configuration at once, and starts nothing.
func New(c Config) (*Collector, error) {
	var faults []error
	if len(c.Gate.Stores()) == 0 {
		faults = append(faults, errors.New("promstats: Config.Gate is nil or was not made by core.New"))
	}
	if !utf8.ValidString(c.Name) {
		faults = append(faults, fmt.Errorf("promstats: Config.Name is %q; it must be UTF-8", c.Name))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	labels := prometheus.Labels{}
	if c.Name != "" {
		labels["gate"] = c.Name
	}
	return &Collector{
		gate: c.Gate,
		decisions: prometheus.NewDesc("skugate_decisions_total", "Checks by how they ended; hits are those with the source memory.",
			[]string{"outcome", "reason", "source", "mode", "store", "product"}, labels),
		latency: prometheus.NewDesc("skugate_store_request_duration_seconds", "How long look-ups at the store took, retries included.",
			[]string{"store"}, labels),
		stores: described(storeMetrics, labels, "store"),
		works:  described(workMetrics, labels, "work"),
		outbox: described(outboxMetrics, labels),
	}, nil
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(descs chan<- *prometheus.Desc) {
	descs <- c.decisions
	descs <- c.latency
	describe(descs, c.stores)
	describe(descs, c.works)
	describe(descs, c.outbox)
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(metrics chan<- prometheus.Metric) {
	stats := c.gate.Stats()
	for _, d := range stats.Decisions {
		metrics <- constant(c.decisions, prometheus.CounterValue, float64(d.Count),
			d.Outcome.String(), string(d.Reason), string(d.Source), d.Mode, string(d.Store), d.Product)
	}
	for i := range stats.Stores {
		s := &stats.Stores[i]
		metrics <- histogram(c.latency, &s.Latency, string(s.Store))
		collect(metrics, c.stores, s, string(s.Store))
	}
	for i := range stats.Workers {
		w := &stats.Workers[i]
		collect(metrics, c.works, w, w.Name)
	}
	collect(metrics, c.outbox, &stats.Outbox)
}

func histogram(desc *prometheus.Desc, l *core.Latency, labels ...string) prometheus.Metric {
	buckets := make(map[float64]uint64, len(l.Bounds))
	var upTo uint64
	for i, bound := range l.Bounds {
		upTo += l.Counts[i]
		buckets[bound.Seconds()] = upTo
	}
	return prometheus.MustNewConstHistogram(desc, l.Count(), l.Sum.Seconds(), buckets, utf8Only(labels)...)
}
