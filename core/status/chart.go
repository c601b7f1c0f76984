package status

import (
	"fmt"
	"strconv"
	"time"
)

// Charts are drawn on this many units, and stretched to the room that there is. Words stand around them.
const (
	chartWidth  = 600.0
	chartHeight = 100.0
)

// chart is an SVG of rectangles.
type chart struct {
	Rects []rect
	Text  string // what it shows, in words
	Peak  string // what the full height stands for
}

// rect is a rectangle of a class of the style, in units.
type rect struct{ Class, X, Y, Width, Height string }

// figure is a chart with its place on the page.
type figure struct {
	ID, Class, Title string
	Chart            chart
}

func newFigure(id, class, title string, c chart) figure { return figure{id, class, title, c} }

func (c *chart) add(class string, x, y, width, height float64) {
	if height <= 0 || width <= 0 {
		return
	}
	c.Rects = append(c.Rects, rect{class, unit(x), unit(y), unit(width), unit(height)})
}

func unit(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// trafficChart stacks the outcomes of each interval, as rates.
func trafficChart(r *Report) chart {
	perSecond := func(n uint64, i *Interval) float64 { return float64(n) / max(i.To.Sub(i.From).Seconds(), 1e-3) }
	peak := 0.0
	for i := range r.Intervals {
		peak = max(peak, perSecond(r.Intervals[i].Decisions(), &r.Intervals[i]))
	}
	c := chart{Peak: fmt.Sprintf("%.1f", peak), Text: fmt.Sprintf("Decisions a second from %s to %s: %s granted, %s denied, %s undetermined; at most %.1f a second.",
		clock(r.From), clock(r.At), number(r.Granted), number(r.Denied), number(r.Undetermined), peak)}
	for i := range r.Intervals {
		v := &r.Intervals[i]
		x, width := r.place(v.From, v.To)
		y := chartHeight
		for _, part := range []struct {
			class string
			n     uint64
		}{{"granted", v.Granted}, {"denied", v.Denied}, {"undetermined", v.Undetermined}} {
			if part.n == 0 {
				continue
			}
			height := chartHeight * perSecond(part.n, v) / peak
			y -= height
			c.add(part.class, x, y, gap(width), height)
		}
	}
	return c
}

// place is where a time lies on the chart.
func (r *Report) place(from, to time.Time) (x, width float64) {
	all := max(windowOf(r).Seconds(), 1e-3)
	x = chartWidth * from.Sub(r.From).Seconds() / all
	return x, chartWidth * to.Sub(from).Seconds() / all
}

// gap leaves some room to the next bar.
func gap(width float64) float64 {
	if width > 3 {
		return width - 1
	}
	return width
}

// timelineChart shows the states of a breaker. The worse a state, the higher it stands.
func timelineChart(r *Report, s *Store) chart {
	heights := map[string]float64{"closed": 25, "half-open": 60, "open": 100, "unknown": 10}
	c := chart{Text: fmt.Sprintf("The breaker of %s from %s to %s: ", s.Store, clock(r.From), clock(r.At))}
	for i, span := range s.Spans {
		x, width := r.place(span.From, span.To)
		h := heights[span.State]
		c.add(span.State, x, chartHeight-h, max(width, 1.5), h) // the shortest is seen
		if i > 0 {
			c.Text += ", "
		}
		c.Text += span.State
		if i > 0 {
			c.Text += " at " + clock(span.From)
		}
	}
	c.Text += "."
	return c
}

// bucketChart shows how long the calls took.
func bucketChart(s *Store) chart {
	peak := uint64(1)
	for _, b := range s.Latency.Buckets {
		peak = max(peak, b.Count)
	}
	c := chart{Text: fmt.Sprintf("How long %s calls to %s took, from the quickest to the slowest.", number(s.Calls), s.Store)}
	width := chartWidth / float64(max(len(s.Latency.Buckets), 1))
	for i, b := range s.Latency.Buckets {
		c.add("bucket", float64(i)*width, chartHeight*(1-float64(b.Count)/float64(peak)), width-4, chartHeight*float64(b.Count)/float64(peak))
	}
	return c
}

// reasons is a table of reasons with bars.
type reasons struct {
	Caption, Class string
	All            uint64
	Rows           []reasonRow
}

type reasonRow struct {
	ReasonCount
	Width string // of the bar, in units
}

// maxReasons is how many reasons are listed on the page; the report has them all.
const maxReasons = 8

func reasonsOf(caption, class string, counts []ReasonCount, all uint64) reasons {
	t := reasons{Caption: caption, Class: class, All: all}
	for _, c := range counts[:min(len(counts), maxReasons)] {
		t.Rows = append(t.Rows, reasonRow{c, unit(chartWidth * float64(c.Count) / float64(all))})
	}
	return t
}
