package examples_test

import (
	"log"
	"net/http"

	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// openShop stands for ONE store in the README's programs.
func openShop() (*onestoretest.Store, *onestore.Client) {
	fake := onestoretest.New(onestoretest.Config{})
	store, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	if err != nil {
		log.Fatal(err)
	}
	return fake, store
}

// request asks for the route of the README's programs.
func request(player, token string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:8080/raids/7", nil)
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("X-Player", player)
	r.Header.Set("X-Purchase-Token", token)
	return r
}
