package handin

import (
	"errors"
	"mime"
	"net/http"

	"github.com/skugate/skugate/core"
)

func (h *Handler) purchases(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		send(w, core.UnsupportedContentType())
		return
	}
	account := h.config.Account(r)
	if account == "" {
		send(w, noAccount())
		return
	}
	in, err := read(w, r)
	if err != nil {
		send(w, core.InvalidParameters(err.Error()))
		return
	}
	product, err := h.product(in)
	if err == nil {
		err = h.receipt(in, product)
	}
	switch {
	case errors.Is(err, errReceipt):
		send(w, core.InvalidReceipt())
	case err != nil:
		send(w, core.InvalidParameters(err.Error()))
	default:
		d := h.config.Gate.HandIn(r.Context(), account, product, in.Token)
		if !d.Granted() {
			send(w, core.Answer(d, 0))
			return
		}
		sendJSON(w, of("", d))
	}
}

// product finds what is handed in among what the routes ask for.
func (h *Handler) product(in *handIn) (core.Product, error) {
	var found core.Product
	for _, p := range h.products {
		if p.ID != in.Product || in.Store != "" && p.Store != in.Store || in.Kind != "" && p.Kind != in.Kind || p == found {
			continue
		}
		if found.ID != "" {
			return core.Product{}, errors.New(`"product" exists more than once: say "store" and "kind"`)
		}
		found = p
	}
	if found.ID == "" {
		return core.Product{}, errors.New(`"product" is none that can be handed in here`)
	}
	return found, nil
}

var errReceipt = errors.New("handin: the receipt does not hold")

// receipt verifies the SDK's receipt, if there is one, and that it is about this purchase.
func (h *Handler) receipt(in *handIn, p core.Product) error {
	switch {
	case in.Receipt == nil && h.config.RequireReceipt:
		return errors.New(`"receipt" is missing`)
	case in.Receipt == nil:
		return nil
	case h.config.VerifyReceipt == nil:
		return errors.New(`"receipt" is not accepted here`)
	case h.config.VerifyReceipt(p.Store, in.Receipt.OriginalJSON, in.Receipt.Signature) != nil:
		return errReceipt
	}
	product, token, err := about(in.Receipt.OriginalJSON)
	if err != nil || product != p.ID || token != in.Token {
		return errReceipt
	}
	return nil
}
