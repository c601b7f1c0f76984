package wire

// Selection is which requests a fault meets.
type Selection struct {
	Op, Token string // empty: any
	Every     int    // each Nth of these, beginning with the Nth; 0 and 1: each
	Times     int    // how many are met at most; 0: no end
}

// Script is what a test wants to go wrong, F being a store's own fault. Its owner holds the lock.
type Script[F any] struct {
	faults []*scripted[F]
	down   *F
}

// scripted is a fault at work.
type scripted[F any] struct {
	Selection
	fault     F
	seen, met int
}

// Add adds a fault behind those that are there.
func (x *Script[F]) Add(s Selection, f F) {
	x.faults = append(x.faults, &scripted[F]{Selection: s, fault: f})
}

// Clear forgets every fault that was added.
func (x *Script[F]) Clear() { x.faults = nil }

// Down makes every request meet f, before any other fault; nil ends that.
func (x *Script[F]) Down(f *F) { x.down = f }

// Meet picks what happens to a request: the first fault that selects it and is not over, or the zero one.
func (x *Script[F]) Meet(op, token string) (none F) {
	if x.down != nil {
		return *x.down
	}
	for _, f := range x.faults {
		if f.Op != "" && f.Op != op || f.Token != "" && f.Token != token || f.Times > 0 && f.met == f.Times {
			continue
		}
		if f.seen++; f.Every > 1 && f.seen%f.Every != 0 {
			continue
		}
		f.met++
		return f.fault
	}
	return none
}
