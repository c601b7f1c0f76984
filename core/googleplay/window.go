package googleplay

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Window is the span of time that the list is asked about, by when Google recorded a void. Its limits
// are taken by the store's own clock, as soon as an answer showed it.
type Window struct {
	// Start is the first instant; zero: 30 days ago. One that is older is refused: a list that left
	// out its beginning would look whole. One that lies in the future, as a local clock that is ahead
	// makes it, counts as a minute ago.
	Start time.Time
	// End is the last instant; zero, less than a minute ago or in the future: now.
	End time.Time
}

const (
	windowLimit = 30 * 24 * time.Hour // how far back the list goes
	nearby      = time.Minute         // by which clocks may differ: at either end Google's default is as good
)

// maxVoided is the largest page, and the default one.
const maxVoided = 1000

// check says what can never be right about w.
func (w Window) check(now time.Time) error {
	switch {
	case !w.Start.IsZero() && now.Sub(w.Start) > windowLimit:
		return fmt.Errorf("the window begins %v ago; want 720h (30 days) at most", now.Sub(w.Start).Truncate(time.Minute))
	case !w.Start.IsZero() && !w.End.IsZero() && !w.Start.Before(w.End):
		return errors.New("the window does not begin before it ends")
	}
	return nil
}

// query is the query of the first page.
func (w Window) query(now time.Time) url.Values {
	q := url.Values{
		"type":                              {"1"}, // subscriptions too
		"includeQuantityBasedPartialRefund": {"true"},
		"maxResults":                        {strconv.Itoa(maxVoided)},
	}
	start, end := w.Start, w.End
	if start.After(now) {
		start = now.Add(-nearby)
	}
	if !start.IsZero() && now.Sub(start) < windowLimit-nearby {
		q.Set("startTime", strconv.FormatInt(start.UnixMilli(), 10))
	}
	if !end.IsZero() && now.Sub(end) > nearby {
		q.Set("endTime", strconv.FormatInt(end.UnixMilli(), 10))
	}
	return q
}
