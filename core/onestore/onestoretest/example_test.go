package onestoretest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// A purchase lives on the store's clock, and the store answers as the market would. A test would
// call Start, and use a client of the API instead of plain requests.
func Example() {
	store := onestoretest.New(onestoretest.Config{Gentle: true})
	client := &http.Client{Transport: store.RoundTripper()}
	token := store.Buy(onestoretest.Subscription("vip"), onestoretest.Period(30*24*time.Hour), onestoretest.Acknowledged())

	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {store.ClientID()},
		"client_secret": {store.ClientSecret()},
	}
	res, err := client.Post("http://store/v7/oauth/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		fmt.Println(err)
		return
	}
	var access struct {
		Token string `json:"access_token"`
	}
	err = json.NewDecoder(res.Body).Decode(&access)
	res.Body.Close()
	if err != nil {
		fmt.Println(err)
		return
	}

	look := func() {
		r, err := http.NewRequest("GET", "http://store"+store.LookupPath(token), nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+access.Token)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("x-market-code", store.Market())
		res, err := client.Do(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer res.Body.Close()
		var facts struct {
			Renewing bool `json:"autoRenewing"`
			Payment  *int `json:"paymentState"`
			Error    struct{ Code string }
		}
		if err := json.NewDecoder(res.Body).Decode(&facts); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d renewing=%t paid=%t %q\n", res.StatusCode, facts.Renewing, facts.Payment != nil, facts.Error.Code)
	}

	look()
	store.CancelRenewal(token)
	look()
	store.Expire(token)
	look()
	store.Fail(onestoretest.Fault{Token: token, Effect: onestoretest.StandardError("InternalError")})
	look()
	fmt.Println(store.Lookups(token), "look-ups,", len(store.Malformed()), "malformed")
	// Output:
	// 200 renewing=true paid=true ""
	// 200 renewing=false paid=true ""
	// 200 renewing=false paid=false ""
	// 500 renewing=false paid=false "InternalError"
	// 4 look-ups, 0 malformed
}
