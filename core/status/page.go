package status

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Page is the status page of a gate. Make it with New. It is safe for concurrent use.
type Page struct {
	config  Config
	history *history
}

var _ http.Handler = (*Page)(nil)

// Run reads the gate's counters 60 times in Config.Minutes until ctx ends, and then returns nil. Without it
// the page reads them when it is looked at: what happened between two views is then shown as one average, and
// the time from the last view before Config.Minutes on is shown as well. A page needs one Run at most.
func (p *Page) Run(ctx context.Context) error {
	p.history.run(ctx)
	return nil
}

// ServeHTTP shows the page for GET and HEAD, and explains a decision for POST. Its path does not matter.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	var q *question
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		var err error
		if q, err = p.ask(w, r); err != nil {
			refuse(w, err)
			return
		}
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, &refusal{http.StatusMethodNotAllowed, "the page answers GET, HEAD and POST"})
		return
	}
	// Under fiber the request's context is fasthttp's own: whoever watches it races with the server's shutdown.
	ctx := context.WithoutCancel(r.Context())
	report := p.report(ctx, p.history.take(time.Now()))
	if q != nil {
		e := p.config.Gate.Explain(ctx, q.requirement, q.credentials, q.askStore)
		report.Explanation = &e
	}
	write, kind := p.html, "text/html; charset=utf-8"
	if wantsJSON(r) {
		write, kind = p.json, "application/json"
	}
	body, err := write(report, refreshOf(r))
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone; there is nobody to tell
	}
}

func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return r.URL.Query().Get("format") == "json" || strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// maxRefresh is an hour, in seconds.
const maxRefresh = 3600

// refreshOf is after how many seconds the page reloads itself, 0 if it does not.
func refreshOf(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("refresh"))
	if err != nil || n < 1 || n > maxRefresh || r.Method == http.MethodPost {
		return 0
	}
	return n
}

func (p *Page) json(report *Report, _ int) ([]byte, error) {
	return json.MarshalIndent(report, "", "  ")
}
