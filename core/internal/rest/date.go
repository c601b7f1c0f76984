package rest

import (
	"net/http"
	"time"
)

// Date is the store's own clock when it answered, in UTC; zero if the answer does not say, or says
// nothing plausible.
func (a *Answer) Date() time.Time {
	t, err := http.ParseTime(a.Header.Get("Date"))
	if ms := t.UnixMilli(); err != nil || ms <= 0 || ms >= endOfTime {
		return time.Time{}
	}
	return t.UTC()
}
