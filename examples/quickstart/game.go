package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/nethttpmw"
)

const vipProduct = "vip_monthly"

// newGame is the game's API: one route for everybody, one for the owners of "vip".
func newGame(gate *core.Gate) (http.Handler, error) {
	vip := core.Entitlement("vip",
		onestore.Subscription(vipProduct),
		onestore.InApp("vip_forever"))

	// X-Player stands for the game's own authentication.
	player := func(r *http.Request) string { return r.Header.Get("X-Player") }
	who := nethttpmw.TokenHeader("X-Purchase-Token", player)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]any{"welcome": "to the village"}) })
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, who)(http.HandlerFunc(raid)))
	return mux, gate.Validate(vip)
}

// raid is premium: it runs for owners only, and finds what they own in the request's context.
func raid(w http.ResponseWriter, r *http.Request) {
	d, _ := nethttpmw.From(r)
	content := map[string]any{"raid": r.PathValue("id"), "opened by": d.Product.ID, "reason": d.Reason, "source": d.Source}
	if !d.ExpiresAt.IsZero() {
		content["vip until"] = d.ExpiresAt.UTC().Format(time.DateOnly)
	}
	answer(w, content)
}

func answer(w http.ResponseWriter, content map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(content)
}
