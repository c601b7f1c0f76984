package core

import "context"

// KnownTokens asks the game's own records which tokens an account has, and returns them as
// credentials that are bound to it by that look-up (Token.Known). An account without tokens owns
// nothing; that is an answer (403), not a missing token. Without an account nothing is looked up.
// It is what the adapters' TokenLookup is made of.
func KnownTokens(ctx context.Context, account string, lookup func(ctx context.Context, account string) ([]Token, error)) (Credentials, error) {
	c := Credentials{Account: account, Tokens: []Token{}}
	if account == "" {
		return c, nil
	}
	found, err := lookup(ctx, account)
	if err != nil {
		return c, err
	}
	for _, t := range found {
		t.Known = true
		c.Tokens = append(c.Tokens, t)
	}
	return c, nil
}
