// Package examples holds programs to run, each in its folder, and the examples of the README with their output.
//
//   - quickstart comes first: a day of a small game, in front of fake stores
//   - nethttp, gin, fiber: one gated route each, in front of the fake store
//   - reconcile: a refund that takes effect, a purchase that is rescued, one that nobody delivered
//   - fleet: processes that share a Redis: what the store is asked, and how soon each hears of a refund
//   - redeem: 100 gems for money, once, on SQLite
//   - fakestore: the fake ONE store behind a socket, for servers in any language
//   - testhost: a server for testing the gate from outside
package examples
