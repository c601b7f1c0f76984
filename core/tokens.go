package core

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTokens is how many tokens one header may carry.
const MaxTokens = 8

const (
	maxTokenBytes  = 1 << 10  // of one token; the stores' own are far shorter
	maxTokensBytes = 16 << 10 // of the several-tokens header, without the blanks around it
)

// What is wrong with a header that carries tokens; find them with errors.Is. The error that wraps
// them says why and names the limit, and never quotes what the header holds.
var (
	ErrTokenMissing   = errors.New("core: purchase token missing")
	ErrTokenMalformed = errors.New("core: purchase token malformed")
)

// ParseToken reads a header that carries one token; values are all lines of that header. There must
// be exactly one, and spaces and tabs around its value do not count.
//
// It is ErrTokenMissing when there is no line, or one without a value. It is ErrTokenMalformed when
// there are several lines, even equal ones; when the value holds anything but visible ASCII
// characters, or a comma or semicolon; and when it is longer than 1,024 bytes. What a token of a
// certain store looks like is for Store.CheckToken to judge.
//
// The token shares the memory of values. A caller whose strings do not outlive the request (fiber)
// clones them first.
func ParseToken(values []string) (string, error) {
	token, err := onlyLine(values)
	if err != nil {
		return "", err
	}
	if err := checkTokenText(token); err != nil {
		return "", fmt.Errorf("%w: the value %w", ErrTokenMalformed, err)
	}
	return token, nil
}

// ParseTokens reads a header that carries several tokens; values are all lines of that header. There
// must be exactly one line, of at most 16 KiB, with 1 to MaxTokens entries:
//
//	entries = entry *( "," entry )
//	entry   = token [ ";store=" name ] [ ";product=" id ]
//
// Spaces and tabs may stand around commas and semicolons. Names of parameters are case-insensitive,
// come in any order, and at most once per entry; unknown ones are refused, and so is anything empty.
// A token is what ParseToken takes. The values of parameters are visible ASCII without quotation
// marks. That of store is the client's StoreID as it is. That of product is percent-encoded where the
// product id holds anything else, in UTF-8, or a comma (%2C), semicolon (%3B), quotation mark (%22)
// or percent sign (%25); a plus sign stands for itself. Encoded control characters are refused.
//
// It is ErrTokenMissing when there is no line, or one without a value, and ErrTokenMalformed for
// everything else that breaks these rules. Without an error there is at least one token, and none is
// Known. An entry that repeats an earlier one with the same hints is dropped, though it counts
// towards MaxTokens.
//
// The tokens share the memory of values. A caller whose strings do not outlive the request (fiber)
// clones them first.
func ParseTokens(values []string) ([]Token, error) {
	line, err := onlyLine(values)
	if err != nil {
		return nil, err
	}
	if len(line) > maxTokensBytes {
		return nil, fmt.Errorf("%w: the header has %d bytes, the limit is %d", ErrTokenMalformed, len(line), maxTokensBytes)
	}
	n := strings.Count(line, ",") + 1
	if n > MaxTokens {
		return nil, fmt.Errorf("%w: the header has %d entries, the limit is %d", ErrTokenMalformed, n, MaxTokens)
	}
	tokens := make([]Token, 0, n)
	rest := line
	for i := 1; i <= n; i++ {
		var entry string
		entry, rest, _ = strings.Cut(rest, ",")
		t, err := parseEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("%w: entry %d %w", ErrTokenMalformed, i, err)
		}
		if !slices.Contains(tokens, t) {
			tokens = append(tokens, t)
		}
	}
	return tokens, nil
}

// onlyLine refuses a second line even when it is empty: behind a front proxy that reads the first
// and a server that reads the last, two lines are two different requests.
func onlyLine(values []string) (string, error) {
	if len(values) > 1 {
		return "", fmt.Errorf("%w: the header has %d lines, the limit is 1", ErrTokenMalformed, len(values))
	}
	if len(values) == 1 {
		if line := trimBlanks(values[0]); line != "" {
			return line, nil
		}
	}
	return "", fmt.Errorf("%w: the header is absent or empty", ErrTokenMissing)
}

func parseEntry(entry string) (Token, error) {
	value, params, more := strings.Cut(entry, ";")
	t := Token{Value: trimBlanks(value)}
	if err := checkTokenText(t.Value); err != nil {
		return Token{}, err
	}
	for more {
		var param string
		param, params, more = strings.Cut(params, ";")
		name, value, _ := strings.Cut(trimBlanks(param), "=")
		var err error
		switch {
		case strings.EqualFold(name, "store"):
			err = setStore(&t, value)
		case strings.EqualFold(name, "product"):
			err = setProduct(&t, value)
		default:
			err = errors.New("has a parameter that is neither store nor product")
		}
		if err != nil {
			return Token{}, err
		}
	}
	return t, nil
}

func setStore(t *Token, value string) error {
	if t.Store != "" {
		return errors.New("names its store twice")
	}
	if value == "" || !isVisible(value, `"`) {
		return errors.New("has a store that is empty or not plain visible ASCII")
	}
	t.Store = StoreID(value)
	return nil
}

func setProduct(t *Token, value string) error {
	if t.Product != "" {
		return errors.New("names its product twice")
	}
	if value == "" || !isVisible(value, `"`) {
		return errors.New("has a product that is empty or not plain visible ASCII (percent-encode the rest)")
	}
	id, err := url.PathUnescape(value) // its error quotes the value
	if err != nil || !utf8.ValidString(id) || strings.ContainsFunc(id, unicode.IsControl) {
		return errors.New("has a product whose percent-encoding is broken, not UTF-8, or hides a control character")
	}
	t.Product = id
	return nil
}

// checkTokenText says what keeps s from being anybody's token.
func checkTokenText(s string) error {
	if err := checkLength(s); err != nil {
		return err
	}
	if !isVisible(s, ",;") {
		return errors.New("holds a comma, a semicolon, or what is not visible ASCII")
	}
	return nil
}

// checkLength bounds what may become a key in memory, wherever the token comes from.
func checkLength(token string) error {
	switch {
	case token == "":
		return errors.New("is empty")
	case len(token) > maxTokenBytes:
		return fmt.Errorf("has %d bytes, the limit is %d", len(token), maxTokenBytes)
	}
	return nil
}

// isVisible tells whether s is made of visible ASCII characters only, and of none in except. It reads every
// token of every request, so it looks at eight characters at once.
func isVisible(s, except string) bool {
	const each, top = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		// A byte's top bit is set by: being below '!', being 0x7f, being above it.
		if ((x-each*'!')&^x|(x+each)|x)&top != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c > '~' {
			return false
		}
	}
	for j := range len(except) {
		if strings.IndexByte(s, except[j]) >= 0 {
			return false
		}
	}
	return true
}

// trimBlanks is strings.Trim of two characters, without the set that it would make of them for every token.
func trimBlanks(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}
