package promstats

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
)

// metric is one that is read from a T.
type metric[T any] struct {
	name, help string
	typ        prometheus.ValueType
	label      string // of several values; empty: there is one value, without a label of its own
	values     func(*T) []value
	desc       *prometheus.Desc
}

type value struct {
	label string
	v     float64
}

// counter is a metric with one value that only grows.
func counter[T any](name, help string, v func(*T) uint64) metric[T] {
	return metric[T]{name: name, help: help, typ: prometheus.CounterValue, values: func(t *T) []value {
		return []value{{v: float64(v(t))}}
	}}
}

// gauge is a metric with one value.
func gauge[T any](name, help string, v func(*T) float64) metric[T] {
	return metric[T]{name: name, help: help, typ: prometheus.GaugeValue, values: func(t *T) []value { return []value{{v: v(t)}} }}
}

// described is a copy of metrics that can be collected. labels are those that all have.
func described[T any](metrics []metric[T], constant prometheus.Labels, labels ...string) []metric[T] {
	var all []metric[T]
	for _, m := range metrics {
		its := labels
		if m.label != "" {
			its = append(its[:len(its):len(its)], m.label)
		}
		m.desc = prometheus.NewDesc(m.name, m.help, its, constant)
		all = append(all, m)
	}
	return all
}

func describe[T any](descs chan<- *prometheus.Desc, metrics []metric[T]) {
	for _, m := range metrics {
		descs <- m.desc
	}
}

func collect[T any](to chan<- prometheus.Metric, metrics []metric[T], from *T, labels ...string) {
	for _, m := range metrics {
		for _, v := range m.values(from) {
			its := labels
			if m.label != "" {
				its = append(its[:len(its):len(its)], v.label)
			}
			to <- constant(m.desc, m.typ, v.v, its...)
		}
	}
}

func constant(desc *prometheus.Desc, typ prometheus.ValueType, v float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, typ, v, utf8Only(labels)...)
}

// utf8Only keeps a reason of an embedder's Rule, which may be anything, from failing the whole scrape. Different
// ones stay different.
func utf8Only(labels []string) []string {
	valid := slices.Clone(labels)
	for i, l := range valid {
		if !utf8.ValidString(l) {
			valid[i] = strconv.Quote(l)
		}
	}
	return valid
}

// unix is an instant in seconds, 0 if there is none.
func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixNano()) / 1e9
}
