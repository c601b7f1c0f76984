package handin

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/skugate/skugate/core"
)

// entitlement is a decision as its owner may see it.
type entitlement struct {
	Name      string     `json:"name,omitempty"`
	Outcome   string     `json:"outcome"`
	Reason    string     `json:"reason"`
	Product   string     `json:"product,omitempty"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
}

func of(name string, d core.Decision) entitlement {
	e := entitlement{Name: name, Outcome: d.Outcome.String(), Reason: d.PublicReason(), Product: d.Product.ID}
	if d.Granted() {
		e.Reason = string(d.Reason)
		if !d.ExpiresAt.IsZero() {
			utc := d.ExpiresAt.UTC()
			e.ExpiresAt = &utc
		}
	}
	return e
}

func (h *Handler) entitlements(w http.ResponseWriter, r *http.Request) {
	account := h.config.Account(r)
	if account == "" {
		send(w, noAccount())
		return
	}
	list := struct {
		Entitlements []entitlement `json:"entitlements"`
	}{Entitlements: []entitlement{}}
	decisions := h.config.Gate.CheckEach(r.Context(), h.config.Requirements, core.Credentials{Account: account, Owned: true})
	for i, d := range decisions {
		list.Entitlements = append(list.Entitlements, of(h.config.Requirements[i].String(), d))
	}
	sendJSON(w, list)
}

// noAccount is the answer to a request that the game's own authentication lets through without a player.
func noAccount() core.Reply {
	return core.Answer(core.Decision{Outcome: core.Denied, Reason: core.ReasonAccountMissing}, 0)
}

func sendJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the client may be gone; there is nobody to tell
}
