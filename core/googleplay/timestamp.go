package googleplay

import (
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

// timestamp reads a time as RFC 3339 writes it, after 1970 and before the year 2200. Absent, null and
// "" give the zero time; anything else is a fault. The result is in UTC.
func timestamp(o *rest.Object, name string) time.Time {
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

// endOfTime is the year 2200 in milliseconds since 1970.
const endOfTime = 7_258_118_400_000
