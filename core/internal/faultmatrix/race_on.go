//go:build race

package faultmatrix

// raceFlags build the test host with the race detector if the tests have it.
var raceFlags = []string{"-race"}
