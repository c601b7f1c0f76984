//go:build race

package fibermw_test

const raceEnabled = true
