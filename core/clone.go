package core

import (
	"slices"
	"strings"
)

// Clone returns the credentials in memory of their own, in one piece: for a framework that uses the memory of
// a request's strings again for the next one.
func (c Credentials) Clone() Credentials {
	n := len(c.Account) + len(c.Token)
	for i := range c.Tokens {
		n += len(c.Tokens[i].Value) + len(c.Tokens[i].Store) + len(c.Tokens[i].Product)
	}
	var memory strings.Builder
	memory.Grow(n)
	keep := func(s string) string {
		memory.WriteString(s)
		return memory.String()[memory.Len()-len(s):]
	}
	own := Credentials{Account: keep(c.Account), Token: keep(c.Token), Tokens: slices.Clone(c.Tokens), Owned: c.Owned}
	for i := range own.Tokens {
		t := &own.Tokens[i]
		t.Value, t.Store, t.Product = keep(t.Value), StoreID(keep(string(t.Store))), keep(t.Product)
	}
	return own
}
