package onestoretest

import (
	"net/url"
	"strconv"
	"time"
)

// maxPage is the most that maxResults may ask for, and its default. The list of voided purchases
// documents the default and a size of three digits only.
const maxPage = 100

// maxKey is the documented size of a continuationKey.
const maxKey = 41

// pageQuery is the query of a list.
type pageQuery struct {
	start, end time.Time // zero when not given
	max        int
	after      *cursor // nil: the first page
}

// window is what a list selects, both ends inside.
type window struct{ start, end time.Time }

// monthBefore is how long a month is, which the document does not say: a calendar month of the market.
func (s *Store) monthBefore(t time.Time) time.Time { return t.In(s.zone()).AddDate(0, -1, 0) }

// inspectPage reads the query of a list. What the store's clock decides is left to resolve.
func (s *Store) inspectPage(c *call) verdict {
	query, err := url.ParseQuery(c.query)
	if err != nil {
		return verdict{standardError("BadRequest"), "the query is not percent-encoded"}
	}
	invalid := func(name, why string) verdict {
		return verdict{standardError("InvalidRequest", name), "the " + name + " " + why}
	}
	c.page.max = maxPage
	known := 0
	for _, name := range []string{"startTime", "endTime", "maxResults", "continuationKey"} {
		values, ok := query[name]
		if !ok {
			continue
		}
		known++
		if len(values) > 1 {
			return invalid(name, "is given twice")
		}
		switch name {
		case "startTime":
			c.page.start, ok = parseMillis(values[0])
		case "endTime":
			c.page.end, ok = parseMillis(values[0])
		case "maxResults":
			c.page.max, err = strconv.Atoi(values[0])
			ok = err == nil && c.page.max >= 1 && c.page.max <= maxPage
		case "continuationKey":
			ok = values[0] != "" && len(values[0]) <= maxKey
		}
		if !ok {
			return invalid(name, "is not of the documented form")
		}
	}
	if known < len(query) {
		return verdict{standardError("BadRequest"), "the query holds a name that the endpoint does not take"}
	}
	if key := query.Get("continuationKey"); key != "" {
		after, ok := s.openKey(c.op(), key)
		if !ok { // perhaps a key that a test's own Answer gave
			return verdict{refusal: standardError("InvalidRequest", "continuationKey")}
		}
		c.page.after = after
	}
	return s.inspectWindow(&c.page, invalid)
}

func (s *Store) inspectWindow(q *pageQuery, invalid func(name, why string) verdict) verdict {
	switch after := q.after; {
	case !q.start.IsZero() && !q.end.IsZero() && q.start.After(q.end):
		return invalid("startTime", "is later than the endTime")
	case !q.start.IsZero() && !q.end.IsZero() && q.start.Before(s.monthBefore(q.end)):
		return invalid("startTime", "is more than a month before the endTime")
	case after != nil && !q.start.IsZero() && !q.start.Equal(after.start):
		return invalid("startTime", "is not that of the page before")
	case after != nil && !q.end.IsZero() && !q.end.Equal(after.end):
		return invalid("endTime", "is not that of the page before")
	default:
		return verdict{}
	}
}

// parseMillis reads a time of at most 13 digits.
func parseMillis(text string) (time.Time, bool) {
	ms, err := strconv.ParseUint(text, 10, 63)
	return time.UnixMilli(int64(ms)), err == nil && len(text) <= 13
}

// resolve is the window of a page, or the refusal of one that is not within the last month. A page
// that a continuationKey asks for has the window of the page before, whether it is sent again or not.
//
// Spec: 003_cae853c17ba7f40e.txt, "getVoidedPurchases".
func (s *Store) resolve(q pageQuery, now time.Time) (window, *answer) {
	if q.after != nil {
		return q.after.window, nil
	}
	month := s.monthBefore(now)
	switch {
	case q.end.After(now):
		return window{}, standardError("InvalidRequest", "endTime")
	case !q.start.IsZero() && (q.start.After(now) || q.start.Before(month)):
		return window{}, standardError("InvalidRequest", "startTime")
	case !q.end.IsZero() && q.end.Before(month):
		return window{}, standardError("InvalidRequest", "endTime")
	case q.end.IsZero() && q.start.IsZero():
		return window{month, now}, nil
	case q.end.IsZero(): // a month after a start within the last month is not before now
		return window{q.start, now}, nil
	case q.start.IsZero():
		return window{s.monthBefore(q.end), q.end}, nil
	default:
		return window{q.start, q.end}, nil
	}
}
