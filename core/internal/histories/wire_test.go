package histories_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/skugate/skugate/core"
)

// moment is a place in a history: many things share an instant of the bubble's clock.
type moment struct {
	seq int
	at  time.Time
}

func (m moment) before(o moment) bool { return m.seq < o.seq }

// asked names what a look-up was about.
type asked struct {
	kind    core.Kind
	product string
	token   string
}

// heard is one answer of the store, as it passed the wire to one gate in full.
type heard struct {
	gate             int
	asked            asked
	begin, made, end moment // made: when the store thought of it
	storeTime        time.Time
	status           int
	says             said
}

// wire is the transport of one gate's client. It writes down what passes.
type wire struct {
	world *world
	gate  int
	inner http.RoundTripper
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	// …/v7/apps/{client}/purchases/{kind}/products/{product}/{token}
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) != 9 || parts[4] != "purchases" {
		return w.inner.RoundTrip(r)
	}
	h := &heard{gate: w.gate, asked: asked{core.Kind(parts[5]), parts[7], parts[8]}, begin: w.world.now()}
	res, err := w.inner.RoundTrip(r)
	if err != nil {
		return res, err
	}
	h.made, h.storeTime, h.status = w.world.now(), w.world.store.Now(), res.StatusCode
	res.Body = &recorder{ReadCloser: res.Body, wire: w, heard: h}
	return res, nil
}

// recorder keeps a body that is read to its proper end.
type recorder struct {
	io.ReadCloser
	wire  *wire
	heard *heard
	text  bytes.Buffer
	whole bool
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.text.Write(p[:n])
	if err == io.EOF && !r.whole {
		r.whole = true
		r.heard.end = r.wire.world.now()
		r.heard.says = readAnswer(r.heard.asked.kind, r.heard.status, r.text.Bytes())
		r.wire.world.hear(r.heard)
	}
	return n, err
}
