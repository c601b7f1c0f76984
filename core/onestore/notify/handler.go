package notify

import (
	"context"
	"errors"
	"net/http"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/intake"
	"github.com/skugate/skugate/core/onestore"
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
	verifier       *Verifier
	desk           *intake.Desk
	mux            *http.ServeMux
	onPayment      func(context.Context, Payment) error
	onSubscription func(context.Context, Subscription) error

	payments      *intake.Channel[payment]
	subscriptions *intake.Channel[change]
}

var _ http.Handler = (*Handler)(nil)

// What makes two notifications the same one. One payment is completed, and may be cancelled later.
type (
	payment struct {
		id    string
		state PaymentState
	}
	change struct {
		token string
		kind  Type
		at    int64
	}
)

// New makes a handler, or reports every fault of the configuration.
func New(c Config) (*Handler, error) {
	s := c.settings()
	if err := c.check(&s); err != nil {
		return nil, err
	}
	desk := intake.NewDesk(s)
	h := &Handler{
		verifier:       &Verifier{c.App},
		desk:           desk,
		mux:            http.NewServeMux(),
		onPayment:      c.OnPayment,
		onSubscription: c.OnSubscription,
		payments:       intake.NewChannel[payment](desk),
		subscriptions:  intake.NewChannel[change](desk),
	}
	if c.App.LicenceKey != "" {
		h.mux.HandleFunc("/payments", desk.Receive(h.payment))
	}
	if c.Secret != "" {
		h.mux.HandleFunc("/subscriptions", desk.Receive(h.subscription))
		h.mux.HandleFunc("/subscriptions/{secret}", desk.Receive(h.subscription))
	}
	return h, nil
}

// ServeHTTP implements http.Handler. A panic of a function of the configuration answers 500: under fiber
// it would end the process. A handler that New did not make answers 503.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h == nil {
		h = &Handler{}
	}
	h.desk.ServeHTTP(w, r, h.mux)
}

func (h *Handler) payment(w http.ResponseWriter, r *http.Request) core.Reply {
	body, err := intake.Read(w, r)
	if err != nil {
		return h.refuse(err)
	}
	p, err := h.verifier.ParsePayment(body)
	if err != nil {
		return h.refuse(err)
	}
	news := intake.News{Token: p.PurchaseToken, Voided: p.State == PaymentCanceled}
	return h.payments.Apply(r.Context(), payment{p.PurchaseID, p.State}, news, func(ctx context.Context) error {
		if h.onPayment == nil {
			return nil
		}
		return h.onPayment(ctx, *p)
	})
}

func (h *Handler) subscription(w http.ResponseWriter, r *http.Request) core.Reply {
	if err := h.desk.CheckSecret(r); err != nil {
		return h.refuse(err)
	}
	body, err := intake.Read(w, r)
	if err != nil {
		return h.refuse(err)
	}
	s, err := h.verifier.ParseSubscription(body)
	if err != nil {
		return h.refuse(err)
	}
	e := change{s.PurchaseToken, s.Type, s.EventTime.UnixMilli()}
	return h.subscriptions.Apply(r.Context(), e, intake.News{Token: s.PurchaseToken, Voided: s.Type == Revoked}, func(ctx context.Context) error {
		if h.onSubscription == nil {
			return nil
		}
		return h.onSubscription(ctx, *s)
	})
}

// refuse answers a message that is malformed or not genuine. err quotes none of it.
func (h *Handler) refuse(err error) core.Reply {
	if errors.Is(err, intake.ErrBroken) {
		err = malformed(err)
	}
	why := "a notification is malformed"
	switch {
	case errors.Is(err, onestore.ErrSignature):
		why = "a notification is not signed by the store"
	case errors.Is(err, ErrOtherApp):
		why = "a notification is for another app, environment or market"
	}
	return h.desk.Refuse(why, err, errors.Is(err, ErrMalformed))
}
