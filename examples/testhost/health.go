package main

import (
	"fmt"
	"net/http"

	"github.com/skugate/skugate/core"
)

// health tells how the gate is. A store that is down is no reason to restart the game: the status is 200 in
// any case.
func health(gate *core.Gate) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := gate.Health(r.Context())
		if h.State == core.HealthReady {
			fmt.Fprintln(w, "ok")
			return
		}
		fmt.Fprintln(w, "degraded")
		for _, f := range h.Findings {
			fmt.Fprintln(w, f)
		}
	}
}
