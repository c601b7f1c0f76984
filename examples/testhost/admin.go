package main

import (
	"fmt"
	"net/http"

	"github.com/skugate/skugate/core"
)

// endpoint is something that the tester asks, not the player.
type endpoint struct {
	method, path string
	handler      http.HandlerFunc
	below        bool // and all paths below path
}

// endpoints are plain net/http; gin and fiber wrap them.
func endpoints(gate *core.Gate, g *game, notifications, metrics http.Handler) []endpoint {
	return []endpoint{
		{method: http.MethodGet, path: "/free", handler: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "FREE") }},
		{method: http.MethodGet, path: "/runs", handler: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, g.runs.Load()) }},
		{method: http.MethodPost, path: "/invalidate", handler: invalidate(gate)},
		{method: http.MethodPost, path: notifyPath, handler: notifications.ServeHTTP, below: true},
		{method: http.MethodGet, path: "/metrics", handler: metrics.ServeHTTP},
		{method: http.MethodGet, path: "/healthz", handler: health(gate)},
	}
}

// invalidate makes every client of the gate forget a purchase.
func invalidate(gate *core.Gate) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := core.Product{Kind: core.Kind(r.FormValue("kind")), ID: r.FormValue("product")}
		token := r.FormValue("token")
		switch p.Kind {
		case core.KindInApp, core.KindRecurring, core.KindSubscription:
		default:
			http.Error(w, "kind must be inapp, auto or subscription", http.StatusBadRequest)
			return
		}
		if p.ID == "" || token == "" {
			http.Error(w, "product and token are needed", http.StatusBadRequest)
			return
		}
		for _, s := range gate.Stats().Stores {
			if err := gate.Invalidate(r.Context(), p.On(s.Store), token); err != nil {
				http.Error(w, "the gate refused", http.StatusInternalServerError)
				return
			}
		}
		w.WriteHeader(http.StatusNoContent)
	}
}
