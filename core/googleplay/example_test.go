package googleplay_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// One gate asks two stores, and a subscription of either opens the same entitlement. Fakes stand in
// for the stores here; elsewhere the clients have no HTTPClient.
func Example() {
	play := googleplaytest.New(googleplaytest.Config{})
	google, err := googleplay.New(googleplay.Config{
		PackageName:       play.PackageName(),
		ServiceAccountKey: play.ServiceAccountKey(), // os.ReadFile of the key file
		HTTPClient:        &http.Client{Transport: play.RoundTripper()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer google.Close()
	korea := onestoretest.New(onestoretest.Config{})
	one, err := onestore.New(onestore.Config{
		ClientID: korea.ClientID(), ClientSecret: korea.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: korea.RoundTripper()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer one.Close()

	vip := core.Entitlement("vip",
		googleplay.Subscription("vip_monthly"),
		onestore.Subscription("vip_monthly"))
	gate, err := core.New(core.Config{Stores: []core.Store{google, one}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gate.Close(context.Background())
	if err := gate.Validate(vip); err != nil {
		fmt.Println(err)
		return
	}

	check := func(account, token string) {
		d := gate.Check(context.Background(), vip, core.Credentials{Account: account, Token: token})
		fmt.Println(account, d.Outcome, d.Reason, d.Product.Store)
	}
	alices := play.Buy(googleplaytest.Subscription("vip_monthly"), googleplaytest.Label("alice"))
	check("alice", alices)
	check("bob", korea.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label("bob")))
	check("carol", alices)
	check("dave", play.Buy(googleplaytest.Subscription("vip_monthly"), googleplaytest.Test()))
	// Output:
	// alice granted active googleplay
	// bob granted active onestore
	// carol denied account_mismatch googleplay
	// dave denied test_purchase googleplay
}
