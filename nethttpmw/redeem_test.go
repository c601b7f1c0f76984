package nethttpmw_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/nethttpmw"
)

func TestRedeem(t *testing.T) {
	gatetest.RunRedeem(t, func(t *testing.T, r *redeem.Redeemer, p core.Product, deniedStatus int, handle func(context.Context) int) string {
		h := nethttpmw.Redeem(r, p, one, nethttpmw.WithDeniedStatus(deniedStatus))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status := handle(r.Context()); status != 0 {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, "delivered")
			}
		}))
		return gatetest.ListenHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					w.WriteHeader(http.StatusInternalServerError)
				}
			}()
			h.ServeHTTP(w, r)
		}))
	})
}

func TestRedeemWithoutCredentialsIsReported(t *testing.T) {
	gate, err := core.New(core.Config{Stores: []core.Store{gatetest.NewStore("shop")}})
	if err != nil {
		t.Fatal(err)
	}
	redeemer, err := redeem.New(redeem.Config{Gate: gate, Ledger: redeem.NewMemoryLedger()})
	if err != nil {
		t.Fatal(err)
	}
	gems := core.Product{Store: "shop", Kind: core.KindInApp, ID: "gems"}.Consumable()
	nethttpmw.Redeem(redeemer, gems, nil, nil)
	if err := gate.Validate(); err == nil || !strings.Contains(err.Error(), "credentials function") || !strings.Contains(err.Error(), "option is nil") {
		t.Errorf("got %v", err)
	}
}
