package rediscache

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"

	"github.com/skugate/skugate/core"
)

// digest is the hash of texts, under the MACKey if there is one: no two lists of texts have the same.
func (c *Cache) digest(purpose string, texts ...string) []byte {
	h := hmac.New(sha256.New, c.config.MACKey)
	var buf []byte
	for _, t := range append([]string{purpose}, texts...) {
		buf = append(binary.AppendUvarint(buf, uint64(len(t))), t...)
	}
	h.Write(buf)
	return h.Sum(nil)
}

// originTexts name an account of a market.
func originTexts(o core.StoreInfo) []string {
	return []string{o.Platform, o.Application, o.Market, o.Environment, strconv.FormatBool(o.Sandbox)}
}

// keyOf is the Redis key of a token. The token cannot be read from it.
func (c *Cache) keyOf(t core.SharedToken) string {
	sum := c.digest("key", append([]string{string(t.Store), t.Token}, originTexts(t.Origin)...)...)
	return c.config.Prefix + base64.RawURLEncoding.EncodeToString(sum)
}

// fieldOf is where a question has its answer ("a") or its lease ("l") in the token's hash.
func fieldOf(what string, q core.SharedQuestion) string {
	return what + strconv.Itoa(len(q.Kind)) + ":" + string(q.Kind) + q.Product
}
