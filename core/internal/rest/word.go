package rest

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckText says why s is not 1 to limit bytes that can be printed, without blanks, or nil. It does
// not quote s.
func CheckText(s string, limit int) error {
	switch err := checkLength(s, limit); {
	case err != nil:
		return err
	case !utf8.ValidString(s):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return errors.New("has a blank or a control character")
	}
	return nil
}

// CheckWord says why s is not 1 to limit of A-Z a-z 0-9 . _ - and no dot segment, or nil. It does not
// quote s.
func CheckWord(s string, limit int) error {
	switch err := checkLength(s, limit); {
	case err != nil:
		return err
	case strings.ContainsFunc(s, NotWordRune):
		return errors.New("has a character other than A-Z a-z 0-9 . _ -")
	}
	return CheckSegment(s)
}

func checkLength(s string, limit int) error {
	switch {
	case s == "":
		return errors.New("is not set")
	case len(s) > limit:
		return fmt.Errorf("has %d bytes, more than %d", len(s), limit)
	}
	return nil
}

// NotWordRune tells whether r is none of A-Z a-z 0-9 . _ -
func NotWordRune(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
		return false
	}
	return true
}
