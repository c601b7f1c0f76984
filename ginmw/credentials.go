package ginmw

import (
	"context"
	"net/textproto"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
)

// CredentialsFunc reads from a request who asks, and with which purchase tokens. It runs on every
// request, on the request's goroutine. An error that is core.ErrTokenMissing or
// core.ErrTokenMalformed answers 400; any other leaves the decision undetermined (503).
type CredentialsFunc func(c *gin.Context) (core.Credentials, error)

// TokenHeader takes the one purchase token from the header named name, and the account from account.
// Several fields of that name are refused, whatever they hold.
func TokenHeader(name string, account func(*gin.Context) string) CredentialsFunc {
	name = textproto.CanonicalMIMEHeaderKey(name)
	return func(c *gin.Context) (core.Credentials, error) {
		token, err := core.ParseToken(c.Request.Header[name])
		return core.Credentials{Account: account(c), Token: token}, err
	}
}

// TokensHeader takes several purchase tokens from the header named name, as core.ParseTokens reads
// them, and the account from account.
func TokensHeader(name string, account func(*gin.Context) string) CredentialsFunc {
	name = textproto.CanonicalMIMEHeaderKey(name)
	return func(c *gin.Context) (core.Credentials, error) {
		tokens, err := core.ParseTokens(c.Request.Header[name])
		return core.Credentials{Account: account(c), Tokens: tokens}, err
	}
}

// TokenLookup takes the account from account and its tokens from the game's own records, one look-up
// a request. The client sends no token. The look-up should honour its context: the gate's own
// timeout begins after it.
func TokenLookup(account func(*gin.Context) string, tokens func(ctx context.Context, account string) ([]core.Token, error)) CredentialsFunc {
	return func(c *gin.Context) (core.Credentials, error) {
		return core.KnownTokens(c.Request.Context(), account(c), tokens)
	}
}

// Owned takes the account from account and its tokens from the gate's own owners' registry: purchases
// that were handed in (core.Gate.HandIn) or recorded before. The client sends no token.
func Owned(account func(*gin.Context) string) CredentialsFunc {
	return func(c *gin.Context) (core.Credentials, error) {
		return core.Credentials{Account: account(c), Owned: true}, nil
	}
}
