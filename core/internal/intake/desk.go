package intake

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"

	"github.com/skugate/skugate/core"
)

// Desk takes the requests of one receiver. It is safe for concurrent use, and starts no goroutine.
type Desk struct {
	settings Settings // without the secret
	secret   [sha256.Size]byte
	journal  *journal
}

// NewDesk makes a desk of settings that are whole and were checked.
func NewDesk(s Settings) *Desk {
	d := &Desk{secret: sha256.Sum256([]byte(s.Secret)), journal: &journal{log: s.Logger}}
	s.Secret = ""
	d.settings = s
	return d
}

// ServeHTTP has h answer. A panic of a function of the configuration answers 500: under fiber it would
// end the process. A desk that NewDesk did not make answers 503.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request, h http.Handler) {
	if d == nil {
		send(w, core.Answer(core.Decision{Reason: core.ReasonMisconfigured}, 0))
		return
	}
	defer func() {
		if v := recover(); v != nil {
			send(w, d.fail("a panic was contained", slog.String("where", "notify"),
				slog.String("type", fmt.Sprintf("%T", v)), slog.String("stack", string(debug.Stack()))))
		}
	}()
	// Under fiber the request's context is fasthttp's own: whoever watches it races with the server's shutdown.
	h.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
}

// Receive lets accept answer what is a POST of JSON.
func (d *Desk) Receive(accept func(http.ResponseWriter, *http.Request) core.Reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			send(w, core.MethodNotAllowed(http.MethodPost))
			return
		}
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			send(w, core.UnsupportedContentType())
			return
		}
		send(w, accept(w, r))
	}
}

var errSecret = errors.New("notify: the secret is missing or wrong")

// CheckSecret says why the request does not carry the secret, as the path's {secret} or in the header.
// Hashes have one length, so that comparing takes the same time however much of it is right.
func (d *Desk) CheckSecret(r *http.Request) error {
	given := r.PathValue("secret")
	if given == "" && d.settings.SecretHeader != "" {
		given = r.Header.Get(d.settings.SecretHeader)
	}
	hash := sha256.Sum256([]byte(given))
	if subtle.ConstantTimeCompare(hash[:], d.secret[:]) != 1 {
		return errSecret
	}
	return nil
}

// send copies a reply out.
func send(w http.ResponseWriter, reply core.Reply) {
	reply.SetHeader(w.Header())
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // the store may be gone; there is nobody to tell
}
