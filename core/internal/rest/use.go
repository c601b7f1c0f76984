package rest

import (
	"context"
	"errors"
)

// Verdict is what a store's answer says about the access token that was sent.
type Verdict uint8

// The verdicts.
const (
	NoVerdict Verdict = iota // no answer, or one that says nothing about the token
	Accepted                 // the store took the token
	Refused                  // the store wants another token
)

// Use runs call with an access token. If the answer refuses the token, the token is renewed and
// call runs once more, never a third time. Use returns the error of the last call, or why there was
// no token: the error of the shared fetch, ctx.Err() or ErrClosed.
func (t *Tokens) Use(ctx context.Context, call func(token string) (Verdict, error)) error {
	token, err := t.get(ctx)
	if err != nil {
		return err
	}
	verdict, err := call(token)
	if verdict == Refused {
		next, renewErr := t.renew(ctx, token)
		if errors.Is(renewErr, errPaused) {
			return err // the store refuses what it issued a moment ago
		}
		if renewErr != nil {
			return renewErr
		}
		token = next
		verdict, err = call(token)
	}
	if verdict == Accepted {
		t.accepted(token)
	}
	return err
}
