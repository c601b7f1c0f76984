package fibermw

import (
	"bufio"
	"bytes"
	"context"
	"net/textproto"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/skugate/skugate/core"
)

// CredentialsFunc reads from a request who asks, and with which purchase tokens. It runs on every
// request, on the request's goroutine. fiber uses the memory of its strings again for the next
// request; what the function returns is copied before anything is kept of it. An error that is core.ErrTokenMissing or
// core.ErrTokenMalformed answers 400; any other leaves the decision undetermined (503).
type CredentialsFunc func(c *fiber.Ctx) (core.Credentials, error)

// TokenHeader takes the one purchase token from the header named name, and the account from account.
// Several fields of that name are refused, whatever they hold.
func TokenHeader(name string, account func(*fiber.Ctx) string) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		var usual [1]string
		token, err := core.ParseToken(fields(c, name, usual[:0]))
		return core.Credentials{Account: account(c), Token: token}, err
	}
}

// TokensHeader takes several purchase tokens from the header named name, as core.ParseTokens reads
// them, and the account from account.
func TokensHeader(name string, account func(*fiber.Ctx) string) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		var usual [1]string
		tokens, err := core.ParseTokens(fields(c, name, usual[:0]))
		return core.Credentials{Account: account(c), Tokens: tokens}, err
	}
}

// TokenLookup takes the account from account and its tokens from the game's own records, one look-up
// a request. The client sends no token. The look-up should honour its context: the gate's own
// timeout begins after it.
func TokenLookup(account func(*fiber.Ctx) string, tokens func(ctx context.Context, account string) ([]core.Token, error)) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		return core.KnownTokens(c.UserContext(), strings.Clone(account(c)), tokens)
	}
}

// Owned takes the account from account and its tokens from the gate's own owners' registry: purchases
// that were handed in (core.Gate.HandIn) or recorded before. The client sends no token.
func Owned(account func(*fiber.Ctx) string) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		return core.Credentials{Account: account(c), Owned: true}, nil
	}
}

// fields appends the values of a header's fields to values, however their name is spelled, in fiber's
// own memory.
func fields(c *fiber.Ctx, name string, values []string) []string {
	if chunked(c) {
		return headerFields(c, name)
	}
	h := &c.Request().Header
	for _, k := range h.PeekKeys() {
		if !named(k, name) {
			continue
		}
		for _, v := range h.PeekAll(utils.UnsafeString(k)) {
			values = append(values, utils.UnsafeString(v))
		}
		if len(values) > 1 { // the names were overwritten, and it is one too many anyway
			break
		}
	}
	return values
}

// headerFields is fields for a request that may have had a trailer. fasthttp puts a trailer's fields among
// those of the header; they do not count, so that only the header as it came can be read. It is read as
// net/http does: fasthttp itself finds nothing in one whose last line a bare line feed ends.
func headerFields(c *fiber.Ctx, name string) []string {
	raw := bufio.NewReader(bytes.NewReader(c.Request().Header.RawHeaders()))
	header, err := textproto.NewReader(raw).ReadMIMEHeader()
	if err != nil {
		return nil
	}
	return header.Values(name)
}

func named(key []byte, name string) bool {
	return len(key) == len(name) && strings.EqualFold(utils.UnsafeString(key), name)
}

// chunked tells whether the request came in chunks. Of a chunked body that is empty fasthttp keeps the
// length 0 and nothing else.
func chunked(c *fiber.Ctx) bool {
	if n := c.Request().Header.ContentLength(); n != -1 && n != 0 {
		return false
	}
	return len(headerFields(c, fiber.HeaderTransferEncoding)) > 0
}
