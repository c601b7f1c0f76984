package status

import (
	"fmt"
	"strconv"
	"time"
)

// clock is a time of the day.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// stamp is a time with its date.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// ago is how long before now a time was.
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return "never"
	case d < time.Second:
		return "just now"
	default:
		return span(d) + " ago"
	}
}

// span is a duration in two digits or so. It is not negative.
func span(d time.Duration) string {
	whole := func(n time.Duration, unit string, rest time.Duration, small string) string {
		if rest == 0 || n >= 10 {
			return fmt.Sprintf("%d %s", n, unit)
		}
		return fmt.Sprintf("%d %s %d %s", n, unit, rest, small)
	}
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second && d%time.Second >= 100*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return whole(d/time.Minute, "min", d%time.Minute/time.Second, "s")
	case d < day:
		return whole(d/time.Hour, "h", d%time.Hour/time.Minute, "min")
	default:
		return whole(d/day, "d", d%day/time.Hour, "h")
	}
}

// number groups digits by three.
func number(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// share is n of all as a percentage.
func share(n, all uint64) string {
	if all == 0 {
		return "–"
	}
	return percent(float64(n) / float64(all))
}

// percent shows a part of 1. What is nearly nothing or nearly all is not rounded to it.
func percent(part float64) string {
	switch p := 100 * part; {
	case p > 0 && p < 0.1:
		return "<0.1 %"
	case p > 99.9 && p < 100:
		return ">99.9 %"
	case p == 0 || p == 100:
		return fmt.Sprintf("%.0f %%", p)
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

// rate is how many there were a second.
func rate(n uint64, in time.Duration) string {
	if in <= 0 {
		return "–"
	}
	switch r := float64(n) / in.Seconds(); {
	case n == 0:
		return "0"
	case r < 0.1:
		return "<0.1"
	case r < 100:
		return fmt.Sprintf("%.1f", r)
	default:
		return number(uint64(r))
	}
}
