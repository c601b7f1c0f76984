package faultmatrix

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// judge checks what must be true in every row, when the drive is over.
func (s *Scene) judge() {
	for i := range s.checks {
		c := &s.checks[i]
		if what := s.oracle(c); what != "" {
			s.Errorf(what+": request %d, %s %s of %s (%s, %s) after %v", i, c.Key.Route.Path, c.Outcome, c.Key.Account, c.Source, c.Reason, c.End.Sub(c.Start))
		}
		if c.Outcome == U {
			_ = s.starved(c) // then how often the store was asked is chance
		}
		if c.Outcome == Odd {
			s.Errorf("I2: request %d came to %d %.200q", i, c.Status, c.Body)
		}
		took, allowed := c.End.Sub(c.Start), c.Budget+50*time.Millisecond
		switch late := s.slack(c.Start, c.End); {
		case c.Budget == 0 || took <= allowed:
		case took > allowed+late:
			s.Errorf("I3: request %d took %v of at most %v and %v (%s)", i, took, allowed, late, c.Outcome)
		default:
			s.excuse(c)
		}
	}
	s.judgeExcuses()
	if host, here := s.late.host.median(), s.late.sleeper.median(); host > 100*time.Millisecond+10*here {
		s.Errorf("I3: what needs no gate usually took %v, and the machine is late by %v only: the gate keeps the process from it", host, here)
	}
	s.keepCounts()
	if n := s.mostInFlight; n > s.row.InFlight {
		s.Errorf("I4: %d requests at once at the store, at most %d are allowed", n, s.row.InFlight)
	}
	for _, r := range s.malformed {
		s.Errorf("I11: malformed request, %s %s: %s", r.Method, r.Op, r.Malformed)
	}
	canaries := s.canaries()
	metrics := ""
	if !s.row.Stops {
		for _, h := range s.Nodes {
			if !h.Alive() {
				s.Errorf("I7: the process ended: %s", tail(h.Output()))
				return
			}
		}
		metrics = s.judgeCounts()
		s.judgeResources()
		for _, h := range s.Nodes {
			if err := h.stop(Drain + time.Second); err != nil {
				s.Errorf("I7: a graceful stop ended with %v", err)
			}
		}
	}
	s.judgeSecrets(canaries, metrics)
}

// judgeCounts is I8 and I9.
func (s *Scene) judgeCounts() string {
	var m Metrics
	runs := 0
	for _, h := range s.Nodes {
		of, err := h.Metrics()
		if err != nil {
			s.Errorf("I9: %v", err)
			return ""
		}
		m.add(of)
		text, err := h.Ask("/runs")
		if err != nil {
			s.Errorf("I8: %v", err)
		}
		ran := 0
		_, _ = fmt.Sscan(text, &ran)
		runs += ran
	}
	want, ran, unseen := map[string]int{}, 0, 0
	for _, c := range s.checks {
		if !c.Counted {
			unseen++
			continue
		}
		switch c.Outcome {
		case G:
			ran++
			want["granted"]++
			want[c.Source]++
		case P:
			ran++
			want["granted"]++
		case D, B, N:
			want["denied"]++
		case U, L:
			want["undetermined"]++
		}
	}
	if runs != ran && (!s.loose || runs < ran || runs > ran+unseen) {
		s.Errorf("I8: protected handlers ran %d times for %d answers (%d unseen)", runs, ran, unseen)
	}
	for _, label := range []string{"granted", "denied", "undetermined"} {
		n := m.Sum("skugate_decisions_total", fmt.Sprintf("outcome=%q", label))
		if n != want[label] && (!s.loose || n < want[label] || n > want[label]+unseen) {
			s.Errorf("I9: %d checks were counted as %s, %d were answered so (%d unseen)", n, label, want[label], unseen)
		}
	}
	panicked := Tally(s.checks)[P]
	for _, source := range []string{"store", "memory", "shared", "stale", "outage"} {
		n := m.Sum("skugate_decisions_total", `outcome="granted"`, fmt.Sprintf("source=%q", source))
		if n < want[source] || n > want[source]+unseen+panicked {
			s.Errorf("I9: %d yeses were counted with the source %s, %d were answered so (%d unseen)", n, source, want[source], unseen)
		}
	}
	return m.text
}

// judgeResources is I5. The connections to the store and to the clients are gone first.
func (s *Scene) judgeResources() {
	_ = s.Sim.Close()
	if s.Front != nil {
		s.Front.close()
	}
	for _, f := range s.closers {
		f()
	}
	s.client.CloseIdleConnections()
	for i, h := range s.Nodes {
		s.judgeHost(h, s.before[i])
	}
}

func (s *Scene) judgeHost(h *Host, before resources) {
	const goroutines, files = 5, 5
	memory := 16 << 10
	if m, err := h.Metrics(); err == nil {
		// What it remembers is no leak, and the collector lets the heap double.
		memory += 2*4*m.Sum("skugate_memory_entries") + s.CrowdMemory()
	}
	var now resources
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var err error
		if now, err = h.resources(); err != nil {
			s.Errorf("I5: %v", err)
			return
		}
		over := now.goroutines > before.goroutines+goroutines || now.files > before.files+files
		if !over || time.Now().After(end) {
			break
		}
	}
	if now.goroutines > before.goroutines+goroutines {
		s.Errorf("I5: %d goroutines, %d before", now.goroutines, before.goroutines)
	}
	if now.files > before.files+files {
		s.Errorf("I5: %d file descriptors, %d before", now.files, before.files)
	}
	if !Race && now.memory > before.memory+memory {
		s.Errorf("I5: %d KiB resident, %d before", now.memory, before.memory)
	}
}

// CrowdMemory is what the stacks and buffers of as many requests as there were at once may take, in KiB:
// the runtime keeps them for a while.
func (s *Scene) CrowdMemory() int { return 2 * 16 * int(s.widest.Load()) }

// canaries are what must appear nowhere: it asks the store for the access token in use.
func (s *Scene) canaries() []string {
	canaries := []string{secret, strings.NewReplacer("/", "%2F", "+", "%2B", "=", "%3D", "&", "%26", "%", "%25").Replace(secret), "canary-player", "canarytoken"}
	s.Sim.Clear()
	s.Sim.Down(false)
	form := "grant_type=client_credentials&client_id=" + s.Sim.ClientID() + "&client_secret=" +
		strings.NewReplacer("/", "%2F", "+", "%2B", "=", "%3D", "&", "%26", "%", "%25").Replace(secret)
	req, _ := http.NewRequest(http.MethodPost, "http://store/v7/oauth/token", strings.NewReader(form))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.Sim.RoundTripper().RoundTrip(req)
	if err == nil {
		body, _ := io.ReadAll(resp.Body)
		if _, rest, ok := bytes.Cut(body, []byte(`"access_token":"`)); ok {
			token, _, _ := bytes.Cut(rest, []byte(`"`))
			canaries = append(canaries, string(token))
		}
	}
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	for token := range s.ledger.bought {
		canaries = append(canaries, token)
	}
	return canaries
}

// judgeSecrets is I6.
func (s *Scene) judgeSecrets(canaries []string, metrics string) {
	seen := map[string]bool{metrics: true}
	for _, h := range s.Nodes {
		seen[h.Output()] = true
	}
	for _, c := range s.checks {
		seen[c.Body] = true
		for name, values := range c.Header {
			if name != "Date" && name != "Content-Length" && name != "X-Expires-At" {
				seen[name+": "+strings.Join(values, ",")] = true
			}
		}
	}
	for text := range seen {
		for _, c := range canaries {
			if at := strings.Index(text, c); at >= 0 {
				s.Errorf("I6: a secret shows, before it stands %q", text[max(at-80, 0):at])
			}
		}
	}
}
