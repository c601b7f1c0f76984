// Command fuzzing runs every fuzz target of the module, one after the other, and says how often each ran.
//
//	go run ./core/internal/fuzzing [-times 1000000] [-run regexp] [-list] [-dir tree]
//
// It finds the targets in the test files, so that none can be forgotten. What a target finds stays in
// its package's testdata/fuzz; commit it with the mend. The command fails if a target fails.
//
// ran.txt is what it said of each target when that last ran: executions, seconds, package and name. A
// target that is not there has not run that often. Append what the command says, and take the older line out.
//
// A single one is run with
//
//	go test ./core -run '^$' -fuzz '^FuzzAnswer$' -fuzztime 1000000x -fuzzminimizetime 10x
//
// where the last flag keeps Go's minimizing from standing in the way.
package main
