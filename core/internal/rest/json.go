package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How long a body may be, in bytes. As many of them are in memory at once as there are calls.
const (
	MaxBody = 1 << 20  // of any, and of a page of a list
	OneBody = 64 << 10 // about one purchase: documented answers have 1 KiB
)

// maxDepth is how deep objects and arrays may nest. Documented answers nest twice.
const maxDepth = 32

// Why a body is refused. None of them quotes it.
var (
	ErrTooLong   = errors.New("the body is longer than the limit")
	ErrEmpty     = errors.New("the body is empty")
	ErrNotUTF8   = errors.New("the body is not UTF-8")
	ErrNotJSON   = errors.New("the body is not JSON")
	ErrNotObject = errors.New("the body is not a JSON object")
	ErrTwice     = errors.New("the body names a member twice")
	ErrTooDeep   = errors.New("the body nests deeper than 32 levels")
)

// Parse reads body as exactly one JSON object with nothing but white space around it. It is
// stricter than encoding/json, which would let a broken answer read as a purchase: at every level
// it refuses members whose names are equal, also when only their case differs (by Unicode's simple
// folding), invalid UTF-8 and a byte order mark.
//
// Blanks around a member's name are dropped, because ONE store sends some. A name without blanks
// wins over the same name with blanks; those two are no duplicates.
func Parse(body []byte) (*Object, error) {
	switch {
	case len(body) > MaxBody:
		return nil, tooLong(MaxBody)
	case len(bytes.TrimLeft(body, " \t\r\n")) == 0:
		return nil, ErrEmpty
	case !utf8.Valid(body):
		return nil, ErrNotUTF8
	case !json.Valid(body): // also refuses a byte order mark and what follows the value
		return nil, ErrNotJSON
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // 20-digit numbers survive
	v, err := parseValue(dec, 0)
	if err != nil {
		return nil, err
	}
	members, ok := v.(map[string]any)
	if !ok {
		return nil, ErrNotObject
	}
	return &Object{members: members, faults: new([]error)}, nil
}

func tooLong(limit int64) error { return fmt.Errorf("%w of %d KiB", ErrTooLong, limit>>10) }

// parseValue returns nil, bool, string, json.Number, []any or map[string]any.
func parseValue(dec *json.Decoder, depth int) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, ErrNotJSON
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return tok, nil
	}
	if depth++; depth > maxDepth {
		return nil, ErrTooDeep
	}
	if delim == '{' {
		return parseMembers(dec, depth)
	}
	list := []any{}
	for dec.More() {
		v, err := parseValue(dec, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err = dec.Token()
	return list, err
}

func parseMembers(dec *json.Decoder, depth int) (any, error) {
	// seen tells by folded name which spellings came: the bare one, one with blanks.
	type spellings struct {
		name         string
		bare, padded bool
	}
	seen := map[string]spellings{}
	members := map[string]any{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, ErrNotJSON
		}
		raw := tok.(string) // the body is valid JSON
		name := strings.TrimSpace(raw)
		v, err := parseValue(dec, depth)
		if err != nil {
			return nil, err
		}
		bare := name == raw
		folded := fold(name)
		s, again := seen[folded]
		if again && (s.name != name || bare && s.bare || !bare && s.padded) {
			return nil, ErrTwice
		}
		if bare || !s.bare {
			members[name] = v
		}
		seen[folded] = spellings{name: name, bare: s.bare || bare, padded: s.padded || !bare}
	}
	_, err := dec.Token()
	return members, err
}

// fold maps names that differ in case only to one name, as encoding/json does when it matches.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next // the smallest of its set
			}
			r = next
		}
	}, name)
}
