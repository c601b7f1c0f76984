package handin

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/skugate/skugate/core"
)

// maxBody is the longest body that is read. A receipt takes about 1 KiB.
const maxBody = 64 << 10

// handIn is the body of POST /purchases.
type handIn struct {
	Store   core.StoreID `json:"store"`
	Kind    core.Kind    `json:"kind"`
	Product string       `json:"product"`
	Token   string       `json:"token"`
	Receipt *receipt     `json:"receipt"`
}

type receipt struct {
	OriginalJSON string `json:"originalJson"`
	Signature    string `json:"signature"`
}

// about is the part of a receipt that must be about the purchase handed in.
type about struct {
	ProductID     string `json:"productId"`
	PurchaseToken string `json:"purchaseToken"`
}

func (h *Handler) purchases(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		send(w, core.UnsupportedContentType())
		return
	}
	in, err := read(w, r)
	if err != nil {
		send(w, core.InvalidParameters(err.Error()))
		return
	}
	account := h.config.Account(r)
	product, err := h.product(in)
	if err == nil && account != "" {
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

// read decodes the body. Its errors say what is wrong and quote nothing.
func read(w http.ResponseWriter, r *http.Request) (*handIn, error) {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	var in handIn
	err := dec.Decode(&in)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			err = errors.New("more than one value")
		}
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errors.New("the body is longer than 64 KiB")
	case err != nil:
		return nil, errors.New(`the body must be one JSON object with the members "product", "token", and optionally "store", "kind", "receipt"`)
	case in.Product == "":
		return nil, errors.New(`"product" is missing`)
	case in.Receipt != nil && (in.Receipt.OriginalJSON == "" || in.Receipt.Signature == ""):
		return nil, errors.New(`"receipt" needs "originalJson" and "signature"`)
	}
	return &in, nil
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
	var a about
	if json.Unmarshal([]byte(in.Receipt.OriginalJSON), &a) != nil || a.ProductID != p.ID || a.PurchaseToken != in.Token {
		return errReceipt
	}
	return nil
}
