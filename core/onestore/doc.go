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
// # Calls
//
// A call ends by its context's deadline, or after 10 s if there is none; what settles an acknowledgement
// or a consumption is up to three look-ups more. All calls of a client share this:
//
//   - A look-up or a page that failed in a way that may pass (no answer, 5xx, 408, 429) is repeated once,
//     after 25 to 75 ms at random. Repetitions are at most a twelfth of the calls plus ten: never more
//     than 10 % of 600 calls or more. What changes a purchase is sent once.
//   - A refused access token is renewed once and the call repeated, outside that quota.
//   - While the store wants to be left alone nothing is sent: calls return ErrPaused at once. It says so
//     by Retry-After with 503 or 429, of which a minute counts at most, or by ServiceMaintenance, for a
//     second if it names no time. Then one call is let through, and the others when that was answered.
//
// No such purchase, a refusal, and a success that is none are never repeated.
//
// # Errors
//
// The error of a call is an *Error, to be found with errors.As. With errors.Is it matches the sentinel of
// its response code, such as ErrNoSuchData; ErrInvalidArgument and ErrPaused if the call was not made;
// and, of one that was to change a purchase, ErrOutcomeUnknown if the store may have done it, or ErrNotDone
// if a look-up showed that it did not.
//
// What the store answers is believed only as far as it is whole: a look-up without the members that
// decide, with a member twice, or with a value of the wrong type is ErrMalformedAnswer, never a purchase.
//
// # Beside it
//
// Package notify receives what the store says unasked, and package onestoretest is a fake of the store, for
// tests and for programs that run without an account.
package onestore
