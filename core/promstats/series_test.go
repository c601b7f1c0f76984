package promstats_test

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/promstats"
)

// series is what a registry gathers, as `name{label="value"}` with the labels in order.
func series(t *testing.T, registry *prometheus.Registry) map[string]string {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			switch {
			case m.Counter != nil:
				all[f.GetName()+labels(m)] = fmt.Sprint(m.Counter.GetValue())
			case m.Gauge != nil:
				all[f.GetName()+labels(m)] = fmt.Sprint(m.Gauge.GetValue())
			case m.Histogram != nil:
				h := m.Histogram
				all[f.GetName()+"_sum"+labels(m)] = fmt.Sprint(h.GetSampleSum())
				all[f.GetName()+"_count"+labels(m)] = fmt.Sprint(h.GetSampleCount())
				all[f.GetName()+"_bucket"+labels(m, `le="+Inf"`)] = fmt.Sprint(h.GetSampleCount())
				for _, b := range h.GetBucket() {
					all[f.GetName()+"_bucket"+labels(m, fmt.Sprintf(`le="%v"`, b.GetUpperBound()))] = fmt.Sprint(b.GetCumulativeCount())
				}
			}
		}
	}
	return all
}

func labels(m *dto.Metric, more ...string) string {
	for _, l := range m.GetLabel() {
		more = append(more, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	sort.Strings(more)
	return "{" + strings.Join(more, ",") + "}"
}

// withGate adds the label of the gate "main" to the rest of a series.
func withGate(rest string) string {
	all := []string{`gate="main"`}
	if rest = strings.TrimSuffix(rest, "}"); rest != "" {
		all = append(all, strings.Split(rest, ",")...)
	}
	sort.Strings(all)
	return "{" + strings.Join(all, ",") + "}"
}

// names are the metrics that a collector describes.
func names(t *testing.T) map[string]bool {
	t.Helper()
	gate, _ := open(t, core.Config{})
	collector, err := promstats.New(promstats.Config{Gate: gate})
	if err != nil {
		t.Fatal(err)
	}
	descs := make(chan *prometheus.Desc, 100)
	collector.Describe(descs)
	close(descs)
	all := map[string]bool{}
	for d := range descs {
		all[regexp.MustCompile(`fqName: "(\w+)"`).FindStringSubmatch(d.String())[1]] = true
	}
	return all
}
