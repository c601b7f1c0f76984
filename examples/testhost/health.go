package main

import (
	"fmt"
	"net/http"

	"github.com/skugate/skugate/core"
)

// allUnknown is how many look-ups in a row may find nothing before that looks like a wrong market.
const allUnknown = 50

// health tells how the stores are. A store that is down is no reason to restart the game: the status
// is 200 in any case.
func health(gate *core.Gate) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		status, why := "ok", ""
		for _, s := range gate.Stats().Stores {
			switch {
			case s.Found == 0 && s.NotFound >= allUnknown:
				why += fmt.Sprintf("%s: it knows none of the tokens\n", s.Store)
			case s.Breaker != "closed":
				why += fmt.Sprintf("%s: its circuit breaker is %s\n", s.Store, s.Breaker)
			}
		}
		if why != "" {
			status = "degraded"
		}
		fmt.Fprintf(w, "%s\n%s", status, why)
	}
}
