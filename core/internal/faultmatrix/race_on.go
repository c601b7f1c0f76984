//go:build race

package faultmatrix

// raceFlags build the test host with the race detector if the tests have it.
var raceFlags = []string{"-race"}

// Race tells whether the race detector is on, whose memory says nothing.
const Race = true
