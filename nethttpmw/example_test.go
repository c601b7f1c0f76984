package nethttpmw_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// market stands for a store client, such as onestore.Client. It sold one subscription.
type market struct{}

func (market) ID() core.StoreID { return "market" }
func (market) Describe() core.StoreInfo {
	return core.StoreInfo{Platform: "example", Application: "game"}
}
func (market) CheckProduct(core.Product) error { return nil }
func (market) CheckToken(string) error         { return nil }

func (market) Lookup(_ context.Context, p core.Product, token string) (*core.Purchase, error) {
	if p.ID != "vip_monthly" || token != "260918043551SGP40543" {
		return nil, &core.StoreError{Fault: core.FaultNotFound}
	}
	return &core.Purchase{
		Token: token, ID: "SANDBOX3000000004564", Label: "player-1",
		State: core.StatePurchased, Payment: core.PaymentReceived, Acknowledgement: core.Acknowledged, AutoRenewing: true,
		PurchasedAt: time.Now().Add(-24 * time.Hour), ExpiresAt: time.Now().Add(29 * 24 * time.Hour),
	}, nil
}

func Example() {
	gate, err := core.New(core.Config{Stores: []core.Store{market{}}})
	if err != nil {
		log.Fatal(err)
	}
	defer gate.Close(context.Background())

	vip := core.Entitlement("vip", core.Product{Store: "market", Kind: core.KindSubscription, ID: "vip_monthly"})
	player := func(r *http.Request) string { return r.Header.Get("X-Player") } // the game's own authentication
	who := nethttpmw.TokenHeader("X-Purchase-Token", player)

	raids := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, _ := nethttpmw.From(r)
		fmt.Fprintf(w, "raid %s is open by %s", r.PathValue("id"), d.Product.ID)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vip, who)(raids))
	if err := gate.Validate(); err != nil { // after the routes are built
		log.Fatal(err)
	}

	for _, player := range []string{"player-1", "player-2"} {
		r := httptest.NewRequest("GET", "/raids/7", nil)
		r.Header.Set("X-Player", player)
		r.Header.Set("X-Purchase-Token", "260918043551SGP40543")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(player, w.Code, w.Body)
	}
	// Output:
	// player-1 200 raid 7 is open by vip_monthly
	// player-2 403 {"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip_monthly","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}
}
