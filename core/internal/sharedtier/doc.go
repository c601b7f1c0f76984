// Package sharedtier has the tests of cache/rediscache that need real Redis servers, alone and under gates
// that share one. It is here because the servers are (redistest).
package sharedtier
