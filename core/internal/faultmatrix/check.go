package faultmatrix

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Outcome is what a request came to, as a client sees it.
type Outcome string

// The outcomes.
const (
	G    Outcome = "G"    // 200 PREMIUM
	D    Outcome = "D"    // 403, the product is not owned
	B    Outcome = "B"    // 400, the token is missing or malformed; 431 where the server reads no such header
	N    Outcome = "N"    // 401, the request names no account
	L    Outcome = "L"    // 429, too many unknown tokens
	U    Outcome = "U"    // 503 with a Retry-After
	P    Outcome = "P"    // 500, the handler panicked
	Gone Outcome = "gone" // no answer: the client left, or the server was stopped
	Odd  Outcome = "odd"  // anything else
)

// Check is one request at a gated route with its answer.
type Check struct {
	Key        Key
	Start, End time.Time
	Outcome    Outcome
	Status     int
	Reason     string // of the problem in the body, or X-Reason
	Source     string
	ExpiresAt  time.Time
	RetryAfter time.Duration
	Body       string
	Header     http.Header
	// Counted is whether the gate must have counted it: not if the server answered itself, or nobody
	// knows what became of it.
	Counted bool
	// Budget is what the answer may take; zero if nobody waited for it in full.
	Budget time.Duration

	id int // in the log of the scene
}

// read makes a check of an answer.
func (c *Check) read(status int, header http.Header, body string) {
	c.Status, c.Header, c.Body = status, header, body
	c.Source, c.Reason = header.Get("X-Source"), header.Get("X-Reason")
	if at := header.Get("X-Expires-At"); at != "" {
		c.ExpiresAt, _ = time.Parse(time.RFC3339, at)
	}
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		c.RetryAfter = time.Duration(seconds) * time.Second
	}
	isProblem := strings.HasPrefix(header.Get("Content-Type"), "application/problem+json")
	if isProblem {
		var problem struct{ Reason string }
		_ = json.Unmarshal([]byte(body), &problem)
		c.Reason = problem.Reason
	}
	c.Counted = isProblem || status == http.StatusOK || status == http.StatusInternalServerError
	c.Outcome = Odd
	switch {
	case status == http.StatusOK && body == "PREMIUM":
		c.Outcome = G
	case status == http.StatusForbidden && isProblem:
		c.Outcome = D
	case status == http.StatusBadRequest, status == http.StatusRequestHeaderFieldsTooLarge:
		c.Outcome = B
	case status == http.StatusUnauthorized && isProblem:
		c.Outcome = N
	case status == http.StatusTooManyRequests && isProblem:
		c.Outcome = L
	case status == http.StatusServiceUnavailable && isProblem && c.RetryAfter >= time.Second:
		c.Outcome = U
	case status == http.StatusInternalServerError:
		c.Outcome = P
	}
}

// Tally is how often each outcome occurs.
func Tally(checks []Check) map[Outcome]int {
	n := map[Outcome]int{}
	for _, c := range checks {
		n[c.Outcome]++
	}
	return n
}
