package onestore

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Window is the span of time that a list is asked about, by the store's clock. The zero Window is
// everything that the store still tells: the last 28 days, less an hour for the reading of it.
type Window struct {
	// Start is the first instant; zero: 28 days ago, less an hour. One that is older than 28 days is
	// refused: a list that left out its beginning would look whole. One that lies in the future, as a
	// local clock that is ahead makes it, counts as a minute before End.
	Start time.Time
	// End is the last instant. Zero, or in the future: now. "Now" is half a second before the store's own
	// time as its answers show it, so that the store does not find it in the future; 5 s before, once it
	// did so nevertheless; and 5 s before the local time if its answers show none.
	End time.Time
	// PageSize is how many rows are asked for at once, 1 to 100; 0: 100. It changes no result.
	PageSize int
}

// The document's "1 month" has 28 days at least.
//
// Spec: 003_cae853c17ba7f40e.txt, "getVoidedPurchases", "getUnconfirmedPurchases".
const (
	maxWindow   = 28 * 24 * time.Hour
	maxPageSize = 100

	readingTime    = time.Hour // in which the start of the longest window must not grow too old
	shortestWindow = time.Minute
	shortLag       = 500 * time.Millisecond
	longLag        = 5 * time.Second
)

// check says what can never be right about w.
func (w Window) check(now time.Time) (argument string, err error) {
	switch {
	case w.PageSize < 0 || w.PageSize > maxPageSize:
		return "Window.PageSize", fmt.Errorf("is %d; want 1 to %d, or 0 for %d", w.PageSize, maxPageSize, maxPageSize)
	case !w.Start.IsZero() && now.Sub(w.Start) > maxWindow:
		return "Window.Start", fmt.Errorf("is %v ago; want 672h (28 days) at most", now.Sub(w.Start).Truncate(time.Minute))
	case !w.End.IsZero() && now.Sub(w.End) > maxWindow:
		return "Window.End", fmt.Errorf("is %v ago; want 672h (28 days) at most", now.Sub(w.End).Truncate(time.Minute))
	case !w.Start.IsZero() && !w.End.IsZero() && !w.Start.Before(w.End):
		return "Window.Start", errors.New("is not before Window.End")
	}
	return "", nil
}

// at gives both ends, which are always sent: left alone, either means a month that may reach into the future.
func (w Window) at(now time.Time, lag time.Duration) (start, end time.Time) {
	if end = now.Add(-lag); !w.End.IsZero() && w.End.Before(end) {
		end = w.End
	}
	if start = w.Start; start.IsZero() {
		start = now.Add(readingTime - maxWindow)
	}
	if !start.Before(end) {
		start = end.Add(-shortestWindow)
	}
	return start, end
}

// query is the query of the first page.
func (c *Client) query(w Window) url.Values {
	now, known := c.clock.Now()
	lag := shortLag
	if !known || c.refusedWindow.Load() {
		lag = longLag
	}
	start, end := w.at(now, lag)
	return url.Values{
		"startTime":  {strconv.FormatInt(start.UnixMilli(), 10)},
		"endTime":    {strconv.FormatInt(end.UnixMilli(), 10)},
		"maxResults": {strconv.Itoa(cmp.Or(w.PageSize, maxPageSize))},
	}
}
