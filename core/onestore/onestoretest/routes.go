package onestoretest

import (
	"net/http"
	"net/url"
	"strings"
)

// route is a row of the API: how an endpoint is addressed and who answers it.
type route struct {
	op     Op
	method string
	path   []string                        // segments; {…} stands for one escaped value
	form   bool                            // the body is a form and no access token is needed: the token endpoint
	list   bool                            // the query selects a page
	body   func(s *Store, c *call) verdict // judges the JSON body; nil: there must be none
	answer func(s *Store, c *call) *answer
}

func routes() []route {
	row := func(op Op, method, path string, answer func(*Store, *call) *answer) route {
		return route{op: op, method: method, path: segments("/v7/" + path), answer: answer}
	}
	withForm := func(r route) route { r.form = true; return r }
	withBody := func(inspect func(*Store, *call) verdict, r route) route { r.body = inspect; return r }
	list := func(r route) route { r.list = true; return r }
	const (
		inapp        = "apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}"
		auto         = "apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}"
		subscription = "apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}"
		all          = "apps/{clientId}/purchases/all/products/{productId}/{purchaseToken}"
	)
	return []route{
		withForm(row(OpAccessToken, http.MethodPost, "oauth/token", (*Store).issueAccessToken)),
		row(OpPurchaseDetails, http.MethodGet, inapp, lookup(KindInApp)),
		row(OpRecurringPurchaseDetails, http.MethodGet, auto, lookup(KindRecurring)),
		row(OpSubscriptionDetail, http.MethodGet, subscription, lookup(KindSubscription)),
		withBody(inspectPayload, row(OpAcknowledgePurchase, http.MethodPost, all+"/acknowledge", (*Store).acknowledge)),
		withBody(inspectPayload, row(OpConsumePurchase, http.MethodPost, inapp+"/consume", (*Store).consume)),
		row(OpCancelRecurring, http.MethodPost, auto+"/cancel", renewal(KindRecurring, cancel)),
		row(OpReactivateRecurring, http.MethodPost, auto+"/reactivate", renewal(KindRecurring, reactivate)),
		row(OpCancelSubscription, http.MethodPost, subscription+"/cancel", renewal(KindSubscription, cancel)),
		row(OpReactivateSubscription, http.MethodPost, subscription+"/reactivate", renewal(KindSubscription, reactivate)),
		withBody(inspectDeferral, row(OpDeferSubscription, http.MethodPost, subscription+"/defer", renewal(KindSubscription, deferBody))),
		list(row(OpVoidedPurchases, http.MethodGet, "apps/{clientId}/voided-purchases", (*Store).listVoided)),
		list(row(OpUnconfirmedPurchases, http.MethodGet, "apps/{clientId}/unconfirmed-purchases", (*Store).listUnconfirmed)),
	}
}

// incoming is a request as it arrived, whichever way it came.
type incoming struct {
	method, path, query string // the path as escaped on the wire
	header              http.Header
	body                []byte
}

// call is a request after its address was read.
type call struct {
	*incoming
	route                      *route // nil: no such path
	clientID, productID, token string // from the path, unescaped
	subject                    string // what the unkindness goes by: the token, or else the endpoint
	nth                        int    // how often the subject was named before
	effect                     Effect // what a fault does to it

	// What the inspection found in the query and in the body.
	page        pageQuery
	payload     *string
	deferPeriod int64
}

func (c *call) op() Op {
	if c.route == nil {
		return ""
	}
	return c.route.op
}

// market is the market that the request is about.
func (c *call) market() string {
	if market := c.header.Get("X-Market-Code"); market != "" {
		return market
	}
	return MarketKorea
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

// read finds out what the request is about. It never changes a path: what arrived is what counts.
func (s *Store) read(in *incoming) *call {
	c := &call{incoming: in}
	got := segments(in.path)
	for i := range s.routes {
		if values, ok := s.routes[i].match(got); ok {
			c.route = &s.routes[i]
			c.clientID, c.productID, c.token = values["{clientId}"], values["{productId}"], values["{purchaseToken}"]
			break
		}
	}
	if c.subject = c.token; c.token == "" {
		c.subject = string(c.op())
	}
	return c
}

func (r *route) match(got []string) (map[string]string, bool) {
	if len(got) != len(r.path) {
		return nil, false
	}
	values := make(map[string]string)
	for i, want := range r.path {
		if !strings.HasPrefix(want, "{") {
			if got[i] != want {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(got[i])
		if err != nil || got[i] == "" || got[i] == "." || got[i] == ".." {
			return nil, false
		}
		values[want] = value
	}
	return values, true
}
