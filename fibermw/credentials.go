package fibermw

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
)

// CredentialsFunc reads from a request who asks, and with which purchase tokens. It runs on every
// request, on the request's goroutine. fiber uses the memory of its strings again for the next
// request; what the function returns is copied before it is used. An error that is core.ErrTokenMissing or
// core.ErrTokenMalformed answers 400; any other leaves the decision undetermined (503).
type CredentialsFunc func(c *fiber.Ctx) (core.Credentials, error)

// TokenHeader takes the one purchase token from the header named name, and the account from account.
// Several fields of that name are refused, whatever they hold.
func TokenHeader(name string, account func(*fiber.Ctx) string) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		token, err := core.ParseToken(fields(c, name))
		return core.Credentials{Account: clone(account, c), Token: token}, err
	}
}

// TokensHeader takes several purchase tokens from the header named name, as core.ParseTokens reads
// them, and the account from account.
func TokensHeader(name string, account func(*fiber.Ctx) string) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		tokens, err := core.ParseTokens(fields(c, name))
		return core.Credentials{Account: clone(account, c), Tokens: tokens}, err
	}
}

// TokenLookup takes the account from account and its tokens from the game's own records, one look-up
// a request. The client sends no token. The look-up should honour its context: the gate's own
// timeout begins after it.
func TokenLookup(account func(*fiber.Ctx) string, tokens func(ctx context.Context, account string) ([]core.Token, error)) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		return core.KnownTokens(c.UserContext(), clone(account, c), tokens)
	}
}

// Owned takes the account from account and its tokens from the gate's own owners' registry: purchases
// that were handed in (core.Gate.HandIn) or recorded before. The client sends no token.
func Owned(account func(*fiber.Ctx) string) CredentialsFunc {
	return func(c *fiber.Ctx) (core.Credentials, error) {
		return core.Credentials{Account: clone(account, c), Owned: true}, nil
	}
}

// fields copies the values of a header's fields, however their name is spelled.
func fields(c *fiber.Ctx, name string) []string {
	var values []string
	for k, v := range c.Request().Header.All() {
		if len(k) == len(name) && strings.EqualFold(string(k), name) {
			values = append(values, string(v))
		}
	}
	return values
}

func clone(account func(*fiber.Ctx) string, c *fiber.Ctx) string { return strings.Clone(account(c)) }
