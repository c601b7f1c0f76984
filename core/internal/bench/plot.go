package main

import (
	"bytes"
	"fmt"
	"math"
)

// plot is a diagram of nanoseconds over entries, readable on light and on dark pages.
type plot struct {
	title string
	names []string
	lines map[string][]point
}

type point struct {
	entries int
	ns      float64
}

func (p *plot) add(entries int, name string, ns float64) {
	if p.lines == nil {
		p.lines = map[string][]point{}
	}
	if _, have := p.lines[name]; !have {
		p.names = append(p.names, name)
	}
	p.lines[name] = append(p.lines[name], point{entries, ns})
}

// The drawing's measures.
const (
	width, height = 720, 360
	left, right   = 64, 24
	above, below  = 48, 48
)

func (p *plot) svg() []byte {
	most, first, last := 0.0, math.MaxInt, 0
	for _, line := range p.lines {
		for _, at := range line {
			most, first, last = max(most, at.ns), min(first, at.entries), max(last, at.entries)
		}
	}
	step := 50.0
	for most/step > 6 {
		step *= 2
	}
	top := step * math.Ceil(most/step)
	decades := math.Max(math.Log10(float64(last)/float64(first)), 1)
	x := func(entries int) float64 {
		return left + math.Log10(float64(entries)/float64(first))/decades*(width-left-right)
	}
	y := func(ns float64) float64 { return height - below - ns/top*(height-above-below) }

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">
<style>
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #24292f }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.l0 { stroke: #6e7781 } .l1 { stroke: #bc4c00 } .l2 { stroke: #0969da }
.f0 { fill: #6e7781 } .f1 { fill: #bc4c00 } .f2 { fill: #0969da }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d }
.l0 { stroke: #9198a1 } .l1 { stroke: #f0883e } .l2 { stroke: #4493f8 }
.f0 { fill: #9198a1 } .f1 { fill: #f0883e } .f2 { fill: #4493f8 }
}
</style>
`, width, height, p.title)
	fmt.Fprintf(&b, "<text class=\"title\" x=\"%d\" y=\"20\">%s</text>\n", left, p.title)
	for ns := 0.0; ns <= top; ns += step {
		fmt.Fprintf(&b, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", left, width-right, y(ns), y(ns))
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f ns</text>\n", left-8, y(ns)+4, ns)
	}
	for n := first; n <= last; n *= 10 {
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x(n), height-below+20, short(n))
	}
	fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">purchases in memory</text>\n", (left+width-right)/2, height-8)
	for i, name := range p.names {
		fmt.Fprintf(&b, "<polyline class=\"line l%d\" points=\"", i)
		for _, at := range p.lines[name] {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(at.entries), y(at.ns))
		}
		b.WriteString("\"/>\n")
		for _, at := range p.lines[name] {
			fmt.Fprintf(&b, "<circle class=\"f%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", i, x(at.entries), y(at.ns))
		}
		fmt.Fprintf(&b, "<rect class=\"f%d\" x=\"%d\" y=\"%d\" width=\"12\" height=\"3\"/>", i, left+16, above+8+18*i)
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\">%s</text>\n", left+34, above+13+18*i, name)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// short writes a power of ten as people do.
func short(n int) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n >= 1000:
		return fmt.Sprintf("%dk", n/1000)
	default:
		return fmt.Sprint(n)
	}
}
