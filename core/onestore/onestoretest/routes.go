package onestoretest

import (
	"net/http"
	"net/url"
	"strings"
)

// Op names an endpoint as the document does.
type Op string

// The endpoints that the store has. The zero Op stands for any of them in a Fault, and for a path
// that is none of them in a Request.
const (
	OpAccessToken              Op = "getAccessToken"
	OpPurchaseDetails          Op = "getPurchaseDetails"
	OpRecurringPurchaseDetails Op = "getRecurringPurchaseDetails"
	OpSubscriptionDetail       Op = "getSubscriptionDetail"
	OpAcknowledgePurchase      Op = "acknowledgePurchase"
	OpConsumePurchase          Op = "consumePurchase"
)

// route is a row of the API: how an endpoint is addressed and who answers it.
type route struct {
	op     Op
	method string
	path   []string // segments; {…} stands for one escaped value
	form   bool     // the body is a form and no access token is needed: the token endpoint
	body   bool     // a JSON body is allowed
	answer func(s *Store, c *call) *answer
}

func routes() []route {
	row := func(op Op, method, path string, answer func(*Store, *call) *answer) route {
		return route{op: op, method: method, path: segments(path), answer: answer}
	}
	withForm := func(r route) route { r.form = true; return r }
	withBody := func(r route) route { r.body = true; return r }
	return []route{
		withForm(row(OpAccessToken, http.MethodPost, "/v7/oauth/token", (*Store).issueAccessToken)),
		row(OpPurchaseDetails, http.MethodGet,
			"/v7/apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}", lookup(KindInApp)),
		row(OpRecurringPurchaseDetails, http.MethodGet,
			"/v7/apps/{clientId}/purchases/auto/products/{productId}/{purchaseToken}", lookup(KindRecurring)),
		row(OpSubscriptionDetail, http.MethodGet,
			"/v7/apps/{clientId}/purchases/subscription/products/{productId}/{purchaseToken}", lookup(KindSubscription)),
		withBody(row(OpAcknowledgePurchase, http.MethodPost,
			"/v7/apps/{clientId}/purchases/all/products/{productId}/{purchaseToken}/acknowledge", (*Store).acknowledge)),
		withBody(row(OpConsumePurchase, http.MethodPost,
			"/v7/apps/{clientId}/purchases/inapp/products/{productId}/{purchaseToken}/consume", (*Store).consume)),
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
	nth                        int    // how often this token was named before
}

func (c *call) op() Op {
	if c.route == nil {
		return ""
	}
	return c.route.op
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
