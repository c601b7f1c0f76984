package faultmatrix

import (
	"maps"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// Adapters are the test host's.
var Adapters = []string{"nethttp", "gin", "fiber"}

// Knobs of the matrix and the values that it is tested with.
const (
	Call  = 300 * time.Millisecond // budget of one decision
	Pos   = 2 * time.Second        // fresh life of a yes
	Neg   = 200 * time.Millisecond // life of a no
	Stale = 3 * time.Second        // how long a yes is used beyond that while the store cannot answer
	Open  = 500 * time.Millisecond // pause of the breaker
	Trip  = 5                      // failures in a row that open it
	Most  = 16                     // store calls at once
	Drain = 2 * time.Second        // most that a graceful stop takes
)

// Row is one row of the matrix, or a part of it.
type Row struct {
	// Flags are given to the host after the usual ones, Env to its environment.
	Flags, Env []string
	// Call, Pos, Neg and Stale are set where Flags changes the knob of that name.
	Call, Pos, Neg, Stale time.Duration
	// Sim is what the store is like. Front puts a Front before it. Store is the base URL where the
	// host does not ask the sim at all.
	Sim   onestoretest.Config
	Front bool
	Store func(s *Scene) string
	// Play gives the host a Google Play beside the sim.
	Play bool
	// Nodes is how many hosts there are. Default: 1. Redis starts what they share, and returns its URL.
	Nodes int
	Redis func(t testing.TB, s *Scene) string
	// Patience is how much longer than usual the gate may be undetermined after a trouble.
	Patience time.Duration
	// InFlight is the most requests at once that the store may see. Default: the bulkhead's, and one
	// for the access token.
	InFlight int
	// Exact says that the counts of outcomes and of store calls are the same on all adapters, not
	// only the kinds of outcomes. Apart says that even those hang on timing.
	Exact, Apart bool
	// Stops says that the drive itself stops the host.
	Stops bool

	Drive func(s *Scene)
}

// numbered is what the name of a test begins with that runs a row.
var numbered = regexp.MustCompile(`^TestRow[0-9]+[A-Z]`)

// attempts are how often a row is played at most for which the machine is too busy.
const attempts = 3

// Run drives the row on all adapters at once.
func Run(t *testing.T, row Row) {
	if !numbered.MatchString(t.Name()) {
		t.Fatalf("the name of %s does not begin with the number of a row", t.Name())
	}
	row.Call, row.Pos, row.Neg, row.Stale = or(row.Call, Call), or(row.Pos, Pos), or(row.Neg, Neg), or(row.Stale, Stale)
	row.Nodes = or(row.Nodes, 1)
	row.InFlight = or(row.InFlight, row.Nodes*(Most+1))
	if row.Sim.Environment == 0 {
		row.Sim.Environment = onestoretest.Commercial
	}
	scenes := make([]*Scene, len(Adapters))
	var wg sync.WaitGroup
	for i, adapter := range Adapters {
		wg.Go(func() {
			t.Run(adapter, func(t *testing.T) {
				for range attempts {
					scenes[i] = newScene(t, &row, adapter)
					if scenes[i].play(); !scenes[i].busy {
						break
					}
				}
				scenes[i].report()
			})
		})
	}
	wg.Wait()
	for _, s := range scenes {
		if s == nil || len(s.breaches) > 0 {
			return
		}
	}
	if row.Apart {
		return
	}
	if what := row.compare(scenes); what != "" {
		t.Error("I10: " + what)
	}
}

// compare is I10. Where the machine starved checks, chance says how many came to what, and whether those
// on a route with doubts were yeses or doubts.
func (r *Row) compare(scenes []*Scene) string {
	hungry := slices.ContainsFunc(scenes, (*Scene).Starved)
	doubted := map[string]bool{}
	if hungry {
		for _, s := range scenes {
			for _, c := range s.checks {
				if c.Outcome == U {
					doubted[c.Key.Route.Path] = true
				}
			}
		}
	}
	first := scenes[0].transcript(r.Exact && !hungry, doubted)
	for _, s := range scenes[1:] {
		if other := s.transcript(r.Exact && !hungry, doubted); !maps.Equal(first, other) {
			return "the adapters differ: " + scenes[0].Adapter + " " + show(first) + ", " + s.Adapter + " " + show(other)
		}
	}
	return ""
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
