package notify

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

// Handler receives the notifications of one app: POST /payments, and POST /subscriptions/{secret}. It is
// safe for concurrent use, and starts no goroutine.
//
//	200  applied, now or before
//	400  malformed
//	403  not genuine: the signature or the secret is wrong, or it is for another app, environment or market
//	405  the method is not POST
//	413  longer than 64 KiB
//	415  not application/json
//	500  OnPayment or OnSubscription failed, or something panicked
//	503  a limit is reached, the gate is closed, or the same message is being worked on; Retry-After says when
//
// ONE store repeats a message until it gets a 200.
type Handler struct {
	config   Config // without the secret
	secret   [sha256.Size]byte
	verifier *Verifier
	mux      *http.ServeMux
	journal  *journal

	payments, subscriptions *channel
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler, or reports every fault of the configuration.
func New(config Config) (*Handler, error) {
	c := config.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	h := &Handler{
		secret:        sha256.Sum256([]byte(c.Secret)),
		verifier:      &Verifier{c.App},
		mux:           http.NewServeMux(),
		journal:       &journal{log: c.Logger},
		payments:      newChannel(&c),
		subscriptions: newChannel(&c),
	}
	if c.App.LicenceKey != "" {
		h.mux.HandleFunc("/payments", h.receive(h.payment))
	}
	if c.Secret != "" {
		h.mux.HandleFunc("/subscriptions", h.receive(h.subscription))
		h.mux.HandleFunc("/subscriptions/{secret}", h.receive(h.subscription))
	}
	c.Secret = ""
	h.config = c
	return h, nil
}

// ServeHTTP implements http.Handler. A panic of a function of the configuration answers 500: under fiber
// it would end the process. A handler that New did not make answers 503.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h == nil || h.mux == nil {
		send(w, core.Answer(core.Decision{Reason: core.ReasonMisconfigured}, 0))
		return
	}
	defer func() {
		if v := recover(); v != nil {
			send(w, h.fail("a panic was contained", slog.String("where", "notify"),
				slog.String("type", fmt.Sprintf("%T", v)), slog.String("stack", string(debug.Stack()))))
		}
	}()
	// Under fiber the request's context is fasthttp's own: whoever watches it races with the server's shutdown.
	h.mux.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
}

// receive is what both kinds of notifications have in common.
func (h *Handler) receive(accept func(http.ResponseWriter, *http.Request) core.Reply) http.HandlerFunc {
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

func (h *Handler) payment(w http.ResponseWriter, r *http.Request) core.Reply {
	body, err := read(w, r)
	if err != nil {
		return h.refuse(err)
	}
	p, err := h.verifier.ParsePayment(body)
	if err != nil {
		return h.refuse(err)
	}
	e := event{id: p.PurchaseID, state: p.State}
	return h.apply(r.Context(), h.payments, e, p.PurchaseToken, func(ctx context.Context) error {
		if h.config.OnPayment == nil {
			return nil
		}
		return h.config.OnPayment(ctx, *p)
	})
}

var errSecret = errors.New("notify: the secret is missing or wrong")

func (h *Handler) subscription(w http.ResponseWriter, r *http.Request) core.Reply {
	if !h.knows(r) {
		return h.refuse(errSecret)
	}
	body, err := read(w, r)
	if err != nil {
		return h.refuse(err)
	}
	s, err := h.verifier.ParseSubscription(body)
	if err != nil {
		return h.refuse(err)
	}
	e := event{id: s.PurchaseToken, kind: s.Type, at: s.EventTime.UnixMilli()}
	return h.apply(r.Context(), h.subscriptions, e, s.PurchaseToken, func(ctx context.Context) error {
		if h.config.OnSubscription == nil {
			return nil
		}
		return h.config.OnSubscription(ctx, *s)
	})
}

// knows tells whether the request carries the secret. Hashes have one length, so that comparing takes
// the same time however much of it is right.
func (h *Handler) knows(r *http.Request) bool {
	given := r.PathValue("secret")
	if given == "" && h.config.SecretHeader != "" {
		given = r.Header.Get(h.config.SecretHeader)
	}
	hash := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(hash[:], h.secret[:]) == 1
}

// send copies a reply out.
func send(w http.ResponseWriter, reply core.Reply) {
	for _, f := range reply.Header {
		w.Header().Set(f.Name, f.Value)
	}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // the store may be gone; there is nobody to tell
}
