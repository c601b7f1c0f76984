package redeem_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/redeem"
)

// fault is what breaks at one step: its answer never comes, or the process dies; before the step
// happened, or after.
type fault struct {
	at    int // the step, counted over all attempts, 0 for the first
	after bool
	death bool
}

func (f fault) String() string {
	return fmt.Sprintf("step %d, after %v, death %v", f.at, f.after, f.death)
}

var errFault = errors.New("a fault of the test")

// script lets faults happen. A dead instance does nothing any more; what it still believes is of no matter.
type script struct {
	faults []fault
	steps  []string
	dead   map[*instance]bool
}

func (s *script) step(in *instance) func(name string, happen func() error) error {
	return func(name string, happen func() error) error {
		if s.dead[in] {
			return errFault
		}
		at := len(s.steps)
		s.steps = append(s.steps, name)
		for _, f := range s.faults {
			if f.at != at {
				continue
			}
			if f.after {
				_ = happen()
			}
			s.dead[in] = f.death
			return errFault
		}
		return happen()
	}
}

// play is a client that repeats its request until it is told of success, at one instance or at two in
// turn, each started anew when it died.
func play(t *testing.T, label string, instances int, faults ...fault) []string {
	t.Helper()
	w := newWorld()
	w.buy("t1", label)
	s := &script{faults: faults, dead: map[*instance]bool{}}
	game := make([]*instance, instances)
	start := func(i int) {
		game[i] = w.start(t)
		game[i].step = s.step(game[i])
	}
	for i := range game {
		start(i)
	}
	var id string
	for try := 0; ; try++ {
		if try == 20 {
			t.Fatalf("%v: the purchase is never delivered", faults)
		}
		in := game[try%instances]
		granted := len(w.granted)
		r, err := in.redeem("mina", "t1")
		if !s.dead[in] && err == nil {
			id = r.ID
			break
		}
		if len(w.granted) > granted && w.consumes != 1 {
			t.Errorf("%v: granted before it was consumed", faults)
		}
		if s.dead[in] {
			start(try % instances)
		}
		time.Sleep(lease + time.Second)
	}

	if w.consumes != 1 || len(w.granted) != 1 || w.granted[id] != 3 {
		t.Errorf("%v: consumed %d times, granted %v", faults, w.consumes, w.granted)
	}
	for i, run := range w.runs {
		if run.ID != id || run.Quantity != 3 || run.Account != "mina" || (i > 0) && !run.Resumed() {
			t.Errorf("%v: run %d of the handler: %+v", faults, i+1, run)
		}
	}
	runs := len(w.runs)
	if again, err := w.start(t).redeem("mina", "t1"); err != nil || again.ID != id {
		t.Errorf("%v: once more: %+v, %v", faults, again, err)
	}
	if _, err := w.start(t).redeem("mallory", "t1"); err == nil {
		t.Errorf("%v: a stranger redeemed it", faults)
	}
	// Only a success that could not be recorded, and then only that, makes the handler run after it.
	if e := w.entry(t, "t1"); e.State == redeem.Completed && len(w.runs) != runs {
		t.Errorf("%v: the handler ran after the completion was recorded", faults)
	}
	return s.steps
}

// The steps of an attempt in which nothing breaks. The enumeration rests on them: a step that somebody adds
// shows here first.
var steps = []string{"read", "look up", "write", "consume", "write", "handler", "write"}

func TestOnePurchaseOneGrantWhateverBreaksWhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := play(t, "mina", 1); !slices.Equal(got, steps) {
			t.Fatalf("the steps are %s", strings.Join(got, ", "))
		}
	})
	for first := range steps {
		for _, f := range faultsAt(first) {
			t.Run(fmt.Sprintf("%s: %v", steps[first], f), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					play(t, "", 1, f) // bound through the registry: the same steps
					for instances := 1; instances <= 2; instances++ {
						taken := len(play(t, "mina", instances, f))
						// Every second fault in what that led to; two more steps for what the second leads to.
						for second := first + 1; second < taken+2; second++ {
							for _, g := range faultsAt(second) {
								play(t, "mina", instances, f, g)
							}
						}
					}
				})
			})
		}
	}
}

func faultsAt(step int) []fault {
	return []fault{{at: step}, {at: step, after: true}, {at: step, death: true}, {at: step, after: true, death: true}}
}
