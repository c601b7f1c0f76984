// Command fuzzing runs every fuzz target of the module, one after the other, and says how often each ran.
//
//	go run ./core/internal/fuzzing [-times 1000000] [-run regexp] [-list] [-dir tree]
//
// It finds the targets in the test files, so that none can be forgotten. What a target finds stays in
// its package's testdata/fuzz; commit it with the mend. The command fails if a target fails.
//
// A single one is run with
//
//	go test ./core -run '^$' -fuzz '^FuzzAnswer$' -fuzztime 1000000x -fuzzminimizetime 10x
//
// where the last flag keeps Go's minimizing from standing in the way.
package main
