package googleplaytest

import "time"

// Request is what the store remembers of a request. It never holds an assertion nor an
// access token.
type Request struct {
	At     time.Time // the store's time
	Op     Op        // empty for a path that is no endpoint
	Method string
	Path   string // as it was escaped, without the query
	Query  string
	Token  string // the purchase token in the path
	Body   string // the JSON body, empty for the token endpoint
	// Status is the status of the answer, 0 while or because there was none.
	Status int
	// Malformed says what was wrong with the form of the request; empty if nothing was.
	Malformed string
}

// keptRequests is how many requests are remembered at least; counts are exact beyond that.
const keptRequests = 1 << 14

// log is what the store observed since it was made or last reset. Its owner holds the lock.
type log struct {
	entries     []*Request
	malformed   []*Request
	byOp        map[Op]int
	lookups     map[string]int // by purchase token
	named       map[string]int // by purchase token, of all endpoints; selects the unkindness, not reset
	inFlight    int
	maxInFlight int
}

func (l *log) reset() {
	l.entries, l.malformed = nil, nil
	l.byOp, l.lookups = make(map[Op]int), make(map[string]int)
	l.maxInFlight = l.inFlight
	if l.named == nil {
		l.named = make(map[string]int)
	}
}

// arrive records a request, and tells it how often its token was named before.
func (l *log) arrive(c *call, v verdict, at time.Time) *Request {
	r := &Request{
		At: at, Op: c.op(), Method: c.method, Path: c.path, Query: c.query, Token: c.token, Malformed: v.malformed,
	}
	if c.route != nil && c.route.body {
		r.Body = string(c.body)
	}
	if len(l.entries) >= 2*keptRequests {
		l.entries = append(l.entries[:0:0], l.entries[keptRequests:]...)
	}
	l.entries = append(l.entries, r)
	if r.Malformed != "" && len(l.malformed) < keptRequests {
		l.malformed = append(l.malformed, r)
	}
	l.byOp[r.Op]++
	if c.route != nil && c.token != "" && c.route.method == "GET" {
		l.lookups[c.token]++
	}
	c.nth = l.named[c.token]
	l.named[c.token]++
	l.inFlight++
	l.maxInFlight = max(l.maxInFlight, l.inFlight)
	return r
}

// Requests are the requests since the last ResetLog, in the order in which they arrived; of very
// many the last ones.
func (s *Store) Requests() []Request { return s.copies(func(l *log) []*Request { return l.entries }) }

// Malformed are the requests that a well-behaved client does not send, since the last ResetLog.
func (s *Store) Malformed() []Request {
	return s.copies(func(l *log) []*Request { return l.malformed })
}

func (s *Store) copies(which func(*log) []*Request) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := which(&s.log)
	out := make([]Request, len(entries))
	for i, e := range entries {
		out[i] = *e
	}
	return out
}

// Count is how many requests an endpoint got since the last ResetLog.
func (s *Store) Count(op Op) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.byOp[op]
}

// TokenCalls is how many access tokens were asked for since the last ResetLog.
func (s *Store) TokenCalls() int { return s.Count(OpAccessToken) }

// Lookups is how often the purchase token was looked up since the last ResetLog, as any kind.
func (s *Store) Lookups(token string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.lookups[token]
}

// MaxInFlight is the most requests that were under way at once since the last ResetLog.
func (s *Store) MaxInFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.maxInFlight
}

// ResetLog forgets the requests and their counts. Purchases, access tokens, faults and the clock
// stay.
func (s *Store) ResetLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.reset()
}
