package googleplaytest

import (
	"net/http"
	"net/url"
	"strings"
)

// Op names a method as the documents do.
type Op string

// The methods that the store has. The zero Op stands for any of them in a Fault, and for a path that
// is none of them in a Request.
const (
	OpAccessToken             Op = "getAccessToken"
	OpProductGet              Op = "purchases.products.get"
	OpProductAcknowledge      Op = "purchases.products.acknowledge"
	OpProductConsume          Op = "purchases.products.consume"
	OpSubscriptionGet         Op = "purchases.subscriptionsv2.get"
	OpSubscriptionAcknowledge Op = "purchases.subscriptions.acknowledge"
	OpVoidedList              Op = "purchases.voidedpurchases.list"
)

// route is a row of the API: how a method is addressed and who answers it.
type route struct {
	op     Op
	method string
	path   []string // segments; {…} stands for one escaped value
	verb   string   // behind the last segment's last colon
	form   bool     // the body is a form and no access token is needed: the token endpoint
	body   bool     // a JSON body is allowed
	query  []string // the parameters that are allowed
	answer func(s *Store, c *call) *answer
}

const apiPath = "/androidpublisher/v3/applications/{packageName}/purchases/"

func routes() []route {
	row := func(op Op, method, path string, answer func(*Store, *call) *answer) route {
		path, verb, _ := strings.Cut(path, ":")
		return route{op: op, method: method, path: segments(path), verb: verb, answer: answer}
	}
	withForm := func(r route) route { r.form = true; return r }
	withBody := func(r route) route { r.body = true; return r }
	withQuery := func(r route, names ...string) route { r.query = names; return r }
	return []route{
		withForm(row(OpAccessToken, http.MethodPost, "/token", (*Store).issueAccessToken)),
		row(OpProductGet, http.MethodGet, apiPath+"products/{productId}/tokens/{token}", lookup(KindInApp)),
		withBody(row(OpProductAcknowledge, http.MethodPost, apiPath+"products/{productId}/tokens/{token}:acknowledge",
			confirm(KindInApp, (*purchase).acknowledge))),
		row(OpProductConsume, http.MethodPost, apiPath+"products/{productId}/tokens/{token}:consume",
			confirm(KindInApp, (*purchase).consume)),
		row(OpSubscriptionGet, http.MethodGet, apiPath+"subscriptionsv2/tokens/{token}", lookup(KindSubscription)),
		withBody(row(OpSubscriptionAcknowledge, http.MethodPost, apiPath+"subscriptions/{subscriptionId}/tokens/{token}:acknowledge",
			confirm(KindSubscription, (*purchase).acknowledge))),
		withQuery(row(OpVoidedList, http.MethodGet, apiPath+"voidedpurchases", (*Store).listVoided),
			"startTime", "endTime", "maxResults", "token", "type", "includeQuantityBasedPartialRefund"),
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
	route                         *route // nil: no such path
	packageName, productID, token string // from the path, unescaped
	values                        url.Values
	nth                           int // how often this token was named before
}

func (c *call) op() Op {
	if c.route == nil {
		return ""
	}
	return c.route.op
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

// read finds out what the request is about. It never changes a path: what arrived is what counts. A
// colon in the last segment begins a verb, unless it is escaped.
func (s *Store) read(in *incoming) *call {
	c := &call{incoming: in}
	c.values, _ = url.ParseQuery(in.query) // inspected by name
	got := segments(in.path)
	verb := ""
	if last := got[len(got)-1]; strings.Contains(last, ":") {
		at := strings.LastIndexByte(last, ':')
		got[len(got)-1], verb = last[:at], last[at+1:]
	}
	for i := range s.routes {
		if values, ok := s.routes[i].match(got, verb); ok {
			c.route = &s.routes[i]
			c.packageName, c.token = values["{packageName}"], values["{token}"]
			c.productID = values["{productId}"] + values["{subscriptionId}"]
			break
		}
	}
	return c
}

func (r *route) match(got []string, verb string) (map[string]string, bool) {
	if len(got) != len(r.path) || verb != r.verb {
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
