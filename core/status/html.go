package status

import (
	"bytes"
	"embed"
	"html/template"
	"reflect"
	"slices"
	"time"
)

//go:embed html/*.html
var files embed.FS

// page is all templates. Each file is one section.
var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"css": css, "clock": clock, "stamp": stamp, "ago": ago, "span": span, "share": share, "percent": percent, "rate": rate,
	"number": func(n any) string { return number(reflect.ValueOf(n).Convert(reflect.TypeFor[uint64]()).Uint()) },
	"figure": newFigure, "traffic": trafficChart, "timeline": timelineChart, "buckets": bucketChart, "reasons": reasonsOf, "steps": stepsOf,
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

// Window is how long the time is that the report is about.
func (r *Report) Window() time.Duration { return r.At.Sub(r.From) }

// Failures is how many calls brought no answer that says anything of a purchase.
func (s *Store) Failures() uint64 { return s.Unavailable + s.Misconfigured }

// Forgotten tells whether the breaker changed too often for all of it to be remembered.
func (s *Store) Forgotten() bool {
	return slices.ContainsFunc(s.Spans, func(s Span) bool { return s.State == "unknown" })
}

// Took names the buckets of the latency.
func (s *Store) Took() []took {
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

// Behind is by how much the store's clock is behind ours.
func (s *Store) Behind() time.Duration { return -s.ClockSkew }
