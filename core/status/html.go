package status

import (
	"bytes"
	"embed"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"time"
)

//go:embed html/*.html
var files embed.FS

// page is all templates. Each file is one section.
var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"css": css, "clock": clock, "stamp": stamp, "ago": ago, "span": span, "share": share, "percent": percent, "rate": rate,
	"number": func(n any) string { return number(reflect.ValueOf(n).Convert(reflect.TypeFor[uint64]()).Uint()) },
	"figure": newFigure, "traffic": trafficChart, "timeline": timelineChart, "buckets": bucketChart, "reasons": reasonsOf, "steps": stepsOf,
	"health": func(state string) string { return strings.ReplaceAll(state, "_", " ") },
	"alerts": alertsOf, "window": windowOf, "failures": failures, "forgotten": forgotten, "took": tookOf, "skew": skew,
	"last": func(all []took) took { return all[len(all)-1] },
}).ParseFS(files, "html/*.html"))

// view is what the templates see.
type view struct {
	*Report
	Refresh int // seconds, 0: none
	// Requirements with their numbers, for the form.
	Choices []string
}

func (p *Page) html(report *Report, refresh int) ([]byte, error) {
	v := view{Report: report, Refresh: refresh}
	for _, r := range p.config.Requirements {
		v.Choices = append(v.Choices, r.String())
	}
	var b bytes.Buffer
	err := page.ExecuteTemplate(&b, "page.html", v)
	return b.Bytes(), err
}

// windowOf is how long the time is that the report is about.
func windowOf(r *Report) time.Duration { return r.At.Sub(r.From) }

// failures is how many calls brought no answer that says anything of a purchase.
func failures(s *Store) uint64 { return s.Unavailable + s.Misconfigured }

// forgotten tells whether the breaker changed too often for all of it to be remembered.
func forgotten(s *Store) bool {
	return slices.ContainsFunc(s.Spans, func(s Span) bool { return s.State == "unknown" })
}

// tookOf names the buckets of the latency.
func tookOf(s *Store) []took {
	all := make([]took, len(s.Latency.Buckets))
	for i, b := range s.Latency.Buckets {
		name := "up to " + span(b.UpTo)
		if b.UpTo == 0 && i > 0 {
			name = "more than " + span(s.Latency.Buckets[i-1].UpTo)
		}
		all[i] = took{name, b.Count}
	}
	return all
}

type took struct {
	Name  string
	Count uint64
}

// skew is by how much the store's clock differs from ours.
func skew(s *Store) string {
	if s.ClockSkew < 0 {
		return span(-s.ClockSkew) + " behind"
	}
	return span(s.ClockSkew) + " ahead of"
}
