// Package wire is what the fake stores have in common: below HTTP a clock, a listener on loopback, and the
// delivery of an answer over a connection or in process, broken in whatever way a test wants; beside it a
// script of faults, a log of requests, and chance that is repeatable. It knows no store, and nothing of it
// is shared with the clients.
package wire
