package onestoretest

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"time"
)

// cursor is what a continuationKey stands for: the window, the row after which the next page begins,
// and a number that makes two keys for one place differ.
type cursor struct {
	window
	at      time.Time // of the row
	ordinal uint32    // of the row, among those of one instant; 0: before all of them
	salt    uint32
}

// Of keyMark and 40 characters of base64 a key is made: as long as a key may be, and in need of
// percent-encoding.
const keyMark = "="

// key seals a cursor. Nothing has to be remembered for it, so that a client may keep one for ever.
//
// Spec: 003_cae853c17ba7f40e.txt, "getVoidedPurchases" (the size of continuationKey).
func (s *Store) key(op Op, c cursor) string {
	b := make([]byte, 0, 30)
	b = binary.BigEndian.AppendUint64(b, uint64(c.end.UnixMilli()))[2:]
	b = binary.BigEndian.AppendUint32(b, uint32(c.end.Sub(c.start).Milliseconds()))
	b = binary.BigEndian.AppendUint32(b, uint32(c.at.Sub(c.start).Milliseconds()))
	b = binary.BigEndian.AppendUint32(b, c.ordinal)
	b = binary.BigEndian.AppendUint32(b, c.salt)
	return keyMark + base64.StdEncoding.EncodeToString(s.seal(op, b))
}

// seal appends what tells a key of this store and list from others.
func (s *Store) seal(op Op, b []byte) []byte {
	h := fnv.New64a()
	h.Write(binary.BigEndian.AppendUint64([]byte(op), s.cfg.Seed))
	h.Write(b)
	return h.Sum(b)
}

func (s *Store) openKey(op Op, key string) (*cursor, bool) {
	const sealed = 22
	if len(key) == 0 || key[:1] != keyMark {
		return nil, false
	}
	b, err := base64.StdEncoding.DecodeString(key[1:])
	if err != nil || len(b) < sealed || string(s.seal(op, b[:sealed:sealed])) != string(b) {
		return nil, false
	}
	end := time.UnixMilli(int64(binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...))))
	start := end.Add(-time.Duration(binary.BigEndian.Uint32(b[6:])) * time.Millisecond)
	return &cursor{
		window:  window{start, end},
		at:      start.Add(time.Duration(binary.BigEndian.Uint32(b[10:])) * time.Millisecond),
		ordinal: binary.BigEndian.Uint32(b[14:]),
		salt:    binary.BigEndian.Uint32(b[18:]),
	}, true
}
