package gatetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skugate/skugate/core"
)

func names(c *counter) {
	id, info := c.store.ID(), c.store.Describe()
	if id == "" || info.Platform == "" || info.Application == "" || info.Environment == "" {
		c.Errorf("it is %q, %+v; the ID, the platform, the application and the environment may not be empty", id, info)
	}
	c.lookup(c.Products[0], c.Buy(c.Products[0], ""))
	other := c.Connect(c.tap)
	for what, s := range map[string]core.Store{"after a look-up": c.store, "another client of the same settings": other} {
		if s.ID() != id || s.Describe() != info {
			c.Errorf("%s: %q, %+v; before: %q, %+v", what, s.ID(), s.Describe(), id, info)
		}
	}
}

func sells(c *counter) {
	for _, p := range c.Products {
		if err := c.store.CheckProduct(p); err != nil {
			c.Errorf("%s is sold: %v", p, err)
		}
		for what, bad := range map[string]core.Product{
			"another store's":             p.On(c.store.ID() + "-2"),
			"of a kind that is none":      {Store: p.Store, Kind: "lottery", ID: p.ID},
			"without a kind":              {Store: p.Store, ID: p.ID},
			"without an id":               {Store: p.Store, Kind: p.Kind},
			"with a line break":           {Store: p.Store, Kind: p.Kind, ID: p.ID + "\r\nX: y"},
			"which is a dot segment":      {Store: p.Store, Kind: p.Kind, ID: ".."},
			"with a byte that is no text": {Store: p.Store, Kind: p.Kind, ID: p.ID + "\xff"},
		} {
			if c.store.CheckProduct(bad) == nil {
				c.Errorf("it would sell a product %s", what)
			}
			var se *core.StoreError
			if purchase, err := c.store.Lookup(c.Context(), bad, c.Unknown); purchase != nil || !errors.As(err, &se) || se.Fault != core.FaultMisconfigured {
				c.Errorf("looking up a product %s: %v, %v; want FaultMisconfigured", what, purchase, err)
			}
		}
	}
	c.wantNothingSent()
}

// junk is what no market issues as a token.
func junk() []string {
	return []string{"", ".", "..", "junk here", "junk\tjunk", "junk\r\nX: y", "junk\x00junk", "junk\xffjunk", strings.Repeat("junk", 4096)}
}

func knowsTokens(c *counter) {
	for _, token := range junk() {
		err := c.store.CheckToken(token)
		if err == nil {
			c.Errorf("a token of %d bytes (%.12q) is none, and it takes it", len(token), token)
		}
		c.tellsNothing(err, token)
	}
	if err := c.store.CheckToken(c.Unknown); err != nil {
		c.Errorf("Market.Unknown is to look like a token: %v", err)
	}
	for _, p := range c.Products {
		if err := c.store.CheckToken(c.Buy(p, buyer)); err != nil {
			c.Errorf("it refuses a token that its market issued for %s: %v", p, err)
		}
	}
	c.wantNothingSent()
}

func sendsNoJunk(c *counter) {
	for _, token := range junk() {
		_, err := c.lookup(c.Products[0], token)
		c.wantNo(err, "looking up %.12q", token)
	}
	c.wantNothingSent()
}

// A token that is taken is data: it may not become another path, another query or a header.
func tokensStay(c *counter) {
	shape := func() string {
		sent, _ := c.tap.seen()
		r := sent[len(sent)-1]
		keys := []string{}
		for key := range r.URL.Query() {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		return fmt.Sprint(r.Method, " ", r.URL.Host, " ", strings.Count(r.URL.EscapedPath(), "/"), " ", keys)
	}
	for _, p := range c.Products {
		_, err := c.lookup(p, c.Unknown)
		c.wantNo(err, "looking up an unknown token of %s", p)
		want := shape()
		for _, token := range []string{
			"junk/../junk", "../junk", "junk/junk", "junk%2fjunk", "junk%2e%2e", "junk?a=b", "junk&a=b", "junk#junk",
			`junk"junk`, `junk\junk`, "junk;junk", "junk+junk", "junk:acknowledge", "junkä",
		} {
			if c.store.CheckToken(token) != nil {
				continue
			}
			_, err := c.lookup(p, token)
			c.wantNo(err, "looking up %q", token)
			if got := shape(); got != want {
				c.Errorf("with the token %q a look-up is %s, with another one %s", token, got, want)
			}
		}
	}
}

func (c *counter) wantNothingSent() {
	c.Helper()
	if sent, _ := c.tap.seen(); len(sent) > 0 {
		c.Errorf("%d requests were sent, the first one %s", len(sent), sent[0].Method)
	}
}

// wantNo fails unless err is the market's word, or the client's own, that there is no such purchase.
func (c *counter) wantNo(err error, what string, args ...any) {
	c.Helper()
	var se *core.StoreError
	if !errors.As(err, &se) || se.Fault != core.FaultNotFound && se.Fault != core.FaultTokenRefused {
		c.Errorf(what+": %v; want a *core.StoreError with FaultNotFound or FaultTokenRefused", append(args, err)...)
	}
}
