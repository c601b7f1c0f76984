package wire

// kept is how many requests are remembered at least; counts are exact beyond that.
const kept = 1 << 14

// Log is what a store observed since it was made or last reset, R being its own record of a request. Its
// owner holds the lock. Reset makes one ready.
type Log[R any] struct {
	entries     []*R
	malformed   []*R
	byOp        map[string]int
	lookups     map[string]int // by purchase token
	named       map[string]int // by subject, not reset
	inFlight    int
	maxInFlight int
}

// Arrival is what the log counts of a request.
type Arrival struct {
	Op string
	// Lookup is the purchase token that is looked up, empty if none is. Subject is what the unkindness goes by.
	Lookup, Subject string
	Malformed       bool
}

// Reset forgets the requests and their counts, but for those under way and how often a subject was named.
func (l *Log[R]) Reset() {
	l.entries, l.malformed = nil, nil
	l.byOp, l.lookups = make(map[string]int), make(map[string]int)
	l.maxInFlight = l.inFlight
	if l.named == nil {
		l.named = make(map[string]int)
	}
}

// Arrive records a request that begins, and returns how often its subject was named before.
func (l *Log[R]) Arrive(r *R, a Arrival) (nth int) {
	if len(l.entries) >= 2*kept {
		l.entries = append(l.entries[:0:0], l.entries[kept:]...)
	}
	l.entries = append(l.entries, r)
	if a.Malformed && len(l.malformed) < kept {
		l.malformed = append(l.malformed, r)
	}
	l.byOp[a.Op]++
	if a.Lookup != "" {
		l.lookups[a.Lookup]++
	}
	nth = l.named[a.Subject]
	l.named[a.Subject]++
	l.inFlight++
	l.maxInFlight = max(l.maxInFlight, l.inFlight)
	return nth
}

// Leave says that a request is over.
func (l *Log[R]) Leave() { l.inFlight-- }

// Entries are copies of the requests, of very many the last ones.
func (l *Log[R]) Entries() []R { return copies(l.entries) }

// Malformed are copies of the malformed requests, of very many the first ones.
func (l *Log[R]) Malformed() []R { return copies(l.malformed) }

func copies[R any](entries []*R) []R {
	out := make([]R, len(entries))
	for i, e := range entries {
		out[i] = *e
	}
	return out
}

// Count is how many requests an endpoint got.
func (l *Log[R]) Count(op string) int { return l.byOp[op] }

// Lookups is how often a purchase token was looked up.
func (l *Log[R]) Lookups(token string) int { return l.lookups[token] }

// InFlight is how many requests are under way.
func (l *Log[R]) InFlight() int { return l.inFlight }

// MaxInFlight is how many requests were under way at once.
func (l *Log[R]) MaxInFlight() int { return l.maxInFlight }
