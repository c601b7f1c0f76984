package onestoretest

import (
	"net/http"
	"time"

	"github.com/skugate/skugate/core/internal/wire"
)

// Request is what the store remembers of a request. It never holds the client secret nor an access
// token.
type Request struct {
	At     time.Time // the store's time
	Op     Op        // empty for a path that is no endpoint
	Method string
	Path   string // as it was escaped, without the query
	Query  string // as it arrived, of a list; empty for every other endpoint
	Token  string // the purchase token in the path
	Market string // the x-market-code
	Body   string // the JSON body, empty for the token endpoint
	// Status is the status of the answer, 0 while or because there was none.
	Status int
	// Malformed says what was wrong with the form of the request; empty if nothing was.
	Malformed string
}

// arrive records a request, and tells it how often its subject was named before. Its caller holds the lock.
func (s *Store) arrive(c *call, v verdict, at time.Time) *Request {
	r := &Request{
		At: at, Op: c.op(), Method: c.method, Path: c.path, Token: c.token,
		Market: c.header.Get("X-Market-Code"), Malformed: v.malformed,
	}
	if c.route != nil && c.route.body != nil {
		r.Body = string(c.body)
	}
	if c.route != nil && c.route.list {
		r.Query = c.query
	}
	a := wire.Arrival{Op: string(r.Op), Subject: c.subject, Malformed: r.Malformed != ""}
	if c.route != nil && c.route.method == http.MethodGet {
		a.Lookup = c.token
	}
	c.nth = s.log.Arrive(r, a)
	return r
}

// Requests are the requests since the last ResetLog, in the order in which they arrived; of very
// many the last ones.
func (s *Store) Requests() []Request { return observed(s, (*wire.Log[Request]).Entries) }

// Malformed are the requests that a well-behaved client does not send, since the last ResetLog.
func (s *Store) Malformed() []Request { return observed(s, (*wire.Log[Request]).Malformed) }

// observed reads the log.
func observed[T any](s *Store, what func(*wire.Log[Request]) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return what(&s.log)
}

// Count is how many requests an endpoint got since the last ResetLog.
func (s *Store) Count(op Op) int {
	return observed(s, func(l *wire.Log[Request]) int { return l.Count(string(op)) })
}

// TokenCalls is how many access tokens were asked for since the last ResetLog.
func (s *Store) TokenCalls() int { return s.Count(OpAccessToken) }

// Lookups is how often the purchase token was looked up since the last ResetLog, as any kind.
func (s *Store) Lookups(token string) int {
	return observed(s, func(l *wire.Log[Request]) int { return l.Lookups(token) })
}

// InFlight is how many requests are under way now.
func (s *Store) InFlight() int { return observed(s, (*wire.Log[Request]).InFlight) }

// MaxInFlight is the most requests that were under way at once since the last ResetLog.
func (s *Store) MaxInFlight() int { return observed(s, (*wire.Log[Request]).MaxInFlight) }

// ResetLog forgets the requests and their counts. Purchases, access tokens, faults and the clock
// stay.
func (s *Store) ResetLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.Reset()
}
