package faultmatrix

import "github.com/skugate/skugate/core/onestore/onestoretest"

// Route is a gated route of the test host.
type Route struct {
	Path    string
	Product onestoretest.Product
	Grace   bool // a yes may be used for a while when the store cannot answer
}

// The routes of one product each.
var (
	Gold = Route{"/inapp/gold", onestoretest.InApp("gold"), false}
	Skin = Route{"/inapp/skin", onestoretest.InApp("skin"), true}
	Pass = Route{"/auto/pass", onestoretest.Recurring("pass"), true}
	VIP  = Route{"/sub/vip", onestoretest.Subscription("vip"), true}
)

// Routes are all of them.
var Routes = []Route{Gold, Skin, Pass, VIP}

// Key is what a check is about: who asks for what with which token.
type Key struct {
	Route   Route
	Token   string
	Account string
	Node    int // which host is asked
}

// As is the key with somebody else asking.
func (k Key) As(account string) Key {
	k.Account = account
	return k
}

// At is the key at another host.
func (k Key) At(node int) Key {
	k.Node = node
	return k
}

// On is the key on another route.
func (k Key) On(r Route) Key {
	k.Route = r
	return k
}
