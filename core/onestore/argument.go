package onestore

import (
	"errors"
	"fmt"
	"strings"
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

func checkToken(token string) error { return rest.CheckWord(token, maxToken) }

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
	if err := rest.CheckText(id, maxClientID); err != nil {
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
