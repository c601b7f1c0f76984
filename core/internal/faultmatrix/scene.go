package faultmatrix

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// Scene is one row on one adapter: a store, a host in front of it, and the log of what happened.
type Scene struct {
	Adapter string
	Sim     *onestoretest.Store
	Front   *Front                // nil unless the row has one
	Play    *googleplaytest.Store // the same
	Host    *Host                 // the first of Nodes
	Nodes   []*Host

	t                *testing.T
	row              *Row
	client           *http.Client
	ledger           *ledger
	late             *lateness
	underway, widest atomic.Int64 // requests at once, now and at most
	hungry           atomic.Bool  // a check was starved
	before           []resources  // of each host
	closers          []func()     // of stores other than the sim

	// Of the store, before its log was reset. The drive's own.
	mostInFlight int
	malformed    []onestoretest.Request

	mu       sync.Mutex
	checks   []Check
	breaches []string
	sorts    map[string]int // breaches by their format
	notes    map[string]int
	excused  map[int]bool // checks, by their id
	busy     bool         // for most of them the machine was too busy
	loose    bool         // some requests may have been counted, and handlers may have run, unseen
}

// secret is the canary among the credentials. It holds what must be escaped in a form.
const secret = "canary/secret+with=every&odd%char"

func newScene(t *testing.T, row *Row, adapter string) *Scene {
	s := &Scene{Adapter: adapter, t: t, row: row, ledger: newLedger(), sorts: map[string]int{}, notes: map[string]int{}, excused: map[int]bool{}}
	cfg := row.Sim
	cfg.ClientSecret = secret
	s.Sim = onestoretest.New(cfg)
	url, err := s.Sim.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Sim.Close() })
	if row.Front {
		s.Front = newFront(t, s.Sim)
		url = s.Front.URL
	}
	if row.Store != nil {
		url = row.Store(s)
	}
	args := []string{"-adapter", adapter, "-listen", "127.0.0.1:0", "-store", url, "-client-id", s.Sim.ClientID(),
		"-client-secret", secret, "-market", s.Sim.Market(),
		"-t-call", Call.String(), "-t-pos", Pos.String(), "-t-neg", Neg.String(), "-t-stale", Stale.String(),
		"-t-open", Open.String(), "-n-trip", fmt.Sprint(Trip), "-c-max", fmt.Sprint(Most), "-t-drain", Drain.String()}
	if row.Play {
		args = append(args, s.startPlay()...)
	}
	args = append(args, row.Flags...)
	if row.Redis != nil {
		args = append(args, "-redis", row.Redis(t, s))
	}
	for range row.Nodes {
		h, err := startHost(row.Env, args...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.stop(Drain + time.Second) })
		s.Nodes = append(s.Nodes, h)
	}
	s.Host = s.Nodes[0]
	s.client = &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 2000, MaxIdleConns: 2000, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(s.client.CloseIdleConnections)
	return s
}

// play drives the row and judges it.
func (s *Scene) play() {
	s.t.Helper()
	for _, h := range s.Nodes {
		for range 20 { // what a process allocates once is no leak
			if _, err := h.Ask("/free"); err != nil {
				s.t.Fatal(err)
			}
		}
		before, err := h.resources()
		if err != nil {
			s.t.Fatal(err)
		}
		s.before = append(s.before, before)
	}
	s.late = measureLateness(s.free)
	done := make(chan struct{})
	go func() { // a drive may give up where it stands
		defer close(done)
		s.row.Drive(s)
	}()
	<-done
	s.late.end()
	s.judge()
}

// report fails the test for every breach.
func (s *Scene) report() {
	s.t.Helper()
	for _, b := range s.breaches {
		s.t.Error(b)
	}
	if s.t.Failed() || len(s.breaches) > 0 {
		s.t.Logf("outcomes %s\n%s", show(s.transcript(true, nil)), tail(s.Host.Output()))
	}
}

// free asks for what needs no gate.
func (s *Scene) free() error {
	resp, err := s.client.Get("http://" + s.Host.Address + "/free")
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return err
}

// Errorf notes a breach; of many of one sort the first few.
func (s *Scene) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const most = 3
	if s.sorts[format]++; s.sorts[format] <= most {
		s.breaches = append(s.breaches, fmt.Sprintf(format, args...))
	}
}

// Fatalf notes a breach and ends the drive. Only the drive's own goroutine may call it.
func (s *Scene) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

// Cleanup registers what ends with the scene.
func (s *Scene) Cleanup(f func()) { s.t.Cleanup(f) }

// Loose says that clients leave before they are answered, or that the server answers by itself: what
// they did not see may be counted, and may have run.
func (s *Scene) Loose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loose = true
}

// transcript is what the adapters have to agree on: what occurred, or how often, but for yeses and doubts
// on the routes that are left out.
func (s *Scene) transcript(exact bool, without map[string]bool) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := map[string]int{}
	for _, c := range s.checks {
		switch {
		case c.Outcome == Gone: // whether a connection is closed before or behind an answer is chance
			continue
		case without[c.Key.Route.Path] && (c.Outcome == G || c.Outcome == U):
			continue
		}
		name := c.Key.Route.Path + " " + string(c.Outcome)
		if m[name]++; !exact {
			m[name] = 1
		}
	}
	for name, n := range s.notes {
		m[name] = n
	}
	if exact {
		m["look-ups"] = s.LookupCalls()
	}
	return m
}

// Note is something that has to be the same on all adapters.
func (s *Scene) Note(name string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes[name] = n
}

func show(m map[string]int) string {
	names := make([]string, 0, len(m))
	for name, n := range m {
		names = append(names, fmt.Sprintf("%s: %d", name, n))
	}
	slices.Sort(names)
	return "{" + strings.Join(names, ", ") + "}"
}

func tail(text string) string {
	const most = 2000
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}

// CloseFirst registers what closes the connections of a store other than the sim, before the host's
// are counted.
func (s *Scene) CloseFirst(f func()) {
	f = sync.OnceFunc(f)
	s.closers = append(s.closers, f)
	s.Cleanup(f)
}
