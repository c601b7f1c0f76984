package googleplaytest

import "time"

// Fault is something that goes wrong with some requests. The zero Fault meets every request and
// changes nothing.
type Fault struct {
	// Op selects the requests of one endpoint. Empty: all requests.
	Op Op
	// Token selects the requests that name this purchase token. Empty: all.
	Token string
	// Every selects each Nth of the selected requests, beginning with the Nth. 0 and 1: each.
	Every int
	// Times is how many requests are met; then the fault is over. 0: it lasts until Clear.
	Times int

	// Delay passes, on a timer, before anything else happens. It ends early when the client leaves.
	Delay time.Duration
	// Effect is what happens then. Zero: the request is answered as usual.
	Effect Effect
}

// scripted is a fault at work.
type scripted struct {
	Fault
	seen, met int
}

// script is what the test wants to go wrong. Its owner holds the lock.
type script struct {
	faults []*scripted
	down   bool
}

// Fail scripts faults. A request meets at most one: the first in the order of scripting that
// selects it and is not over.
func (s *Store) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.script.faults = append(s.script.faults, &scripted{Fault: f})
	}
}

// Clear forgets every scripted fault. Requests that a fault holds on to stay held.
func (s *Store) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script.faults = nil
}

// Down makes every request be answered with 503, before any fault, until it is
// called with false.
func (s *Store) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script.down = down
}

// meet picks what happens to a request.
func (x *script) meet(c *call) Fault {
	if x.down {
		return Fault{Effect: Unavailable("")}
	}
	for _, f := range x.faults {
		if f.Op != "" && f.Op != c.op() || f.Token != "" && f.Token != c.token || f.Times > 0 && f.met == f.Times {
			continue
		}
		if f.seen++; f.Every > 1 && f.seen%f.Every != 0 {
			continue
		}
		f.met++
		return f.Fault
	}
	return Fault{}
}
