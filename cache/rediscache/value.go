package rediscache

import (
	"bytes"
	"crypto/hmac"
	"errors"

	"github.com/skugate/skugate/core"
)

// A value is its version, a digest of the environment, a digest of the whole question, the answer, and a
// MAC of all that; without a MACKey a checksum.
const (
	version    = 1
	originSize = 8
	nameSize   = 16
	macSize    = 16
	headSize   = 1 + originSize + nameSize
)

// Why a value is not used.
var (
	errCorrupt     = errors.New("it is damaged, or its MAC is wrong")
	errNewer       = errors.New("a newer version wrote it")
	errOtherOrigin = errors.New("it is for another environment")
	errOtherKey    = errors.New("it is another key's")
)

// head begins every value that answers a question.
func (c *Cache) head(q core.SharedQuestion) []byte {
	origin := originTexts(q.Origin)
	name := append([]string{string(q.Store), q.Token, string(q.Kind), q.Product}, origin...)
	head := append(make([]byte, 0, 256), version)
	head = append(head, c.digest("origin", origin...)[:originSize]...)
	return append(head, c.digest("name", name...)[:nameSize]...)
}

// seal makes a value.
func (c *Cache) seal(q core.SharedQuestion, f *core.SharedFact) []byte {
	value := appendFact(c.head(q), f)
	return append(value, c.mac(value)...)
}

func (c *Cache) mac(value []byte) []byte { return c.digest("value", string(value))[:macSize] }

// open reads a value as an answer to q.
func (c *Cache) open(q core.SharedQuestion, value []byte) (*core.SharedFact, error) {
	switch {
	case len(value) > 0 && value[0] > version:
		return nil, errNewer
	case len(value) < headSize+macSize:
		return nil, errCorrupt
	}
	value, mac := value[:len(value)-macSize], value[len(value)-macSize:]
	if !hmac.Equal(mac, c.mac(value)) {
		return nil, errCorrupt
	}
	head := c.head(q)
	switch {
	case value[0] != version:
		return nil, errCorrupt
	case !bytes.Equal(value[1:1+originSize], head[1:1+originSize]):
		return nil, errOtherOrigin
	case !bytes.Equal(value[:headSize], head):
		return nil, errOtherKey
	}
	return readFact(value[headSize:], q.Token)
}
