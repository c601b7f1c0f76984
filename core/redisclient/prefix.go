package redisclient

import (
	"fmt"
	"strings"
)

const maxPrefix = 64

// PrefixFaults says why keys cannot begin with prefix; none if they can.
func PrefixFaults(prefix string) (faults []string) {
	if len(prefix) > maxPrefix {
		faults = append(faults, fmt.Sprintf("has %d bytes; it may have %d", len(prefix), maxPrefix))
	}
	if strings.ContainsAny(prefix, "{}") {
		faults = append(faults, "has a brace, which would put all keys in one slot of a cluster")
	}
	return faults
}
