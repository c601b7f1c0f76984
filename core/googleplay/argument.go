package googleplay

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/skugate/skugate/core/internal/rest"
)

// ErrInvalidArgument is matched by the error of a call that was not made, because its product id,
// token or window can never be one.
var ErrInvalidArgument = errors.New("invalid argument")

// Bounds of what stands in paths. Google documents none; its tokens have some 150 characters.
const (
	maxName        = 64
	maxPackageName = 255
	maxProductID   = 150
	maxToken       = 1024
)

// checkToken does not quote the token.
func checkToken(token string) error {
	switch {
	case token == "":
		return errors.New("is empty")
	case len(token) > maxToken:
		return fmt.Errorf("has %d bytes, more than %d", len(token), maxToken)
	case strings.ContainsFunc(token, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return errors.New("has a blank or a character that cannot be printed")
	}
	return rest.CheckSegment(token)
}

// checkProductID wants what the Play Console lets a developer enter, and letters of either case.
func checkProductID(id string) error { return checkWord(id, maxProductID) }

func checkPackageName(name string) error { return checkWord(name, maxPackageName) }

func checkWord(s string, limit int) error {
	switch {
	case s == "":
		return errors.New("is not set")
	case len(s) > limit:
		return fmt.Errorf("has %d bytes, more than %d", len(s), limit)
	case strings.ContainsFunc(s, notWordRune):
		return errors.New("has a character other than A-Z a-z 0-9 . _ -")
	}
	return rest.CheckSegment(s)
}

func checkName(s string) error {
	switch {
	case len(s) > maxName:
		return fmt.Errorf("has %d bytes, more than %d", len(s), maxName)
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return errors.New("has a blank or a character that cannot be printed")
	}
	return nil
}

func notWordRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
		return false
	}
	return true
}
