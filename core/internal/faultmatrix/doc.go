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
// while a row runs (see lateness), and is the only thing that a limit in time is widened by. A check that
// is excused for it is counted: more than a tenth of a row is said; with more than half of one the
// row says nothing, is played again, and is red if that does not help.
//
// # Rows
//
// A test's name begins with the number of its row. Where something stands in for what the matrix names:
//
//	1, 4-8          answers of the store
//	9, 10           bodies without end; by a Front, as no http.Handler can send them
//	13              a name that does not resolve: a label of 64 letters, which is found out without asking
//	                anybody; with real silence and lateness in the module toxi; one of two stores, Google Play
//	14              redirects; https to http with a certificate that the host is told to trust
//	15              look-ups; also in the module toxi
//	18-21           the access token
//	22, 24, 25      load and callers that leave
//	29, 30, 32      memory
//	33              the end of a right by the store's clock, in place of a void
//	34              the store's clock is stepped against ours; a step of our own one by the instants of
//	                package cache
//	36              expiries
//	38-40           a Redis that several hosts share is down, sick, or cut off; with purchases whose label
//	                names their owner, as without the registry nobody knows whose the others are; a real
//	                server's OOM and READONLY, connections that are cut, none of LOADING and MOVED
//	44-46, 48, 49   hostile callers, and what is quoted of others; 45 with the fasthttp that go.mod names
//	                46 also on another host
//	50              notifications that are forged, repeated or invented
//	55              one host, and three that share a Redis; with memory at its capacity in package reconcile
//	63, 64, 66      adapters; 64 inside the test, where a hook can be made to panic
//	67, 68, 71      configurations, gates that are none and gates that come and go; inside the test
//	69, 70          a wrong configuration, and a graceful stop
//
// Not here: the other rows with and without a Redis; 52-54, 56-58 and 62, which package reconcile has in its
// tests, with the acknowledgements of 15, 63 and 70 and the voids of 33 and 34; what 46 asks after a restart.
package faultmatrix
