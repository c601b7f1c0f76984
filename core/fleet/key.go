package fleet

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// joinKey makes one text of parts that may hold anything: no two lists of parts have the same.
func joinKey(parts ...string) string {
	var key []byte
	for _, p := range parts {
		key = append(binary.AppendUvarint(key, uint64(len(p))), p...)
	}
	return string(key)
}

// digest names parts in a key: no two lists of parts have the same, and the parts cannot be read from it.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(joinKey(parts...)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// timeKey is an instant as eight bytes that are in its order, to the nanosecond.
func timeKey(t time.Time) string {
	// The sign is turned over so that instants before 1970 come first.
	return string(binary.BigEndian.AppendUint64(nil, uint64(t.UnixNano())^(1<<63)))
}
