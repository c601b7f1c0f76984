package notify

import (
	"context"
	"errors"
	"net/http"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/intake"
)

// Handler receives the notifications of one app: POST /notifications/{secret}, or /notifications if there
// is none in the path. It is safe for concurrent use, and starts no goroutine.
//
//	200  applied, now or before, or there was nothing to apply
//	400  malformed
//	403  not genuine: the secret is wrong, Verify refused, or it is for another app
//	405  the method is not POST
//	413  longer than 64 KiB
//	415  not application/json
//	500  OnNotification failed, or something panicked
//	503  a limit is reached, the gate is closed, or the same message is being worked on; Retry-After says when
//
// Pub/Sub repeats a message until it gets a 200.
type Handler struct {
	packageName    string
	guarded        bool // by a secret
	verify         func(*http.Request) error
	onNotification func(context.Context, Notification) error

	desk    *intake.Desk
	mux     *http.ServeMux
	channel *intake.Channel[string] // by message id
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler, or reports every fault of the configuration.
func New(c Config) (*Handler, error) {
	s := c.settings()
	if err := c.check(&s); err != nil {
		return nil, err
	}
	desk := intake.NewDesk(s)
	h := &Handler{
		packageName:    c.PackageName,
		guarded:        c.Secret != "",
		verify:         c.Verify,
		onNotification: c.OnNotification,
		desk:           desk,
		mux:            http.NewServeMux(),
		channel:        intake.NewChannel[string](desk),
	}
	h.mux.HandleFunc("/notifications", desk.Receive(h.receive))
	if h.guarded {
		h.mux.HandleFunc("/notifications/{secret}", desk.Receive(h.receive))
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

func (h *Handler) receive(w http.ResponseWriter, r *http.Request) core.Reply {
	if err := h.authentic(r); err != nil {
		return h.refuse(err)
	}
	body, err := intake.Read(w, r)
	if err != nil {
		return h.refuse(err)
	}
	n, err := ParsePush(body, h.packageName)
	if err != nil {
		return h.refuse(err)
	}
	return h.channel.Apply(r.Context(), n.MessageID, intake.News{Token: n.PurchaseToken(), Voided: n.voided()}, func(ctx context.Context) error {
		if h.onNotification == nil {
			return nil
		}
		return h.onNotification(ctx, *n)
	})
}

var errVerify = errors.New("notify: Config.Verify refused the request")

func (h *Handler) authentic(r *http.Request) error {
	if h.guarded {
		if err := h.desk.CheckSecret(r); err != nil {
			return err
		}
	}
	if h.verify != nil {
		if h.verify(r) != nil { // what it says may quote the token
			return errVerify
		}
	}
	return nil
}

// refuse answers a message that is malformed or not genuine. err quotes none of it.
func (h *Handler) refuse(err error) core.Reply {
	if errors.Is(err, intake.ErrBroken) {
		err = malformed(err)
	}
	why := "a notification is malformed"
	switch {
	case errors.Is(err, errVerify):
		why = "a notification did not pass Config.Verify"
	case errors.Is(err, ErrOtherApp):
		why = "a notification is for another app"
	}
	return h.desk.Refuse(why, err, errors.Is(err, ErrMalformed))
}
