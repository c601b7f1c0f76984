// Package faultmatrix tests the whole library from outside, by the rows of its fault matrix: a test
// host for each adapter, started as a process (examples/testhost), in front of a fake ONE store that
// misbehaves by script. Rows that need a hook or a clock of the process run inside the test instead.
//
//	go test ./core/internal/faultmatrix                      # scaled down, within a minute
//	go test ./core/internal/faultmatrix -full -timeout 30m   # the sizes that the matrix names
//	go test ./core/internal/faultmatrix -run 'Row22'         # one row
//
// Run drives one row on all three adapters at once and holds it to what must be true whatever is
// wrong:
//
//	I1  no wrong yes: an oracle goes through the log of every check and every change at the store
//	I2  trouble never becomes a no
//	I3  every answer comes within the budget of a decision, and 50 ms
//	I4  never more store calls at once than the bulkhead allows
//	I5  goroutines, file descriptors and memory come back to where they were
//	I6  nothing secret in any body, header, log line or metric
//	I7  the process lives, and stops when told to
//	I8  protected handlers ran exactly as often as PREMIUM was answered
//	I9  every answer is counted once, under its own label
//	I10 the same script has the same outcomes on all adapters
//	I11 the store saw no malformed request
//
// Store calls are counted at the store, never at the gate. How late the machine itself is gets measured
// while a row runs (see lateness), and is the only thing that a limit in time is widened by.
package faultmatrix
