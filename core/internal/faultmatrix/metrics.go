package faultmatrix

import (
	"fmt"
	"strconv"
	"strings"
)

// Metrics is what a host's /metrics said.
type Metrics struct {
	text   string
	series map[string]float64
}

// Metrics asks the host.
func (h *Host) Metrics() (Metrics, error) {
	text, err := h.Ask("/metrics")
	if err != nil {
		return Metrics{}, err
	}
	m := Metrics{text, map[string]float64{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			return m, fmt.Errorf("not a metric: %q", line)
		}
		v, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			return m, fmt.Errorf("not a metric: %q", line)
		}
		m.series[line[:at]] = v
	}
	return m, nil
}

// add adds another host's.
func (m *Metrics) add(other Metrics) {
	if m.series == nil {
		m.series = map[string]float64{}
	}
	m.text += other.text
	for name, v := range other.series {
		m.series[name] += v
	}
}

// Sum adds up the series of a name that have all these labels, each written as `name="value"`.
func (m Metrics) Sum(name string, labels ...string) int {
	sum := 0.0
series:
	for s, v := range m.series {
		if s != name && !strings.HasPrefix(s, name+"{") {
			continue
		}
		for _, l := range labels {
			if !strings.Contains(s, l) {
				continue series
			}
		}
		sum += v
	}
	return int(sum)
}

// Series is how many series there are.
func (m Metrics) Series() int { return len(m.series) }
