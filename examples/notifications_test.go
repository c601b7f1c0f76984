package examples_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// A refund ends access with the next request, because the store tells of it.
func Example_notifications() {
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	clientID, licenceKey, secret := fake.ClientID(), fake.LicenceKey(), "7b1d6e4f0a9c4c8d"
	mux := http.NewServeMux()

	notifications, err := notify.New(notify.Config{
		Gate: gate,
		App: notify.App{ // as in onestore.Config, and the licence key of the developer centre
			ClientID: clientID, Market: onestore.MarketGlobal, Environment: onestore.Sandbox, LicenceKey: licenceKey,
		},
		Secret: secret, // openssl rand -hex 32
	})
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("/onestore/", http.StripPrefix("/onestore", notifications))

	skin := onestore.InApp("dragon_skin")
	token := fake.Buy(onestoretest.InApp("dragon_skin"), onestoretest.Label(gate.Label("mina")), onestoretest.Acknowledged())
	check := func() {
		d := gate.Check(context.Background(), skin, core.Credentials{Account: "mina", Token: token})
		fmt.Println(d.Outcome, d.Reason, d.Source)
	}
	check()
	fake.Refund(token)
	check()
	r := httptest.NewRequest("POST", "/onestore/payments", bytes.NewReader(fake.PaymentNotification(token)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println("the notification:", w.Code)
	check()
	// Output:
	// granted owned store
	// granted owned memory
	// the notification: 200
	// denied purchase_canceled store
}
