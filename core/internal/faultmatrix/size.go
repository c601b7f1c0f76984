package faultmatrix

import (
	"flag"
	"time"
)

var full = flag.Bool("full", false, "run the fault matrix in the sizes that it names")

// Size is a count as it is run usually and, with -full, as the matrix names it.
func Size(usual, matrix int) int {
	if *full {
		return matrix
	}
	return usual
}

// Span is Size for durations.
func Span(usual, matrix time.Duration) time.Duration {
	if *full {
		return matrix
	}
	return usual
}
