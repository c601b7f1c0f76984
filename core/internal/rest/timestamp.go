package rest

import "time"

// Timestamp reads a time as RFC 3339 writes it, after 1970 and before the year 2200. Absent, null and
// "" give the zero time. The result is in UTC.
func (o *Object) Timestamp(name string) time.Time {
	text := o.Text(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if ms := t.UnixMilli(); err != nil || ms <= 0 || ms >= endOfTime {
		o.Fault(name, "is not a plausible time")
		return time.Time{}
	}
	return t.UTC()
}
