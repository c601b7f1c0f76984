package notify_test

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

// A purchase is refunded at the store. The gate remembers it as good for some minutes more, until the
// store's notification makes it ask.
func Example() {
	store := onestoretest.New(onestoretest.Config{Environment: onestoretest.Commercial}) // stands for ONE store
	client, err := onestore.New(onestore.Config{
		ClientID: store.ClientID(), ClientSecret: store.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Commercial,
		HTTPClient: &http.Client{Transport: store.RoundTripper()},
	})
	if err != nil {
		log.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}})
	if err != nil {
		log.Fatal(err)
	}
	defer gate.Close(context.Background())

	notifications, err := notify.New(notify.Config{
		Gate: gate,
		App: notify.App{
			ClientID: store.ClientID(), Market: onestore.MarketGlobal, Environment: onestore.Commercial,
			LicenceKey: store.LicenceKey(),
		},
		OnPayment: func(_ context.Context, p notify.Payment) error {
			fmt.Println("the ledger:", p.ProductID, p.State)
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/onestore/", http.StripPrefix("/onestore", notifications))

	skin := core.Entitlement("skin", onestore.InApp("dragon_skin"))
	token := store.Buy(onestoretest.InApp("dragon_skin"), onestoretest.Label("mina"), onestoretest.Acknowledged())
	check := func() {
		d := gate.Check(context.Background(), skin, core.Credentials{Account: "mina", Token: token})
		fmt.Println("mina:", d.Outcome, d.Reason)
	}
	send := func(body []byte) { // as ONE store does, to https://game.example/onestore/payments
		r := httptest.NewRequest("POST", "/onestore/payments", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println("answered with", w.Code)
	}

	check()
	store.Refund(token)
	check()
	send(store.PaymentNotification(token))
	check()

	forged := bytes.Replace(store.PaymentNotification(token), []byte("CANCELED"), []byte("COMPLETED"), 1)
	send(forged)
	// Output:
	// mina: granted owned
	// mina: granted owned
	// the ledger: dragon_skin CANCELED
	// answered with 200
	// mina: denied purchase_canceled
	// answered with 403
}
