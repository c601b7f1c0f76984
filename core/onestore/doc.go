// Package onestore asks ONE store's In-App Purchase server API V7 about purchases. A Client is a
// core.Store, which is all that a gate needs, and has a method for each endpoint besides.
//
//	store, err := onestore.New(onestore.Config{
//		ClientID:     id,
//		ClientSecret: secret,
//		Market:       onestore.MarketGlobal,
//		Environment:  onestore.Sandbox,
//	})
//	gate, err := core.New(core.Config{Stores: []core.Store{store}})
//	vip := core.Entitlement("vip", onestore.Subscription("vip_monthly"))
//
// Market and environment have no default: asked in the wrong one, ONE store answers that there is
// no such purchase. All times are true milliseconds since 1970 whatever the market; nothing is shifted.
//
// One call is one attempt: the gate around the client decides about trying again. The one exception
// is a refused access token, which is renewed once. Times out after 10 s unless the context ends earlier.
//
// What the store answers is believed only as far as it is whole: a look-up without the members that
// decide, with a member twice, or with a value of the wrong type is ErrMalformedAnswer, never a purchase.
package onestore
