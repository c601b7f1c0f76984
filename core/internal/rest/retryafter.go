package rest

import (
	"net/http"
	"strings"
	"time"
)

// MaxRetryAfter is the longest time that a store can ask us to stay away: a slip in one header must
// not keep players out for longer than somebody needs to look.
const MaxRetryAfter = time.Minute

// RetryAfter is the answer's Retry-After, measured by the store's own clock where it said.
func (a *Answer) RetryAfter() time.Duration {
	now := a.Date()
	if now.IsZero() {
		now = time.Now()
	}
	return ParseRetryAfter(a.Header.Get("Retry-After"), now)
}

// ParseRetryAfter reads the value of a Retry-After header, a number of seconds or an HTTP date after
// now. More than MaxRetryAfter counts as MaxRetryAfter; what is absent, malformed, negative or past
// as 0.
func ParseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds := time.Duration(0)
		for _, digit := range value {
			seconds = seconds*10 + time.Duration(digit-'0')
			if seconds*time.Second >= MaxRetryAfter {
				return MaxRetryAfter
			}
		}
		return seconds * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), MaxRetryAfter)
}
