// Package histories lets random histories happen to gates and judges every decision afterwards.
//
// A history is a setup and some steps: players buy, cancel, are refunded; the store goes down, hangs,
// talks nonsense; time passes; and between all that accounts present tokens, rightly and wrongly, to
// one to three gates. It runs in a testing/synctest bubble with the real client and the fake store, so
// days take a millisecond.
//
// The oracle knows nothing of the gate's code. It has what the store's answers said when they passed
// the wire, what the steps did, and the decisions, and asks of each decision whether it can be true.
//
// go test runs some of them; go test -histories=50000 as many as one wants.
package histories
