package rest_test

import (
	"strings"
	"testing"

	"github.com/skugate/skugate/core/internal/rest"
)

func TestWhatATextAndAWordMayHold(t *testing.T) {
	for s, want := range map[string]struct{ text, word string }{
		"gold.1_a-Z":           {"", ""},
		"":                     {"is not set", "is not set"},
		strings.Repeat("x", 9): {"", ""},
		strings.Repeat("x", 21): {
			"has 21 bytes, more than 20", "has 21 bytes, more than 20"},
		"a b":      {"has a blank or a control character", "has a character other than A-Z a-z 0-9 . _ -"},
		"a\u3000b": {"has a blank or a control character", "has a character other than A-Z a-z 0-9 . _ -"},
		"a\nb":     {"has a blank or a control character", "has a character other than A-Z a-z 0-9 . _ -"},
		"\u202e":   {"has a blank or a control character", "has a character other than A-Z a-z 0-9 . _ -"},
		"\xff":     {"is not UTF-8", "has a character other than A-Z a-z 0-9 . _ -"},
		"골드":       {"", "has a character other than A-Z a-z 0-9 . _ -"},
		"a/b":      {"", "has a character other than A-Z a-z 0-9 . _ -"},
		"..":       {"", "is a dot segment"},
	} {
		for kind, tc := range map[string]struct {
			err  error
			want string
		}{"text": {rest.CheckText(s, 20), want.text}, "word": {rest.CheckWord(s, 20), want.word}} {
			got := ""
			if tc.err != nil {
				got = tc.err.Error()
			}
			if got != tc.want {
				t.Errorf("%q as a %s: %q, want %q", s, kind, got, tc.want)
			}
		}
	}
}

func TestNoValueBecomesAVerb(t *testing.T) {
	base, err := rest.ParseBaseURL("https://h/pre", false)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{
		"x":         "https://h/pre/tokens/x:consume",
		"x:refund":  "https://h/pre/tokens/x%3Arefund:consume",
		"x%3Aother": "https://h/pre/tokens/x%253Aother:consume",
		":":         "https://h/pre/tokens/%3A:consume",
	} {
		if u, err := rest.Resolve(base, "/tokens/{token}:consume", token); err != nil || u.String() != want {
			t.Errorf("%q: %v, %v", token, u, err)
		}
	}
}
