// Package redistest runs real Redis servers on loopback for tests: one that can be killed, frozen and
// started again, or a cluster of three.
//
// Without redis-server on PATH the tests that need one are skipped and say so. With SKUGATE_NO_SKIP=1 in
// the environment they fail instead.
package redistest
