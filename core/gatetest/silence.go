package gatetest

import (
	"fmt"
	"strings"
)

// canary stands in every answer that the suite makes up, and in no error.
const canary = "canary-in-the-body"

// tellsNothing fails if an error, or anything that it wraps, tells what is not for a log: the token, a secret, a
// URL or a body.
func (c *counter) tellsNothing(err error, token string) {
	c.Helper()
	never := map[string]string{canary: "the body of an answer", "://": "a URL"}
	if len(token) > 3 { // a shorter one stands in many words
		never[token] = "the purchase token"
	}
	for _, s := range append(c.tap.learned(), c.Secrets...) {
		never[s] = "a secret"
	}
	sent, _ := c.tap.seen()
	for _, r := range sent {
		never[r.URL.Host], never[r.URL.Path] = "the host", "the path"
	}
	for _, e := range chain(err) {
		text := fmt.Sprintf("%v %+v", e, e)
		for secret, what := range never {
			if len(secret) > 2 && strings.Contains(text, secret) {
				c.Errorf("an error, or one that it wraps (%T), tells %s: %s", e, what, text)
			}
		}
	}
}

// chain is an error with all that it wraps.
func chain(err error) (all []error) {
	if err == nil {
		return nil
	}
	all = append(all, err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		all = append(all, chain(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, w := range e.Unwrap() {
			all = append(all, chain(w)...)
		}
	}
	return all
}
