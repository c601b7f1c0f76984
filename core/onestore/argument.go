package onestore

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skugate/skugate/core/internal/rest"
)

// ErrInvalidArgument is matched by the error of a call that was not made, because one of its arguments
// can never be right. The error names the argument and its limit.
var ErrInvalidArgument = errors.New("not called: invalid argument")

func invalidArgument(op operation, argument string, why error) *Error {
	return &Error{Op: op.name, cause: fmt.Errorf("%w: %s %w", ErrInvalidArgument, argument, why)}
}

// Lengths of what stands in paths, and of a developerPayload.
//
// Spec: 003_cae853c17ba7f40e.txt, "getPurchaseDetails". A token has 20 characters there; longer ones
// are let through, because other parts of the API print such.
const (
	maxClientID  = 128
	maxProductID = 150
	maxToken     = 64
	maxPayload   = 200
)

// checkToken does not quote the token.
func checkToken(token string) error {
	switch {
	case token == "":
		return errors.New("is empty")
	case len(token) > maxToken:
		return fmt.Errorf("has %d bytes, more than %d", len(token), maxToken)
	case strings.ContainsFunc(token, notTokenRune):
		return errors.New("has a character other than A-Z a-z 0-9 . _ -")
	}
	return rest.CheckSegment(token)
}

func notTokenRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
		return false
	}
	return true
}

func checkProductID(id string) error {
	if n := utf8.RuneCountInString(id); n > maxProductID {
		return fmt.Errorf("has %d characters, more than %d", n, maxProductID)
	}
	return checkSegment(id)
}

func checkPayload(payload string) error {
	if !utf8.ValidString(payload) {
		return errors.New("is not UTF-8")
	}
	if n := utf8.RuneCountInString(payload); n > maxPayload {
		return fmt.Errorf("has %d characters, more than %d", n, maxPayload)
	}
	return nil
}

func checkClientID(id string) error {
	if err := checkWord(id, maxClientID); err != nil {
		return err
	}
	return checkSegment(id)
}

// checkSegment also refuses slashes: ONE store's front server answers an escaped one with a page.
func checkSegment(s string) error {
	if strings.ContainsAny(s, `/\`) {
		return errors.New("has a slash or a backslash")
	}
	return rest.CheckSegment(s)
}

// checkWord wants something without blanks, control characters and what cannot be printed.
func checkWord(s string, limit int) error {
	switch {
	case s == "":
		return errors.New("is not set")
	case len(s) > limit:
		return fmt.Errorf("has %d bytes, more than %d", len(s), limit)
	case !utf8.ValidString(s):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return errors.New("has a blank or a control character")
	}
	return nil
}
