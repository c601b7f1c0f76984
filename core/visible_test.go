package core_test

import (
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// Every byte, at every place of a token, next to those that a carry could come from.
func TestEveryCharacterIsJudgedWhereverItStands(t *testing.T) {
	for _, neighbour := range []byte{'!', 'a', '~'} {
		for n := 1; n <= 25; n++ {
			for at := range n {
				for c := range 256 {
					token := []byte(strings.Repeat(string(neighbour), n))
					token[at] = byte(c)
					want := c > ' ' && c <= '~' && c != ',' && c != ';'
					if got := core.IsVisible(string(token), ",;"); got != want {
						t.Fatalf("%q: got %v, want %v", token, got, want)
					}
				}
			}
		}
	}
	for c := range 1 << 16 { // two at once
		token := string([]byte{'a', byte(c), byte(c >> 8), 'a', 'a', 'a', 'a', 'a'})
		visible := func(c byte) bool { return c > ' ' && c <= '~' }
		if want := visible(byte(c)) && visible(byte(c>>8)); core.IsVisible(token, "") != want {
			t.Fatalf("%q: want %v", token, want)
		}
	}
}
