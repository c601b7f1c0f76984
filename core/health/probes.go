package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/skugate/skugate/core"
)

// Config configures Probes. Only Gate has no default.
type Config struct {
	// Gate is whose health is told.
	Gate *core.Gate
	// Timeout bounds what one probe waits for; it has to be shorter than the orchestrator waits, or a part that
	// hangs looks like a gate that is dead. Default: 750 ms, because Kubernetes waits 1 s. From 1 ms to 1 min.
	Timeout time.Duration
	// DegradedIsUnavailable answers 503 where the gate is degraded. An outage of a store then takes all
	// instances away.
	DegradedIsUnavailable bool
}

// Probes are the handlers of one gate. Make them with New. They are safe for concurrent use.
type Probes struct {
	config Config
}

// New makes probes. It reports every fault of the configuration at once, and starts nothing.
func New(c Config) (*Probes, error) {
	var faults []error
	if len(c.Gate.Stores()) == 0 {
		faults = append(faults, errors.New("health: Config.Gate is nil or was not made by core.New"))
	}
	if c.Timeout == 0 {
		c.Timeout = 750 * time.Millisecond
	}
	if c.Timeout < time.Millisecond || c.Timeout > time.Minute {
		faults = append(faults, fmt.Errorf("health: Config.Timeout is %v; it must be from 1ms to 1m", c.Timeout))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Probes{c}, nil
}

// Live answers liveness probes: the process answers.
func (p *Probes) Live() http.Handler {
	return probe(func(*http.Request) (int, core.Health) { return http.StatusOK, core.Health{} })
}

// Ready answers readiness probes with the gate's health.
func (p *Probes) Ready() http.Handler {
	return probe(func(r *http.Request) (int, core.Health) {
		// Under fiber the request's context is fasthttp's own: whoever watches it races with the server's shutdown.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), p.config.Timeout)
		defer cancel()
		h := p.config.Gate.Health(ctx)
		if h.State == core.HealthNotReady || h.State == core.HealthDegraded && p.config.DegradedIsUnavailable {
			return http.StatusServiceUnavailable, h
		}
		return http.StatusOK, h
	})
}

func probe(ask func(*http.Request) (int, core.Health)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		status, h := ask(r)
		header.Set("Vary", "Accept")
		body, kind := text(h), "text/plain; charset=utf-8"
		if strings.Contains(r.Header.Get("Accept"), "application/json") {
			body, kind = inJSON(h), "application/json"
		}
		header.Set("Content-Type", kind)
		w.WriteHeader(status)
		if r.Method == http.MethodGet {
			_, _ = w.Write(body)
		}
	})
}

// text is the state, and a line for each finding.
func text(h core.Health) []byte {
	var b strings.Builder
	b.WriteString(h.State.String() + "\n")
	for _, f := range h.Findings {
		b.WriteString(f.String() + "\n")
	}
	return []byte(b.String())
}

func inJSON(h core.Health) []byte {
	if h.Findings == nil {
		h.Findings = []core.Finding{}
	}
	body, _ := json.Marshal(h) // of strings and times, which cannot fail
	return append(body, '\n')
}
