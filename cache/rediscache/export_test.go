package rediscache

import "github.com/skugate/skugate/core"

// Seal and Open are how a value is written and read.
func (c *Cache) Seal(q core.SharedQuestion, f *core.SharedFact) []byte { return c.seal(q, f) }

func (c *Cache) Open(q core.SharedQuestion, value []byte) (*core.SharedFact, error) {
	return c.open(q, value)
}

// SealBody makes a value of a body that appendFact did not write.
func (c *Cache) SealBody(q core.SharedQuestion, body []byte) []byte {
	value := append(c.head(q), body...)
	return append(value, c.mac(value)...)
}

// KeyOf is the Redis key of a token.
func (c *Cache) KeyOf(t core.SharedToken) string { return c.keyOf(t) }

// Why a value is not used.
var ErrCorrupt, ErrNewer, ErrOtherOrigin, ErrOtherKey = errCorrupt, errNewer, errOtherOrigin, errOtherKey
