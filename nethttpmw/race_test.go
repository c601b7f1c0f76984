//go:build race

package nethttpmw_test

const raceEnabled = true
